/** The phases of a drill and their steps: what happens, in which order. What steps mean to each other is in rules/. */
import type { ActionSpec, Catalogue, ProbeSpec } from '../domain/catalogue.ts';
import { metaOf } from '../domain/fields.ts';
import { phases } from '../domain/drill.ts';
import type { Phase, Step, StepGroup, WithValue } from '../domain/drill.ts';
import type { TargetInfo } from './places.ts';
import { isOptional, mendKeys, readParams, readShape, refuseComputed } from './read.ts';
import type { NameUse, Reading, Shape } from './read.ts';
import { stepShape } from './schema.ts';
import { withImplied } from './implied.ts';
import { positionOf } from './source.ts';
import type { Range } from './source.ts';
import { suggest } from './suggest.ts';
import { child, entryOf, isBroken, plain, textChild } from './tree.ts';
import type { MapNode, Node } from './tree.ts';

/** What a step has in place of a target: a declared one, or the output of a step that made one. */
export interface TargetUse {
  /** The declared target's name, or the expression as written. */
  ref: string;
  target?: TargetInfo;
  /** Id of the step whose output it is. */
  outputOf?: string;
  at: Range;
}

export interface StepInfo {
  id: string;
  phase: Phase;
  /** Steps with the same number run together; lower numbers are finished before. */
  group: number;
  node: MapNode;
  /** Where its id stands. */
  at: Range;
  spec?: ActionSpec;
  read: ReturnType<typeof readBase>;
  /** Filled in by references.ts, by parameter. */
  targets: Map<string, TargetUse>;
  /** Locations that its parameters name. Filled in by references.ts. */
  locations: Set<string>;
  /** Of an undo step: the id of the step that it takes back. Filled in by references.ts. */
  undoes?: string;
  names: NameUse[];
}

export function readSteps(root: MapNode, catalogue: Catalogue, reading: Reading): StepInfo[] {
  refusePhaseOrder(root, reading);
  const found: StepInfo[] = [];
  const groups = { next: 0 };
  for (const phase of phases) {
    const entry = entryOf(root, phase);
    if (!entry || isBroken(entry.value)) continue;
    if (entry.value.kind === 'empty') reading.report.add('no-value', entry.keyAt, `'${phase}' has no value`);
    else if (entry.value.kind !== 'list') {
      reading.report.add('wrong-shape', entry.value.at, `'${phase}' takes a list of steps, not a ${entry.value.kind}`);
    } else
      for (const item of entry.value.items)
        found.push(...readGroup(item, { phase, group: groups.next++, before: [...found] }, catalogue, reading));
  }
  refuseDuplicates(found, reading);
  return found;
}

function refusePhaseOrder(root: MapNode, { report }: Reading): void {
  const written = root.entries.filter(({ key }) => phases.includes(key as Phase));
  const inPlace = longestAscent(written.map(({ key }) => phases.indexOf(key as Phase)));
  for (const { key, keyAt } of written) {
    const index = phases.indexOf(key as Phase);
    if (inPlace.includes(index)) continue;
    const next = phases.slice(index + 1).find((phase) => entryOf(root, phase));
    const place = next ? `before '${next}'` : 'to the end';
    report.add('phase-order', keyAt, `move '${key}' ${place}: phases stand in the order in which they happen`);
  }
}

/** The longest subsequence that ascends, the one that begins first: what is left over stands in the wrong place. */
function longestAscent(numbers: readonly number[]): readonly number[] {
  const endingAt: number[][] = [];
  for (const number of numbers) {
    const before = endingAt.filter((run) => run.at(-1)! < number);
    endingAt.push([...before.reduce((best, run) => (run.length > best.length ? run : best), []), number]);
  }
  return endingAt.reduce((best, run) => (run.length > best.length ? run : best), []);
}

function refuseDuplicates(steps: readonly StepInfo[], { report }: Reading): void {
  const seen = new Set<string>();
  for (const { id, at } of steps) {
    if (id !== '' && seen.has(id)) report.add('duplicate-step', at, `two steps are called '${id}'`);
    seen.add(id);
  }
}

/** Where a step stands. */
interface Place {
  phase: Phase;
  group: number;
  /** Steps of earlier groups. */
  before: readonly StepInfo[];
}

