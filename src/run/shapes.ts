/**
 * How each of the three shapes of part is done and undone, from any state the log may show: the same code whether the step
 * is new, is carried on after a crash, or was taken over. Intent stands in the log before the effect.
 */
import { FiredrillError, isLost, reportOf } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { sameJson } from '../domain/json.ts';
import type { Attempt, ChangePart, CreatePart, ObservePart, Part, Progress } from '../domain/part.ts';
import type { PartRun } from './next.ts';
import type { StepContext } from './context.ts';

/** How often an undo is tried before it is left to a person. */
const undoAttempts = 3;
/** How often a write whose answer was lost is read and tried again. */
const writeAttempts = 5;
/** Looks in a row at which a pivot whose outcome is unknown must read as before: a call's time limit, at a second each. */
const pivotLooks = 16;
/** Polls after which a create whose answer was lost is taken not to have happened. */
const lostCreatePolls = 3;

/** Carries one part forward until it is settled. Throws what stopped it; the caller records the failure. */
export async function doPart(context: StepContext, part: Part): Promise<void> {
  switch (part.shape) {
    case 'change':
      return doChange(context, part);
    case 'create':
      return doCreate(context, part);
    case 'observe':
      return doObserve(context, part);
  }
}

async function doChange(context: StepContext, part: ChangePart): Promise<void> {
  const attempt = context.attempt(part.name, 'do');
  let run = context.part(part.name);
  let fresh = false;
  if (!run) {
    const before = await part.read(attempt);
    const { name, touches, pivot, keeps } = part;
    await context.append({
      type: 'step.begun',
      step: context.step.id,
      part: name,
      key: attempt.key,
      before,
      after: part.desired(before),
      touches,
      pivot,
      fate: keeps === undefined ? undefined : 'kept',
    });
    run = context.part(name)!;
    fresh = true;
  }
  if (run.state === 'begun') {
    const { before = null, after = null } = run;
    await writeChange(context, part, { to: after, from: before, attempt, known: fresh ? before : undefined });
    await context.append({ type: 'step.applied', step: context.step.id, part: part.name, arn: part.keeps });
    run = context.part(part.name)!;
  }
  if (run.state === 'applied') {
    const { after = null } = run;
    await settle(context, part, () => part.settled(after, attempt));
  }
}

async function doCreate(context: StepContext, part: CreatePart): Promise<void> {
  const attempt = context.attempt(part.name, 'do');
  let run = context.part(part.name);
  const fresh = !run;
  if (!run) {
    const { name, touches, identity, adopted } = part;
    await context.append({
      type: 'step.begun',
      step: context.step.id,
      part: name,
      key: attempt.key,
      identity,
      touches,
      fate: adopted ? 'adopted' : 'kept',
    });
    run = context.part(name)!;
  }
  if (run.state === 'begun') {
    const there = fresh ? undefined : await part.find(attempt);
    const found = there ?? (await createOnce(context, part, attempt));
    await context.append({
      type: 'step.applied',
      step: context.step.id,
      part: part.name,
      found,
      arn: part.arn(found),
    });
    run = context.part(part.name)!;
  }
  if (run.state === 'applied') {
    const found = run.found!;
    await settle(context, part, () => part.settled(found, attempt));
  }
}

async function doObserve(context: StepContext, part: ObservePart): Promise<void> {
  const attempt = context.attempt(part.name, 'do');
  if (!context.part(part.name)) {
    const { name, touches, asks } = part;
    await context.append({ type: 'step.begun', step: context.step.id, part: name, key: attempt.key, touches, asks });
  }
  await settle(context, part, () => part.poll(attempt));
}

interface Write<S extends Json> {
  to: S;
  from: S;
  attempt: Attempt;
  /** What a read just said; absent after a crash, and then it is read first. */
  known?: S;
}

/**
 * Writes unless it is written already. A third value is someone else's change and is left alone. A write whose answer was
 * lost is resolved by reading, never guessed.
 */
async function writeChange<S extends Json>(context: StepContext, part: ChangePart<S>, write: Write<S>): Promise<void> {
  const retry = new Retry(context);
  let known = write.known;
  for (;;) {
    const current = known ?? (await part.read(write.attempt));
    known = undefined;
    if (isSame(part, current, write.to)) return;
    if (!isSame(part, current, write.from)) throw changedBySomeoneElse(part, write, current);
    try {
      await part.write(write.to, write.from, write.attempt);
      return;
    } catch (error) {
      await retry.orThrow(error, part);
    }
  }
}

const isSame = <S extends Json>(part: ChangePart<S>, a: S, b: S): boolean =>
  part.same ? part.same(a, b) : sameJson(a, b);

async function createOnce<R extends Json>(context: StepContext, part: CreatePart<R>, attempt: Attempt): Promise<R> {
  const retry = new Retry(context);
  for (;;) {
    try {
      return await part.create(attempt);
    } catch (error) {
      await retry.orThrow(error, part);
      const found = await part.find(attempt);
      if (found !== undefined) return found;
    }
  }
}

