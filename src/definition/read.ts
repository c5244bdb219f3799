/**
 * Reads a node of a definition with a zod schema, and says for every single place what is wrong there. zod's own messages
 * would stop at the first unknown key and call every wrong alternative "Invalid input"; so the tree and the schema are walked
 * together here, and zod judges single texts.
 *
 * A misspelt key is reported and then read as the key it was meant to be, so that one slip is one diagnostic.
 */
import type { z } from 'zod';
import { metaOf } from '../domain/fields.ts';
import type { DiagnosticCode, Report } from './diagnostic.ts';
import { refersToRun, soleExpression } from './expression.ts';
import type { ProjectFiles } from './project.ts';
import { takeFile } from './project.ts';
import type { SectionMeta } from './schema.ts';
import { refuseSecret } from './secrets.ts';
import type { Range } from './source.ts';
import { suggest } from './suggest.ts';
import { isBroken, plain, textsIn } from './tree.ts';
import type { MapNode, Node, TextNode } from './tree.ts';

export type Shape = Readonly<Record<string, z.ZodType>>;

/** A name that the definition stage has to look up once everything is read. */
export interface NameUse {
  kind: 'target' | 'step' | 'probe' | 'location';
  /** The parameter that it was given to. */
  key: string;
  node: TextNode;
  /** Of a target: which types are taken. */
  targetTypes: readonly string[];
}

export interface Reading {
  report: Report;
  project: ProjectFiles;
  /** Whether `$(targets…)` and `$(steps…)` may stand in what is read. */
  mayReferToRun: boolean;
  /** Collects the names of targets, steps and probes that were met. */
  names: NameUse[];
  /** Collects the files that were named, by path, with their contents. */
  files: Map<string, string>;
}

/** What is read, for messages: `probe 'write'`, and where to point when something is missing in it. */
export interface Subject {
  what: string;
  at: Range;
}

type Output<S extends Shape> = Partial<z.output<z.ZodObject<S>>>;

/** The members of a map that are good; everything else is reported. */
export function readShape<const S extends Shape>(
  reading: Reading,
  shape: S,
  node: Node | undefined,
  subject: Subject,
): Output<S> {
  if (node === undefined || isBroken(node)) return {};
  if (node.kind === 'empty') reading.report.add('no-value', subject.at, `${subject.what} has no value`);
  else if (node.kind !== 'map') {
    const keys = Object.keys(shape).slice(0, 4).join(', ');
    reading.report.add('wrong-shape', node.at, `${subject.what} takes a map of keys (${keys}${keys ? ' …' : ''})`);
  } else return readMap(reading, shape, node, subject);
  return {};
}

function readMap<S extends Shape>(reading: Reading, shape: S, node: MapNode, subject: Subject): Output<S> {
  mendKeys(node, Object.keys(shape), reading.report);
  const found: Record<string, unknown> = {};
  for (const { key, value } of node.entries) {
    if (!Object.hasOwn(shape, key)) continue;
    const read = readValue(reading, shape[key]!, value, key);
    if (read !== undefined) found[key] = read;
  }
  for (const [key, schema] of Object.entries(shape)) {
    if (!isOptional(schema) && !node.entries.some((entry) => entry.key === key)) {
      reading.report.add('missing-key', subject.at, `${subject.what} needs '${key}'`);
    }
  }
  return found as Output<S>;
}

/** Reports unknown keys, and gives each its probable meaning when that key isn't there already. */
export function mendKeys(node: MapNode, known: readonly string[], report: Report): void {
  for (const entry of node.entries) {
    if (known.includes(entry.key)) continue;
    const free = known.filter((key) => !node.entries.some((other) => other.key === key));
    const suggestion = suggest(entry.key, free) ?? suggest(entry.key, known);
    report.add('unknown-key', entry.keyAt, `unknown key '${entry.key}'`, { suggestion });
    if (suggestion !== undefined && free.includes(suggestion)) entry.key = suggestion;
  }
}

interface Def {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  shape?: Shape;
  element?: z.ZodType;
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  options?: readonly z.ZodType[];
  entries?: Record<string, string>;
}
const defOf = (schema: z.ZodType): Def => schema.def;

const wrappers = new Set(['optional', 'default', 'prefault', 'nullable', 'readonly', 'catch', 'nonoptional']);

const neverMissing = new Set(['optional', 'default', 'prefault', 'catch', 'unknown', 'any']);

