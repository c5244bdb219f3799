/**
 * What steps that make instances and snapshots share: names that RDS takes, whose something is that is there already, and
 * deleting it when RDS is still busy with it.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';

/** A part of an RDS name: small letters, digits and single hyphens. Ids of steps may hold more. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/**
 * Makes something under a name. An earlier call whose answer was lost, and which shows only now, has made it; anybody else may
 * have, too.
 * @throws FiredrillError `taken` when it is somebody else's
 */
export async function orOurs<T>(
  make: () => Promise<T>,
  ours: () => Promise<T | undefined>,
  taken: FiredrillError,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof FiredrillError) || error.code !== 'aws-already-exists') throw error;
    const made = await ours();
    if (made === undefined) throw taken;
    return made;
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
