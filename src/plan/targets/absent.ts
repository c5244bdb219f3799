/** Services that answer "not found" with an error, instead of an empty list. */
import { FiredrillError } from '../../domain/errors.ts';

/** What `read` gives, or nothing when AWS says that it doesn't exist. */
export async function noneIfNotFound<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FiredrillError && error.code === 'aws-not-found') return [];
    throw error;
  }
}