/** Whether the key may be left out. */
export function isOptional(schema: z.ZodType): boolean {
  const { type, innerType } = defOf(schema);
  return neverMissing.has(type) || (innerType !== undefined && wrappers.has(type) && isOptional(innerType));
}

function readValue(reading: Reading, schema: z.ZodType, node: Node, key: string): unknown {
  const def = defOf(schema);
  if (def.innerType && wrappers.has(def.type)) return readValue(reading, def.innerType, node, key);
  if (isBroken(node)) return undefined;
  if (node.kind === 'empty') {
    reading.report.add('no-value', node.at, `'${key}' has no value`);
    return undefined;
  }
  if (def.type === 'pipe' && def.in && expectedKind(def.in) !== 'text') return readValue(reading, def.in, node, key);
  if (def.type === 'union') return readUnion(reading, def.options ?? [], node, key);
  const expected = expectedKind(schema);
  if (expected === 'anything') return plain(node);
  if (expected !== node.kind) {
    reading.report.add('wrong-shape', node.at, `'${key}' takes a ${shapeWords[expected]}, not a ${node.kind}`);
    return undefined;
  }
  if (node.kind === 'list') {
    return node.items.map((item) => readValue(reading, def.element!, item, key)).filter((read) => read !== undefined);
  }
  if (node.kind === 'text') return readText(reading, schema, node, key);
  if (def.shape) return readMap(reading, def.shape, node, { what: `'${key}'`, at: node.at });
  return readRecord(reading, def, node);
}

const shapeWords = { text: 'text', list: 'list', map: 'map of keys' };

function expectedKind(schema: z.ZodType): 'text' | 'list' | 'map' | 'anything' {
  const def = defOf(schema);
  if (def.innerType && wrappers.has(def.type)) return expectedKind(def.innerType);
  if (def.type === 'pipe' && def.in) return expectedKind(def.in);
  if (def.type === 'object' || def.type === 'record') return 'map';
  if (def.type === 'array') return 'list';
  return def.type === 'unknown' || def.type === 'any' ? 'anything' : 'text';
}

function readUnion(reading: Reading, options: readonly z.ZodType[], node: Node, key: string): unknown {
  const fitting = options.filter((option) => [node.kind, 'anything'].includes(expectedKind(option)));
  if (fitting.length === 0) {
    const kinds = [...new Set(options.map(expectedKind))].filter((kind) => kind !== 'anything');
    const words = kinds.map((kind) => `a ${shapeWords[kind]}`).join(' or ');
    reading.report.add('wrong-shape', node.at, `'${key}' takes ${words}, not a ${node.kind}`);
    return undefined;
  }
  const chosen = fitting.find((option) => option.safeParse(plain(node)).success) ?? fitting[0]!;
  return readValue(reading, chosen, node, key);
}

function readRecord(reading: Reading, { keyType, valueType }: Def, node: MapNode): unknown {
  const { report } = reading;
  const found: Record<string, unknown> = {};
  for (const { key, keyAt, value } of node.entries) {
    const refused = keyType!.safeParse(key).error?.issues[0];
    if (key.includes('$(')) report.add('computed-name', keyAt, "names can't be computed");
    else if (refused) report.add('invalid-value', keyAt, `'${shorten(key)}': ${refused.message}`);
    else found[key] = readValue(reading, valueType!, value, key);
  }
  return found;
}

const codes: Readonly<Record<string, DiagnosticCode>> = {
  duration: 'needs-unit',
  percent: 'not-a-percentage',
  rate: 'not-a-rate',
  count: 'not-a-count',
  flag: 'not-a-flag',
  choice: 'not-a-choice',
  secret: 'secret-in-file',
};