/**
 * Which errors of a write are worth another try: `indeterminate` (nobody knows whether it took place; a read decides) a few
 * times, `not-ready` (the resource is busy with something else) as long as the step has time.
 */
class Retry {
  readonly #context: StepContext;
  readonly #expired: () => boolean;
  #tries = 0;

  constructor(context: StepContext) {
    this.#context = context;
    this.#expired = context.deadline();
  }

  async orThrow(error: unknown, part: Part): Promise<void> {
    this.#tries += 1;
    const code = error instanceof FiredrillError ? error.code : '';
    const again =
      (code === 'indeterminate' && this.#tries < writeAttempts) || (code === 'not-ready' && !this.#expired());
    if (!again) throw error;
    await this.#context.pause(part.pollMs);
  }
}

async function settle(context: StepContext, part: Part, look: () => Promise<Progress>): Promise<void> {
  const { outputs, check } = await context.poll(part, look);
  await context.append({
    type: 'step.settled',
    step: context.step.id,
    part: part.name,
    outputs,
    check,
    awsCalls: context.takeCalls(),
  });
}

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
  if (run.state !== 'undoing') {
    await context.append({ type: 'step.undoing', step: context.step.id, part: part.name, by });
  }
  const neverApplied = run.state === 'begun' || run.state === 'failed';
  for (let tries = 1; ; tries += 1) {
    try {
      if (run.pivot) return await goesWithItsCreation(context, part);
      if (part.shape === 'change') await undoChange(context, part, run);
      else await undoCreate(context, part, neverApplied);
      await context.append({ type: 'step.undone', step: context.step.id, part: part.name });
      return true;
    } catch (error) {
      if (isLost(error) || context.signal.aborted || isLockedOut(error)) throw error;
      if (tries < undoAttempts && !isFinal(error)) {
        await context.pause(part.pollMs);
        continue;
      }
      const report = { ...reportOf(error), remedy: byHand(part, run) };
      await context.append({ type: 'step.undo-failed', step: context.step.id, part: part.name, error: report });
      return false;
    }
  }
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
  await writeChange(context, part, { to: before, from: after, attempt });
  await context.poll(part, () => part.settled(before, attempt));
}

async function undoCreate(context: StepContext, part: CreatePart, mayBeLate: boolean): Promise<void> {
  const attempt = context.attempt(part.name, 'undo');
  let found = await part.find(attempt);
  for (let polls = 1; found === undefined && mayBeLate && polls < lostCreatePolls; polls += 1) {
    await context.pause(part.pollMs);
    found = await part.find(attempt);
  }
  if (found === undefined) return;
  await removeFound(context, part, found, attempt);
  await context.poll(part, async () =>
    (await part.find(attempt)) === undefined ? { done: true } : { done: false, saw: `${part.touches} still exists` },
  );
}

async function removeFound<R extends Json>(
  context: StepContext,
  part: CreatePart<R>,
  found: R,
  attempt: Attempt,
): Promise<void> {
  const retry = new Retry(context);
  for (;;) {
    try {
      return await part.remove(found, attempt);
    } catch (error) {
      await retry.orThrow(error, part);
      if ((await part.find(attempt)) === undefined) return;
    }
  }
}

/**
 * Reads a pivot that began without a word of its outcome. That it was not passed needs proof: it must read as before for as
 * long as a lost call may take to show, and nothing may be under way. In doubt it was passed, because going back would lose
 * data.
 * @returns whether it was passed
 */
export async function provePivot(context: StepContext, part: ChangePart): Promise<boolean> {
  const run = context.part(part.name)!;
  const attempt = context.attempt(part.name, 'undo');
  const expired = context.deadline();
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

/** Nothing can be undone, or is known, with these credentials: the run stays open, to be taken back with better ones. */
const isLockedOut = (error: unknown): boolean => error instanceof FiredrillError && lockedOut.has(error.code);

const lockedOut: ReadonlySet<string> = new Set(['aws-credentials', 'aws-expired-token', 'account-mismatch']);

/** Trying again can't help: someone else changed it, or it was waited for already as long as the step may take. */
const isFinal = (error: unknown): boolean =>
  error instanceof FiredrillError && (error.code === 'changed-by-someone-else' || error.code === 'not-ready');

function changedBySomeoneElse<S extends Json>(part: ChangePart<S>, write: Write<S>, current: S): FiredrillError {
  return new FiredrillError('changed-by-someone-else', `${part.touches} was changed by someone else`, {
    expected: JSON.stringify(write.from),
    found: JSON.stringify(current),
    remedy: `Decide which value is right. firedrill would have set ${JSON.stringify(write.to)} and leaves it alone now.`,
  });
}
