/**
 * Text to tree. YAML is read with its failsafe schema (every scalar is text), and what YAML has beyond maps, lists and texts
 * is refused: aliases, tags, several documents. It knows nothing of drills.
 */
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, Node as YamlNode, Pair, YAMLError } from 'yaml';
import { controlsIn, isLayout } from '../domain/control-characters.ts';
import type { Report } from './diagnostic.ts';
import { positionOf } from './source.ts';
import type { Range, Source } from './source.ts';
import type { Entry, MapNode, Node } from './tree.ts';

/*
 * Two mistakes are so common that the rest of the file must still be checked after them: `title: a: b`, and `${{ x }}` inside
 * `{ }`. Their characters are replaced by stand-ins of equal length before YAML sees them, and put back in the tree.
 */
const standIns: Readonly<Record<string, string>> = { '\uE000': '{', '\uE001': '}', '\uE002': ':' };
const restore = (text: string): string => text.replaceAll(/[\uE000-\uE002]/g, (char) => standIns[char]!);
const guardBraces = (text: string): string =>
  text.replaceAll(/\$\{\{?[^{}\n]*\}\}?/g, (found) => found.replaceAll('{', '\uE000').replaceAll('}', '\uE001'));

const maxColonRepairs = 50;

/** What is said of a file that was not meant to be read here, in place of everything that it lacks. */
export const notADefinition = 'this is no definition: one is a map of keys, beginning with apiVersion: firedrill/v1';

const tooDeep = 'the file is nested too deeply to be read';

/** The file's one map; undefined when the text is so broken that nothing else can be said about it. */
export function parseSource(source: Source, report: Report): MapNode | undefined {
  const document = readDocument(source, report);
  if (!document) return undefined;
  const { contents } = document;
  if (!isMap(contents)) {
    const whole = { source, start: 0, end: 1 };
    if (contents === null || (isScalar(contents) && contents.value === '')) {
      report.add('empty-file', whole, 'the file is empty: a drill begins with apiVersion: firedrill/v1');
    } else {
      report.add('wrong-shape', whole, notADefinition);
    }
    return undefined;
  }
  return new TreeBuilder(source, report).build(contents) as MapNode;
}

function readDocument(source: Source, report: Report): Document | undefined {
  let text = guardBraces(source.text);
  for (let repairs = 0; ; repairs += 1) {
    const [document, ...more] = parseDocuments(text, source, report) ?? [];
    if (!document) return undefined;
    const errors = document.errors.filter(({ code }) => code !== 'BAD_ALIAS');
    if (reportTab(errors, source, report)) return undefined;
    const colon = repairs < maxColonRepairs ? findUnquotedColon(text, errors) : undefined;
    if (colon) {
      const at = { source, start: colon.start, end: colon.at + 1 };
      report.add('unquoted-colon', at, "a text with ': ' in it must stand in quotes");
      text = `${text.slice(0, colon.at)}\uE002${text.slice(colon.at + 1)}`;
      continue;
    }
    const another = more.find(({ contents }) => !isScalar(contents) || contents.value !== '');
    if (another) {
      const start = another.contents?.range?.[0] ?? another.range[0];
      report.add('several-documents', { source, start, end: start + 1 }, 'a file holds one drill: split it at the ---');
    }
    reportSyntax(errors, source, report);
    return errors.length > 0 ? undefined : document;
  }
}

function parseDocuments(text: string, source: Source, report: Report): Document.Parsed[] | undefined {
  const start = { source, start: 0, end: 1 };
  try {
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    if ('empty' in documents) {
      report.add('empty-file', start, 'the file is empty: a drill begins with apiVersion: firedrill/v1');
      return undefined;
    }
    return documents;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.add('yaml-syntax', start, tooDeep);
    return undefined;
  }
}

