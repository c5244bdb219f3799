/**
 * What sets a restore apart from a failover: no fault, and no user who could see it end. What it measures is work, what it proves
 * is data. Read off the plan, so that judge and reports call the same drills so.
 */
import type { Portion } from './catalogue.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** Which kind of a restore's work a part is; undefined where its step doesn't say. */
export const portionOf = ({ portion }: Pick<PlannedStep, 'portion'>, part: string): Portion | undefined =>
  typeof portion === 'object' ? portion[part] : portion;

/** Whether the step, or a part of it, is such work. */
const isOf = ({ portion }: Pick<PlannedStep, 'portion'>, which: Portion): boolean =>
  typeof portion === 'object' ? Object.values(portion).includes(which) : portion === which;

/** Whether the step brings a backup back. One that verifies may only have to wait until it is there. */
export const bringsBack = (step: Pick<PlannedStep, 'phase' | 'portion'>): boolean =>
  step.phase === 'recover' && isOf(step, 'restore') && !isOf(step, 'verify');

/** Whether the step looks at what was brought back. */
export const verifies = (step: Pick<PlannedStep, 'phase' | 'portion'>): boolean =>
  step.phase === 'verify' || isOf(step, 'verify');

export const isRestore = ({ steps, probes }: Pick<Plan, 'steps' | 'probes'>): boolean =>
  steps.some(bringsBack) &&
  !steps.some(({ phase, effect }) => phase === 'inject' && (effect === 'changes' || effect === 'creates')) &&
  !probes.some(({ expect }) => expect === 'recovers');
