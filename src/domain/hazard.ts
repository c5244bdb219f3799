/**
 * Which steps must not hit production unless somebody said yes first. One rule, asked twice: of a definition whose drill a
 * schedule starts, where nobody is there to consent, and of a plan, where whoever starts the run may.
 */
import type { Phase } from './drill.ts';

/** What the rule must know of a step. */
export interface Hazard {
  phase: Phase;
  /** Steps with a lower number are finished before. */
  group: number;
  effect: 'changes' | 'creates' | 'observes' | 'undo';
  fault: boolean;
  /** There is no way back behind it. */
  pivot: boolean;
  /** It asks people and waits for their answer. */
  asks: boolean;
  /** The locations of the targets that it names; undefined for one that is known only during the run. */
  locations: readonly (string | undefined)[];
}

/** The steps that would hit one of the production locations without anybody having been asked before, and which. */
export function unasked<Step extends Hazard>(
  steps: readonly Step[],
  production: readonly string[],
): { step: Step; locations: string[] }[] {
  return steps
    .filter((step) => hurts(step) && !steps.some(({ asks, group }) => asks && group < step.group))
    .map((step) => ({ step, locations: production.filter((name) => mayHit(step, name)) }))
    .filter(({ locations }) => locations.length > 0);
}

/** Faults, whatever else inject changes, and what there is no way back from. */
const hurts = ({ fault, pivot, phase, effect }: Hazard): boolean =>
  fault || pivot || (phase === 'inject' && (effect === 'changes' || effect === 'creates'));

/** Where nothing is named, or only what a step will give, any location may be meant. */
const mayHit = ({ locations }: Hazard, name: string): boolean =>
  locations.length === 0 || locations.some((location) => location === undefined || location === name);
