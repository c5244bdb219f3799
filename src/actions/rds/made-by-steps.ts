/**
 * What steps that make instances and snapshots share: names that RDS takes, whose something is that is there already, whether
 * it is made or taken back, and deleting it when RDS is still busy with it.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { isTaggedBy, tagsLost } from '../places.ts';

/** A part of an RDS name: small letters, digits and single hyphens. Ids of steps may hold more. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Whether something is taken back, rather than done. */
export const isUndo = ({ key }: Pick<Attempt, 'key'>): boolean => key.endsWith('.undo');

interface Tagged {
  TagList?: readonly { Key?: string; Value?: string }[];
}

/** What a step makes under a name that RDS gives only once: whose it is that is there, and making it. */
export class UnderName<T extends Tagged> {
  readonly #input: Pick<ActionInput, 'runId' | 'stepId'>;
  readonly #look: (attempt: Attempt) => Promise<T | undefined>;
  readonly #taken: FiredrillError;

  /**
   * @param look what stands under the name, whoever made it
   * @param taken what to tell a person where somebody else's does
   */
  constructor(
    input: Pick<ActionInput, 'runId' | 'stepId'>,
    look: (attempt: Attempt) => Promise<T | undefined>,
    taken: FiredrillError,
  ) {
    this.#input = input;
    this.#look = look;
    this.#taken = taken;
  }

  /** What this step made, as long as it can be told to be. */
  async own(attempt: Attempt): Promise<T | undefined> {
    const there = await this.#look(attempt);
    return there && this.#isOwn(there) ? there : undefined;
  }

  /**
   * What this step made, for whoever would make it or take it back. What others made stands in the way of the former and is
   * nothing to the latter.
   * @param isKnown whether it is what the log says was made
   * @throws FiredrillError `name-taken` going forward; in an undo `tags-lost` where it is known, and nothing else tells that it
   *   is this step's
   */
  async find(attempt: Attempt, isKnown: (there: T) => boolean): Promise<T | undefined> {
    const there = await this.#look(attempt);
    if (!there || this.#isOwn(there)) return there;
    if (isKnown(there)) throw tagsLost(this.#input);
    if (isUndo(attempt)) return undefined;
    throw this.#taken;
  }

  /**
   * Makes it, unless it is there. An earlier call whose answer was lost may show only when the name is refused.
   * @throws FiredrillError `name-taken`
   */
  async make(make: () => Promise<T | undefined>, attempt: Attempt): Promise<T | undefined> {
    const there = await this.#look(attempt);
    if (there) return this.#mustBeOwn(there);
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof FiredrillError) || error.code !== 'aws-already-exists') throw error;
      return this.#mustBeOwn(await this.#look(attempt));
    }
  }

  #mustBeOwn(there: T | undefined): T {
    if (there && this.#isOwn(there)) return there;
    throw this.#taken;
  }

  #isOwn({ TagList }: T): boolean {
    return isTaggedBy(this.#input, TagList);
  }
}

/** How long RDS may go on making something that is to be deleted, and then deleting it, milliseconds. */
const removalMs = 7_200_000;

/**
 * Deletes something for good. RDS deletes nothing that it is still making, and the time that the step was given says nothing of
 * how long that takes: a restore that was given up after minutes can take hours, and must not stay.
 * @param remove asks for the deletion unless it is under way; false once it is gone
 * @throws FiredrillError `not-ready` when RDS is busy with it for longer than two hours
 */
export async function removeForGood(
  { clock, pollMs }: Pick<ActionInput, 'clock' | 'pollMs'>,
  { signal }: Pick<Attempt, 'signal'>,
  remove: () => Promise<boolean>,
): Promise<void> {
  const since = clock.monoNs();
  const isOver = (): boolean => Number(clock.monoNs() - since) / 1e6 > removalMs;
  for (;;) {
    try {
      if (!(await remove())) return;
    } catch (error) {
      const busy = error instanceof FiredrillError && error.code === 'not-ready';
      if (!busy || isOver()) throw error;
    }
    if (isOver()) return;
    await clock.sleep(pollMs, signal);
  }
}