function readText(reading: Reading, schema: z.ZodType, node: TextNode, key: string): unknown {
  const { report } = reading;
  const meta = metaOf(schema);
  const kind = meta?.kind;
  if (kind === 'target' || kind === 'step' || kind === 'probe' || kind === 'location') {
    reading.names.push({ kind, key, node, targetTypes: meta!.targetTypes ?? [] });
    return node.text;
  }
  if (meta?.isName === true && refuseComputed(node, report)) return undefined;
  if (refersToRun(node.text)) {
    if (reading.mayReferToRun && (meta === undefined || meta.kind === 'text')) return node.text;
    const why = reading.mayReferToRun ? `a ${meta?.kind}` : 'it must be known before the run';
    report.add('expression-not-allowed', node.at, `'${key}' can't refer to the run: ${why}`);
    return undefined;
  }
  if (meta?.kind !== 'secret' && refuseSecret(node, report)) return undefined;
  const result = schema.safeParse(node.text);
  const known = meta?.known as SectionMeta['known'];
  const meant = suggestChoice(schema, node.text) ?? (known && suggest(node.text, known.texts));
  if (result.success) {
    if (known && !known.texts.includes(node.text)) {
      const message = describe(key, node, known.code, known.warning);
      report.add(known.code, node.at, message, { suggestion: meant, severity: 'warning' });
    }
    return meta?.kind === 'file' ? takeFile(reading.project, reading.files, node, report) : result.data;
  }
  const [issue] = result.error.issues;
  // What is written as it should be, and is none all the same: too short, too many.
  const ofKind = issue?.code === 'custom' ? undefined : codes[meta?.kind ?? ''];
  const code = (meta?.code as DiagnosticCode | undefined) ?? ofKind ?? 'invalid-value';
  const message = describe(key, node, code, issue?.message ?? 'is not good');
  report.add(node.text === '' ? 'no-value' : code, node.at, message, { suggestion: meant });
  return undefined;
}

function describe(key: string, node: TextNode, code: DiagnosticCode, message: string): string {
  if (node.text === '') return `'${key}' has no value`;
  const found = code === 'secret-in-file' ? `'${key}':` : `'${key}': '${shorten(node.text)}'`;
  const said = message.startsWith('not ') ? `${found} is ${message}` : `${found} ${message}`;
  const { computed } = node;
  if (!computed) return said;
  return computed.whole
    ? `${said} ('${computed.whole.parameter}' stands there)`
    : `${said} (with '${computed.values}')`;
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

function suggestChoice(schema: z.ZodType, text: string): string | undefined {
  const def = defOf(schema);
  if (def.innerType) return suggestChoice(def.innerType, text);
  if (def.type === 'pipe' && def.in) return suggestChoice(def.in, text);
  return def.entries && suggest(text, Object.values(def.entries));
}

/** Whether the name was computed, which is then reported. A parameter's place is where the name should stand. */
export function refuseComputed(node: TextNode, report: Report): boolean {
  if (!node.computed && !node.text.includes('$(')) return false;
  report.add('computed-name', node.computed?.writtenAt ?? node.at, "names can't be computed: write the name itself");
  return true;
}

/** Reads the parameters of an action, probe or target; rules of the schema that join several fields are asked last. */
export function readParams(
  reading: Reading,
  params: z.ZodObject,
  node: Node,
  subject: Subject,
): Readonly<Record<string, unknown>> {
  const before = reading.report.said;
  const found = readShape(reading, params.shape as Shape, node, subject);
  const texts = [...partsOf(node, params.shape)];
  const broken = texts.some((text) => text.broken === true);
  if (reading.report.said > before || broken || node.kind !== 'map') return found;
  const result = params.safeParse(plain(node));
  // Of what only the run will know, the rules still hold that are about all parameters together: which go with which.
  const open = texts.some(({ text, isTarget }) => refersToRun(text) && !isTarget);
  const issues = (result.error?.issues ?? []).filter(({ path }) => !open || path.length === 0);
  for (const issue of issues) {
    const at = issue.path.reduce<Node | undefined>(
      (inner, part) =>
        inner?.kind === 'list'
          ? inner.items[Number(part)]
          : inner?.kind === 'map'
            ? inner.entries.find(({ key }) => key === part)?.value
            : undefined,
      node,
    );
    reading.report.add(
      'invalid-value',
      at === undefined || at === node ? subject.at : at.at,
      `${subject.what}: ${issue.message}`,
    );
  }
  return found;
}

/** The texts in a map of parameters. A target that a step will give is as good as a declared one: nothing is open about it. */
function* partsOf(node: Node, shape: Shape): Generator<TextNode & { isTarget: boolean }> {
  const isTarget = (key: string): boolean => shape[key] !== undefined && metaOf(shape[key])?.kind === 'target';
  if (node.kind !== 'map') return;
  for (const { key, value } of node.entries) {
    for (const text of textsIn(value)) yield { ...text, isTarget: isTarget(key) };
  }
  for (const dropped of node.dropped ?? []) {
    for (const text of textsIn(dropped)) yield { ...text, isTarget: false };
  }
}

/** The output of a step that stands where a target is taken. */
export function outputGiven(node: TextNode): { step: string; output: string } | undefined {
  const sole = node.computed ? undefined : soleExpression(node.text);
  return sole?.kind === 'output' ? sole : undefined;
}
