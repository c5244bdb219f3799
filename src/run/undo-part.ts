/**
 * How each of the three shapes of part is taken back, from any state the log may show. What can't be undone is recorded for a
 * person, with what there is to do by hand.
 */
import { FiredrillError, isLost, reportOf } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { ChangePart, CreatePart, Part, Progress } from '../domain/part.ts';
import type { StepContext } from './context.ts';
import { isSame, removeFound, writeChange } from './effects.ts';
import type { PartRun } from './next.ts';

/** How often an undo is tried, within the time that it may take, before it is left to a person. */
const undoAttempts = 3;
/**
 * Looks at something created that was never seen, after which it counts as not there: a call without an answer can be on its way
 * for a call's time limit, at a second each. To miss it would leave it behind unknown.
 */
const createLooks = 16;
/**
 * How long something created is waited for that can't go yet while a part of its step is stuck that was made upon it, milliseconds.
 * It is most likely in the way, and a person is needed for it anyhow; what began earlier, a fault among it, waits behind.
 */
const besideStuckMs = 60_000;
/** Looks at a change whose write nobody is known to have accepted. Few: the way back of a fault must not wait for long. */
const changeLooks = 3;

/**
 * Takes one part back, whatever the log says of it. Doesn't throw for the estate's sake: what can't be undone is recorded as
 * `undo-failed` for a person.
 * @throws FiredrillError about credentials: a run that is undone with the wrong ones must not be closed as if nothing could be
 * @returns whether nothing of it is left
 */
export async function undoPart(context: StepContext, part: Part, by?: string): Promise<boolean> {
  const run = context.part(part.name);
  if (!run || run.state === 'undone' || part.shape === 'observe') return true;
  if (run.pivot && context.step.pivot !== undefined) return false;
  if (run.state === 'undo-failed' && !context.retrying) return false;
  if (run.after === undefined && run.identity === undefined) return true;
  // What an earlier undo has removed leaves nothing to be found by a later one.
  let untouched = run.state !== 'undoing' && run.state !== 'undo-failed' && !run.accepted;
  if (run.state !== 'undoing') {
    await context.append({ type: 'step.undoing', step: context.step.id, part: part.name, by });
  }
  // What began earlier, a fault among it, is taken back only once this has ended: all tries share the time of one.
  const isOver = context.deadline(part);
  for (let tries = 1; ; tries += 1) {
    try {
      if (run.pivot) return await goesWithItsCreation(context, part);
      if (part.shape === 'change') await undoChange(context, part, run);
      const nothing = part.shape === 'create' && !(await undoCreate(context, part, run, isOver)) && untouched;
      const undone = { type: 'step.undone', step: context.step.id, part: part.name } as const;
      await context.append(nothing ? { ...undone, nothing } : undone);
      return true;
    } catch (error) {
      untouched = false;
      if (isLost(error) || context.signal.aborted || isLockedOut(error)) throw error;
      if (tries < undoAttempts && !isFinal(error) && !isOver()) {
        await context.pause(part.pollMs);
        continue;
      }
      const report = { ...reportOf(error), message: messageOf(context, part, error), remedy: byHand(part, run) };
      await context.append({ type: 'step.undo-failed', step: context.step.id, part: part.name, error: report });
      return false;
    }
  }
}

/** Why it could not be undone; where it was in use to the end, with what is likely to use it. */
function messageOf(context: StepContext, part: Part, error: unknown): string {
  const { code, message } = reportOf(error);
  const stuck = part.shape === 'create' && code === 'not-ready' ? context.stuckBefore(part.name) : [];
  if (stuck.length === 0) return message;
  return `${message.replace(/\.$/, '')}; perhaps because ${stuck.join(' and ')} of the same step could not be undone`;
}

/** What a person has to do where firedrill could not. */
const byHand = (part: Part, { before, found }: PartRun): string =>
  part.shape === 'create'
    ? `Delete ${found === undefined ? part.touches : part.arn(found)} by hand.`
    : `Put ${part.touches} back by hand; before the drill it was ${JSON.stringify(before)}.`;

/** The promotion of something that the drill itself created: there is no way back, and none is needed once that is removed. */
async function goesWithItsCreation(context: StepContext, part: Part): Promise<boolean> {
  await context.append({ type: 'step.undone', step: context.step.id, part: part.name });
  return true;
}

async function undoChange(context: StepContext, part: ChangePart, run: PartRun): Promise<void> {
  const { before = null, after = null } = run;
  const attempt = context.attempt(part.name, 'undo');
  if (!run.accepted) {
    await untilShown(context, part, changeLooks, async () => !isSame(part, await part.read(attempt), before));
  }
  await writeChange(context, part, { to: before, from: after, attempt });
  await context.poll(part, () => part.settled(before, attempt));
}

/**
 * @param isOver whether the time to take it back is over, of which waiting until it can be removed takes its part
 * @returns whether there was something to remove
 */
async function undoCreate(
  context: StepContext,
  part: CreatePart,
  run: PartRun,
  isOver: () => boolean,
): Promise<boolean> {
  const attempt = context.attempt(part.name, 'undo');
  const seen = run.seen === true && run.found !== undefined && !part.unseen?.(run.found);
  let found: Json | undefined;
  await untilShown(context, part, seen ? 1 : createLooks, async () => {
    found = await part.find(attempt, run.found);
    return found !== undefined;
  });
  if (found === undefined) return false;
  const isBesideStuck = context.stuckBefore(part.name).length > 0;
  await removeFound(context, part, found, attempt, isBesideStuck ? besideStuckMs : undefined);
  const isGone = async (): Promise<Progress> =>
    (await part.find(attempt, found)) === undefined
      ? { done: true }
      : { done: false, saw: `${part.touches} still exists` };
  await context.poll(part, isGone, isOver);
  return true;
}

/** What a call without an answer has done may show late. Looks until it shows, at most so often. */
async function untilShown(
  context: StepContext,
  part: Part,
  most: number,
  shows: () => Promise<boolean>,
): Promise<void> {
  for (let look = 1; !(await shows()) && look < most; look += 1) await context.pause(part.pollMs);
}

/** Nothing can be undone, or is known, with these credentials: the run stays open, to be taken back with better ones. */
const isLockedOut = (error: unknown): boolean => error instanceof FiredrillError && lockedOut.has(error.code);

const lockedOut: ReadonlySet<string> = new Set(['aws-credentials', 'aws-expired-token', 'account-mismatch']);

/** Trying again can't help, however much time is left. */
const isFinal = (error: unknown): boolean =>
  error instanceof FiredrillError && (error.code === 'changed-by-someone-else' || error.code === 'not-ready');
