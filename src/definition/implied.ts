/** What a step does not say because only one thing can be meant: the output of the one step before it that gives such. */
import type { ActionSpec } from '../domain/catalogue.ts';
import type { WithValue } from '../domain/drill.ts';
import { entryOf, mapChild, plain } from './tree.ts';
import type { MapNode, Node } from './tree.ts';

/** A step that has ended. */
interface Before {
  id: string;
  spec?: ActionSpec;
}

/**
 * The step with a complete `with`. What was filled in stands where that begins.
 * @param before steps that have ended when it begins
 */
export function withImplied(step: MapNode, { implied }: ActionSpec, before: readonly Before[]): MapNode {
  const given = mapChild(step, 'with');
  if (!implied || !given || entryOf(given, implied.param)) return step;
  const { param, output, neededBy } = implied;
  const [giving, ...others] = before.filter(({ spec }) => spec?.outputs?.[output] !== undefined);
  if (!giving || others.length > 0 || !neededBy(plain(given) as Readonly<Record<string, WithValue>>)) return step;
  const value: Node = { kind: 'text', text: `$(steps.${giving.id}.outputs.${output})`, at: given.at };
  const completed: MapNode = { ...given, entries: [...given.entries, { key: param, keyAt: given.at, value }] };
  return {
    ...step,
    entries: step.entries.map((entry) => (entry.key === 'with' ? { ...entry, value: completed } : entry)),
  };
}
