/** What steps that make instances and snapshots share: names that RDS takes, and whose something is that is there already. */
import { FiredrillError } from '../../domain/errors.ts';

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