function readGroup(item: Node, place: Place, catalogue: Catalogue, reading: Reading): StepInfo[] {
  const parallel = entryOf(item, 'parallel');
  if (!parallel) return readStep(item, place, catalogue, reading);
  mendKeys(item as MapNode, ['parallel'], reading.report);
  if (isBroken(parallel.value)) return [];
  if (parallel.value.kind !== 'list') {
    const code = parallel.value.kind === 'empty' ? 'no-value' : 'wrong-shape';
    reading.report.add(
      code,
      parallel.keyAt,
      code === 'no-value' ? "'parallel' has no value" : "'parallel' takes a list of steps",
    );
    return [];
  }
  return parallel.value.items.flatMap((inner) => {
    const nested = entryOf(inner, 'parallel');
    if (nested) reading.report.add('nested-parallel', nested.keyAt, "no 'parallel' within 'parallel': write one list");
    return nested ? [] : readStep(inner, place, catalogue, reading);
  });
}

const readBase = (node: Node, at: Range, reading: Reading) => {
  const id = textChild(node, 'id')?.text;
  return readShape({ ...reading, mayReferToRun: false }, stepShape, node, { what: id ? `step '${id}'` : 'a step', at });
};

function readStep(node: Node, { phase, group, before }: Place, catalogue: Catalogue, reading: Reading): StepInfo[] {
  const names: NameUse[] = [];
  const own = { ...reading, names };
  const idNode = node.kind === 'map' ? textChild(node, 'id') : undefined;
  const at = idNode?.at ?? node.at;
  const read = readBase(node, at, own);
  if (node.kind !== 'map') return [];
  const id = read.id ?? idNode?.text ?? '';
  const step: StepInfo = { id, phase, group, node, at, read, targets: new Map(), locations: new Set(), names };
  const spec = specOf(node, catalogue, own);
  if (!spec) return [step];
  step.spec = spec;
  step.node = withImplied(node, spec, before);
  const given = entryOf(step.node, 'with');
  const subject = { what: given ? `'with' of step '${id}'` : `step '${id}'`, at: given?.keyAt ?? at };
  const withNode: Node = given?.value ?? { kind: 'map', entries: [], at };
  if (given || needsParams(spec)) readParams(own, spec.params, withNode, subject);
  if (spec.needsFor === true && !child(node, 'for')) {
    reading.report.add('missing-key', at, `step '${id}' needs 'for': ${spec.name} must know how long`);
  }
  return [step];
}

const needsParams = (spec: ActionSpec): boolean => Object.values(spec.params.shape).some((field) => !isOptional(field));

function specOf(node: MapNode, catalogue: Catalogue, { report }: Reading): ActionSpec | undefined {
  const uses = textChild(node, 'uses');
  if (!uses || refuseComputed(uses, report)) return undefined;
  const spec = catalogue.actions.get(uses.text);
  if (spec) return spec;
  const suggestion = suggest(uses.text, catalogue.actions.keys());
  report.add('unknown-action', uses.at, `no action '${uses.text}'`, { suggestion });
  return suggestion === undefined ? undefined : catalogue.actions.get(suggestion);
}

/** The parameters of a spec that take a target. */
export const targetParams = ({
  params,
}: ActionSpec | ProbeSpec): [key: string, types: readonly string[], required: boolean][] =>
  Object.entries(params.shape as Shape).flatMap(([key, field]) => {
    const meta = metaOf(field);
    return meta?.kind === 'target' ? [[key, meta.targetTypes ?? [], !isOptional(field)]] : [];
  });

/** Where to point for a parameter of a step: its value, else the step. */
export const paramAt = (step: StepInfo, key: string): Range => child(step.node, 'with', key)?.at ?? step.at;

/** The steps of a phase as the drill has them. Only for definitions without errors. */
export function toGroups(steps: readonly StepInfo[], phase: Phase): StepGroup[] {
  const groups = new Map<number, Step[]>();
  for (const step of steps) {
    if (step.phase !== phase) continue;
    groups.set(step.group, [...(groups.get(step.group) ?? []), toStep(step)]);
  }
  return [...groups.values()];
}

function toStep({ id, phase, node, spec, read }: StepInfo): Step {
  const { file, line, column } = positionOf(node.at);
  const given = child(node, 'with');
  return {
    id,
    uses: spec!.name,
    phase,
    with: given ? (plain(given) as Record<string, WithValue>) : {},
    timeoutMs: read.timeout ?? spec!.timeoutMs,
    ...(read.for !== undefined && { forMs: read.for }),
    ...(read.keep !== undefined && { keep: read.keep }),
    at: { file, line, column },
  };
}
