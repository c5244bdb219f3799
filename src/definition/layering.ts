/**
 * Which value sets a definition is read with. `validate` tries them all: every set by itself, sets that only make sense laid
 * over each other in pairs (`prod` with each service of an estate), and whatever the schedule lays over each other.
 */
import type { Report } from './diagnostic.ts';
import type { Range } from './source.ts';
import { suggest } from './suggest.ts';
import { missingIn, namesOf } from './values.ts';
import type { Parameters } from './values.ts';

export type Layers = readonly string[];

/** The layers to check, none twice. `[]` stands for `default` alone. */
export function layersToCheck(parameters: Parameters, scheduled: readonly Layers[]): Layers[] {
  const names = [...parameters.sets.keys()].filter((name) => name !== 'default');
  if (names.length === 0) return [[]];
  const incomplete = names.filter((name) => missingIn(parameters, [name]).length > 0);
  const found: Layers[] = [];
  for (const name of names) {
    const pairs = incomplete.includes(name)
      ? incomplete.filter((other) => complement(parameters, name, other)).map((other) => [name, other])
      : [];
    if (pairs.length > 0) found.push(...pairs.map((pair) => names.filter((one) => pair.includes(one))));
    else if (!incomplete.includes(name) || !scheduled.some((layers) => layers.length > 1 && layers.includes(name))) {
      found.push([name]);
    }
  }
  return [...new Map([...found, ...scheduled].map((layers) => [layers.join(','), layers])).values()];
}

/** Two sets that share no parameter and give all of them together: layers of one choice, not two forgetful choices. */
function complement(parameters: Parameters, a: string, b: string): boolean {
  const [left, right] = [parameters.sets.get(a)!.values, parameters.sets.get(b)!.values];
  const disjoint = [...left.keys()].every((name) => !right.has(name));
  return a !== b && disjoint && missingIn(parameters, [a, b]).length === 0;
}

/** Whether all layers that were asked for are there; those that aren't are reported. */
export function areKnown(asked: Layers, { sets }: Parameters, at: Range, report: Report): boolean {
  const unknown = asked.filter((name) => !sets.has(name));
  for (const name of unknown) {
    const there = sets.size > 0 ? ` (there is ${namesOf(sets.values())})` : '';
    report.add('unknown-value-set', at, `no value set '${name}'${there}`, { suggestion: suggest(name, sets.keys()) });
  }
  return unknown.length === 0;
}
