/** Whether a promotion took place whose outcome is not in the log: in doubt it did, because going back would lose data. */
import { isLost } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { Attempt, ChangePart } from '../domain/part.ts';
import type { StepContext } from './context.ts';
import { isSame } from './effects.ts';

/** Looks in a row at which a pivot whose outcome is unknown must read as before: a call's time limit, at a second each. */
const pivotLooks = 16;

/**
 * Reads a pivot that began without a word of its outcome. That it was not passed needs proof: it must read as before for as
 * long as a lost call may take to show, and nothing may be under way. In doubt it was passed, because going back would lose
 * data.
 * @returns whether it was passed
 */
export async function provePivot(context: StepContext, part: ChangePart): Promise<boolean> {
  const run = context.part(part.name)!;
  const attempt = context.attempt(part.name, 'undo');
  const expired = context.deadline(part);
  for (let quiet = 0; quiet < pivotLooks;) {
    const look = await lookAtPivot(part, attempt, run.before ?? null);
    if (look === 'passed' || expired()) return true;
    quiet = look === 'quiet' ? quiet + 1 : 0;
    await context.pause(part.pollMs);
  }
  if (run.state !== 'undoing') {
    await context.append({ type: 'step.undoing', step: context.step.id, part: part.name });
  }
  await context.append({ type: 'step.undone', step: context.step.id, part: part.name });
  return false;
}

async function lookAtPivot(
  part: ChangePart,
  attempt: Attempt,
  before: Json,
): Promise<'passed' | 'under way' | 'quiet'> {
  try {
    if (!isSame(part, await part.read(attempt), before)) return 'passed';
    return (await part.underWay?.(attempt)) ? 'under way' : 'quiet';
  } catch (error) {
    if (isLost(error)) throw error;
    return 'passed';
  }
}
