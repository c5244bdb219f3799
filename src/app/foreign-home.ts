/** That files of firedrill's home can't be read or written, because another user made them. */
import { UsageError } from '../domain/errors.ts';

export const foreignHome = (home: string, cause: Error): UsageError =>
  new UsageError('home-foreign', `what firedrill keeps in ${home} is not this user's: ${cause.message}`, {
    expected: 'a home that this user made',
    remedy: 'Run as the user that made it, or set FIREDRILL_HOME to a directory of your own.',
    cause,
  });
