/**
 * Parameters and value sets. A set is a layer: `default` lies under all, and several can be laid over each other
 * (`prod,checkout`). Which layers are to be checked together is decided in layering.ts.
 */
import type { Report } from './diagnostic.ts';
import { expressionsIn, fillIn, isWellWritten } from './expression.ts';
import { refuseSecret } from './secrets.ts';
import type { Range } from './source.ts';
import { suggest } from './suggest.ts';
import { mapChild } from './tree.ts';
import type { MapNode, TextNode } from './tree.ts';

/** One file of a definition: the drill itself, or the estate that it shares with others. */
export interface Part {
  root: MapNode;
  isEstate: boolean;
}

interface Parameter {
  name: string;
  at: Range;
  fromEstate: boolean;
}

export interface ValueSet {
  name: string;
  at: Range;
  values: Map<string, TextNode>;
}

export interface Parameters {
  declared: Map<string, Parameter>;
  /** In the order of the files, `default` included. */
  sets: Map<string, ValueSet>;
}

export interface ResolvedValues {
  /** What the layers are called together, e.g. `prod,checkout`. */
  label: string;
  declared: ReadonlySet<string>;
  /** Only parameters whose value is known. */
  given: ReadonlyMap<string, { text: string; at: Range }>;
}

export const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/;

export function readParameters(parts: readonly Part[], report: Report): Parameters {
  const declared = new Map<string, Parameter>();
  for (const { root, isEstate } of parts) {
    for (const { key, keyAt, value } of sectionEntries(root, 'parameters', report)) {
      if (!namePattern.test(key)) {
        report.add('bad-name', keyAt, `'${key}' is no name: letters, digits, - and _, beginning with a letter`);
      } else if (declared.has(key)) {
        report.add('in-estate-too', keyAt, `parameter '${key}' is in the estate too: keep one`);
      } else {
        if (value.kind === 'empty') report.add('no-value', keyAt, `'${key}' has no value: say what it means`);
        else if (value.kind !== 'text') report.add('wrong-shape', value.at, `'${key}' takes its meaning, as a text`);
        declared.set(key, { name: key, at: keyAt, fromEstate: isEstate });
      }
    }
  }
  const sets = new Map<string, ValueSet>();
  for (const { root } of parts) readSets(root, declared, sets, report);
  return { declared, sets };
}

function readSets(
  root: MapNode,
  declared: ReadonlyMap<string, Parameter>,
  sets: Map<string, ValueSet>,
  report: Report,
): void {
  for (const { key, keyAt, value } of sectionEntries(root, 'values', report)) {
    if (!namePattern.test(key)) {
      report.add('bad-name', keyAt, `'${key}' is no name: letters, digits, - and _, beginning with a letter`);
      continue;
    }
    const set: ValueSet = sets.get(key) ?? { name: key, at: keyAt, values: new Map() };
    sets.set(key, set);
    if (value.kind === 'empty') report.add('no-value', keyAt, `'${key}' has no value`);
    else if (value.kind !== 'map') report.add('wrong-shape', value.at, `'${key}' takes a map of parameters`);
    else readSet(value, set, declared, report);
  }
}

function readSet(node: MapNode, set: ValueSet, declared: ReadonlyMap<string, Parameter>, report: Report): void {
  for (const { key, keyAt, value } of node.entries) {
    const suggestion = declared.has(key) ? undefined : suggest(key, declared.keys());
    if (!declared.has(key)) report.add('unknown-parameter', keyAt, `no parameter '${key}'`, { suggestion });
    const parameter = suggestion ?? key;
    if (set.values.has(parameter)) {
      if (!suggestion) report.add('in-estate-too', keyAt, `'${key}' of '${set.name}' is in the estate too: keep one`);
    } else if (value.kind === 'text') {
      const good = value.broken === true || (isWellWritten(value, report) && !refuseSecret(value, report));
      set.values.set(parameter, good ? value : { ...value, broken: true });
    } else {
      if (value.kind === 'empty') report.add('no-value', keyAt, `'${key}' has no value`);
      else report.add('wrong-shape', value.at, `'${key}' takes a text`);
      set.values.set(parameter, { kind: 'text', text: '', at: keyAt, broken: true });
    }
  }
}

