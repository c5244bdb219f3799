/** Reads of what may not be there: AWS says that with an error. */
import { FiredrillError } from '../domain/errors.ts';

/** What `read` gives; undefined where AWS says that it isn't there. */
export async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FiredrillError && error.code === 'aws-not-found') return undefined;
    throw error;
  }
}
