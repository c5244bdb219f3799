/**
 * Whether a run may touch production without asking anybody: it may not. Either a person approves before the first step that
 * hurts, or whoever starts the run gives the drill's name back.
 */
import type { WithValue } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import { metaOf } from '../domain/fields.ts';
import type { Hazard } from '../domain/hazard.ts';
import { unasked } from '../domain/hazard.ts';
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
  const production = Object.values(plan.drill.locations).flatMap(({ name, production: is }) => (is ? [name] : []));
  const hazards = plan.steps.filter(({ skip }) => skip === undefined).map((step) => hazardOf(plan, step));
  const hits = unasked(hazards, production);
  if (hits.length === 0) return undefined;
  return {
    steps: hits.map(({ step }) => step.id),
    locations: [...new Set(hits.flatMap(({ locations }) => locations))],
  };
}

function hazardOf({ targets }: Plan, step: PlannedStep): Hazard & { id: string } {
  const fields = catalogue.actions.get(step.uses)?.params.shape ?? {};
  const locations = Object.entries(step.with).flatMap(([key, value]: [string, WithValue]) => {
    const kind = fields[key] && metaOf(fields[key])?.kind;
    if (kind === 'location') return [value as string];
    return kind === 'target' ? [targets[value as string]?.location] : [];
  });
  return { ...step, pivot: step.pivot !== undefined, locations };
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