function sectionEntries(root: MapNode, section: string, report: Report): MapNode['entries'] {
  const entry = root.entries.find(({ key }) => key === section);
  if (!entry || (entry.value.kind === 'text' && entry.value.broken)) return [];
  if (entry.value.kind === 'empty') report.add('no-value', entry.keyAt, `'${section}' has no value`);
  else if (entry.value.kind !== 'map') report.add('wrong-shape', entry.value.at, `'${section}' takes a map of names`);
  return mapChild(root, section)?.entries ?? [];
}

/** The names that the layers leave without a value. */
export const missingIn = ({ declared, sets }: Parameters, layers: readonly string[]): string[] =>
  [...declared.keys()].filter((name) => !layersUnder(sets, layers).some(({ values }) => values.has(name)));

const layersUnder = (sets: ReadonlyMap<string, ValueSet>, layers: readonly string[]): ValueSet[] =>
  ['default', ...layers].flatMap((name) => sets.get(name) ?? []);

/**
 * The values of the layers, later ones over earlier ones; a value may refer to other parameters.
 * @param fallbackAt where to report a missing value when there is no set to point at
 */
export function resolveValues(
  parameters: Parameters,
  layers: readonly string[],
  fallbackAt: Range,
  report: Report,
): ResolvedValues {
  const { declared, sets } = parameters;
  const label = layers.length > 0 ? layers.join(',') : 'default';
  const under = layersUnder(sets, layers);
  const written = new Map(under.flatMap(({ values }) => [...values]));
  const given = new Map<string, { text: string; at: Range }>();
  const done = new Set<string>();

  const resolve = (name: string, path: readonly string[]): void => {
    const node = written.get(name);
    if (!node || done.has(name)) return;
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name];
      report.add('self-defined', node.at, `'${name}' is defined by itself: ${circle.join(' -> ')}`);
      for (const member of circle) done.add(member);
      return;
    }
    const uses = expressionsIn(node.text).flatMap((found) => (found.kind === 'parameter' ? [found] : []));
    for (const use of uses) {
      if (!declared.has(use.name)) {
        const suggestion = suggest(use.name, declared.keys());
        report.add('unknown-parameter', node.at, `no parameter '${use.name}'`, { suggestion });
      }
      resolve(use.name, [...path, name]);
    }
    if (done.has(name)) return;
    done.add(name);
    if (node.broken || uses.some((use) => !given.has(use.name))) return;
    given.set(name, { text: fillIn(node.text, given), at: node.at });
  };

  for (const name of declared.keys()) resolve(name, []);
  reportMissing(parameters, layers, fallbackAt, report);
  return { label, declared: new Set(declared.keys()), given };
}

function reportMissing(parameters: Parameters, layers: readonly string[], fallbackAt: Range, report: Report): void {
  const missing = missingIn(parameters, layers);
  if (missing.length === 0) return;
  const { declared, sets } = parameters;
  const names = missing.map((name) => `'${name}'`).join(', ');
  const lowest = layersUnder(sets, layers).at(-1);
  const choice = [...sets.values()].filter(({ name }) => name !== 'default');
  if (layers.length === 0 && choice.length > 0) {
    const message = `which values? Name a set with --values (there is ${namesOf(choice)}); without one, nothing gives ${names}`;
    report.add('value-missing', choice[0]!.at, message);
  } else if (lowest) {
    report.add('value-missing', lowest.at, `'${layers.join(',') || 'default'}' gives no ${names}`);
  } else {
    const at = declared.get(missing[0]!)?.at ?? fallbackAt;
    report.add('value-missing', at, `there are no values: nothing gives ${names}`);
  }
}

/** How many value sets are listed in a message. */
const listedSets = 12;

/** The names of value sets; an estate may have one for each of its services. */
export function namesOf(sets: Iterable<ValueSet>): string {
  const names = [...sets].map(({ name }) => name);
  const more = names.length - listedSets;
  return `${names.slice(0, listedSets).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
