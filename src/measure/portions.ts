/** Where the time of a restore went: what its steps spent, summed by the kind of work that they are. */
import type { Portion } from '../domain/catalogue.ts';
import type { PortionSpan } from '../domain/record.ts';
import { portionOf } from '../domain/restore.ts';
import type { Story } from './story.ts';

const portions: readonly Portion[] = ['find', 'launch', 'boot', 'restore', 'verify'];

/**
 * In the order of a restore; kinds of work that no step was are left out. Steps that ran together count one by one. What was done
 * before recovery began is no part of it.
 */
export function portionsOf({ steps }: Story): PortionSpan[] {
  const spentMs = new Map<Portion, number>();
  const own = steps.filter(({ step: { phase } }) => phase === 'recover' || phase === 'verify');
  for (const { step, parts } of own) {
    for (const { name, begun, settled } of parts) {
      const portion = portionOf(step, name);
      if (portion && begun && settled) spentMs.set(portion, (spentMs.get(portion) ?? 0) + settled.ms - begun.ms);
    }
  }
  return portions.flatMap((name) => {
    const durationMs = spentMs.get(name);
    return durationMs === undefined ? [] : [{ name, durationMs }];
  });
}
