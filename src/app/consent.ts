/**
 * Whether a run may touch production without asking anybody: it may not. Either a person approves before the first step that
 * hurts, or whoever starts the run gives the drill's name back.
 */
import type { WithValue } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import { metaOf } from '../domain/fields.ts';
import type { Plan, PlannedStep } from '../domain/plan.ts';
import { catalogue } from './catalogue.ts';

/** What a run would do to production without asking. */
export interface Danger {
  steps: readonly string[];
  /** Names of the production locations. */
  locations: readonly string[];
}

/** @returns undefined when nothing needs consent */
export function dangerOf(plan: Plan): Danger | undefined {
  const hits = plan.steps
    .filter((step) => hurts(step) && !isAskedBefore(plan, step))
    .map((step) => ({ id: step.id, locations: productionOf(plan, step) }))
    .filter(({ locations }) => locations.length > 0);
  if (hits.length === 0) return undefined;
  return { steps: hits.map(({ id }) => id), locations: [...new Set(hits.flatMap(({ locations }) => locations))] };
}

/** Faults, whatever else inject changes, and what there is no way back from. */
const hurts = (step: PlannedStep): boolean =>
  step.skip === undefined &&
  (step.fault ||
    step.pivot !== undefined ||
    (step.phase === 'inject' && (step.effect === 'changes' || step.effect === 'creates')));

const isAskedBefore = ({ steps }: Plan, { group }: PlannedStep): boolean =>
  steps.some((step) => step.asks && step.group < group);

/** The production locations of what a step touches. Where that is known only later, any location may be meant. */
function productionOf({ drill, targets }: Plan, step: PlannedStep): string[] {
  const production = Object.values(drill.locations).flatMap(({ name, production: is }) => (is ? [name] : []));
  const fields = catalogue.actions.get(step.uses)?.params.shape ?? {};
  const named = Object.entries(step.with).flatMap(([key, value]: [string, WithValue]) =>
    fields[key] && metaOf(fields[key])?.kind === 'target' ? [targets[value as string]?.location] : [],
  );
  return production.filter((name) => named.length === 0 || named.some((each) => each === undefined || each === name));
}

/** @throws UsageError `consent-missing` when `given` is not the drill's name */
export function refuseWithoutConsent({ drill }: Plan, { steps, locations }: Danger, given: string | undefined): void {
  if (given === drill.name) return;
  throw new UsageError('consent-missing', `${steps.join(', ')} would hit production (${locations.join(', ')})`, {
    expected: `an approval step before, or the name of the drill as consent: ${drill.name}`,
    found: given ? `"${given}"` : 'neither',
    remedy: `If that is what you want, add --consent ${drill.name}.`,
  });
}
