/**
 * Effects on the estate whose answer may be lost: each is resolved by reading, never guessed, and tried again only while
 * nothing of it is there. A value that somebody else has set is left alone.
 */
import { FiredrillError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { sameJson } from '../domain/json.ts';
import type { Attempt, ChangePart, CreatePart, Part } from '../domain/part.ts';
import type { StepContext } from './context.ts';

/** How often a write whose answer was lost is read and tried again. */
const writeAttempts = 5;

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
export async function writeChange<S extends Json>(
  context: StepContext,
  part: ChangePart<S>,
  write: Write<S>,
): Promise<void> {
  const retry = new Retry(context, part);
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
      await retry.orThrow(error);
    }
  }
}

export const isSame = <S extends Json>(part: ChangePart<S>, a: S, b: S): boolean =>
  part.same ? part.same(a, b) : sameJson(a, b);

/** Creates it, unless an earlier call whose answer was lost turns out to have. */
export async function createOnce<R extends Json>(
  context: StepContext,
  part: CreatePart<R>,
  attempt: Attempt,
): Promise<R> {
  const retry = new Retry(context, part);
  for (;;) {
    try {
      return await part.create(attempt);
    } catch (error) {
      await retry.orThrow(error);
      const found = await part.find(attempt);
      if (found !== undefined) return found;
    }
  }
}

/**
 * Removes what was found, unless an earlier call whose answer was lost turns out to have.
 * @param mostMs for how long an estate that is not ready is waited for at most, within the part's time
 */
export async function removeFound<R extends Json>(
  context: StepContext,
  part: CreatePart<R>,
  found: R,
  attempt: Attempt,
  mostMs?: number,
): Promise<void> {
  const retry = new Retry(context, part, mostMs);
  for (;;) {
    try {
      return await part.remove(found, attempt);
    } catch (error) {
      await retry.orThrow(error);
      if ((await part.find(attempt, found)) === undefined) return;
    }
  }
}

/**
 * Which errors of a write are worth another try: `indeterminate` (nobody knows whether it took place; a read decides) a few
 * times, `not-ready` (the resource is busy with something else) as long as there is time.
 */
class Retry {
  readonly #context: StepContext;
  readonly #part: Part;
  readonly #expired: () => boolean;
  #tries = 0;

  constructor(context: StepContext, part: Part, mostMs?: number) {
    this.#context = context;
    this.#part = part;
    this.#expired = context.deadline(part, mostMs);
  }

  async orThrow(error: unknown): Promise<void> {
    this.#tries += 1;
    const code = error instanceof FiredrillError ? error.code : '';
    const again =
      (code === 'indeterminate' && this.#tries < writeAttempts) || (code === 'not-ready' && !this.#expired());
    if (!again) throw error;
    await this.#context.pause(this.#part.pollMs);
  }
}

function changedBySomeoneElse<S extends Json>(part: ChangePart<S>, write: Write<S>, current: S): FiredrillError {
  return new FiredrillError('changed-by-someone-else', `${part.touches} was changed by someone else`, {
    expected: JSON.stringify(write.from),
    found: JSON.stringify(current),
    remedy: `Decide which value is right. firedrill would have set ${JSON.stringify(write.to)} and leaves it alone now.`,
  });
}