/** The colon that YAML took for the beginning of a map within a text on one line. */
function findUnquotedColon(text: string, errors: readonly YAMLError[]): { start: number; at: number } | undefined {
  for (const { code, pos } of errors) {
    if (code !== 'BLOCK_AS_IMPLICIT_KEY' && code !== 'BLOCK_IN_FLOW') continue;
    const found = /^[^\n]*?:(?=[ \t\r\n]|$)/.exec(text.slice(pos[0]));
    if (found && !/^["'[{]/.test(found[0])) return { start: pos[0], at: pos[0] + found[0].length - 1 };
  }
  return undefined;
}

/**
 * Indentation with tabs is one mistake, however often it is made and whatever YAML makes of the lines.
 * @returns whether there is any
 */
function reportTab(errors: readonly YAMLError[], source: Source, report: Report): boolean {
  const { text } = source;
  const indents = errors.flatMap(({ pos: [at] }) => {
    const start = text.lastIndexOf('\n', at - 1) + 1;
    const indent = /^[ \t]*/.exec(text.slice(start))![0];
    return indent.includes('\t') ? [start + indent.indexOf('\t')] : [];
  });
  if (indents.length === 0) return false;
  const start = Math.min(...indents);
  const lines = text.match(/^ *\t/gm)!.length;
  const more = lines > 1 ? ` (${lines} lines begin with one)` : '';
  report.add('yaml-syntax', { source, start, end: start + 1 }, `tabs can't indent; use spaces${more}`);
  return true;
}

/** One error a line: what YAML says beyond that follows from the first. */
function reportSyntax(errors: readonly YAMLError[], source: Source, report: Report): void {
  if (errors.length > 0 && !/\bapiVersion\b/.test(source.text)) {
    // What YAML says of each line of prose or code would help nobody.
    report.add('wrong-shape', { source, start: 0, end: 1 }, notADefinition);
    return;
  }
  const lines = new Set<number>();
  for (const { code, message, pos } of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    const [start, end] = pos;
    const { line } = positionOf({ source, start, end });
    if (lines.has(line)) continue;
    lines.add(line);
    report.add('yaml-syntax', { source, start, end }, code === 'RESOURCE_EXHAUSTION' ? tooDeep : firstLine(message));
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.replace(/:$/, '');

class TreeBuilder {
  readonly #source: Source;
  readonly #report: Report;

  constructor(source: Source, report: Report) {
    this.#source = source;
    this.#report = report;
  }

  build(node: unknown): Node {
    if (isAlias(node)) {
      const at = this.#rangeOf(node);
      this.#report.add('alias', at, `no aliases: write out what '*${node.source}' stands for`);
      return { kind: 'text', text: '', at, broken: true };
    }
    this.#refuseTag(node as YamlNode);
    if (isMap(node)) return this.#buildMap(node.items, this.#firstCharacter(node));
    if (isSeq(node)) {
      const items = node.items.map((item) => this.build(item));
      return { kind: 'list', items, at: this.#firstCharacter(node) };
    }
    if (!isScalar(node)) return { kind: 'empty', at: { source: this.#source, start: 0, end: 1 } };
    const at = this.#rangeOf(node);
    const text = restore(String(node.value));
    if (controlsIn(text).some((character) => !isLayout(character))) {
      this.#report.add(
        'control-character',
        at,
        'a text has no control characters but tabs and line ends: none that turn the direction of writing, either',
      );
      return { kind: 'text', text: '', at, broken: true };
    }
    if (node.type === 'PLAIN' && /^(|~|null)$/.test(text)) return { kind: 'empty', at };
    return { kind: 'text', text, at };
  }

  #buildMap(pairs: readonly Pair[], at: Range): MapNode {
    const entries: Entry[] = [];
    const dropped: Node[] = [];
    const seen = new Set<string>();
    for (const { key, value } of pairs) {
      const keyAt = this.#rangeOf(key as YamlNode);
      if (!isScalar(key)) {
        this.#report.add('key-not-text', keyAt, 'a key is a plain text');
        continue;
      }
      const name = restore(String(key.value));
      const built: Node = value === null || value === undefined ? { kind: 'empty', at: keyAt } : this.build(value);
      if (built.kind === 'empty') built.at = keyAt;
      if (name === '<<' && built.kind === 'text' && built.broken) continue;
      if (seen.has(name)) {
        this.#report.add('duplicate-key', keyAt, `'${name}' stands twice`);
        dropped.push(built);
        continue;
      }
      seen.add(name);
      entries.push({ key: name, keyAt, value: built });
    }
    return { kind: 'map', entries, at, ...(dropped.length > 0 && { dropped }) };
  }

  #refuseTag(node: YamlNode | null): void {
    if (!node?.tag) return;
    const { start } = this.#rangeOf(node);
    const before = this.#source.text.lastIndexOf('!', start);
    const shorthand = /^!\S*/.exec(this.#source.text.slice(before))?.[0] ?? node.tag;
    const tagStart = this.#source.text[before - 1] === '!' ? before - 1 : before;
    const at = { source: this.#source, start: tagStart, end: tagStart + shorthand.length };
    this.#report.add('tag', at, 'no tags: every value is a text, typed by its key');
  }

  #rangeOf(node: YamlNode | null): Range {
    const [start, end] = node?.range ?? [0, 1];
    return { source: this.#source, start, end: Math.max(end, start) };
  }

  #firstCharacter(node: YamlNode): Range {
    const { source, start } = this.#rangeOf(node);
    return { source, start, end: start + 1 };
  }
}
