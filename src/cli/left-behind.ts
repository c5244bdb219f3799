/** What it means for a person that driving a run broke off: somebody must carry it on, unless everything went with its lab. */
import { FiredrillError, UsageError, isLost, reportOf } from '../domain/errors.ts';
import type { Remedy } from '../domain/errors.ts';
import { isConnectionLoss } from '../postgres/outage.ts';

/** A run that nobody drives any more, though it has not come to its end. */
class LeftError extends FiredrillError {
  override name = 'LeftError';
  readonly runId: string;
  constructor(runId: string, code: string, message: string, more: Remedy) {
    super(code, message, more);
    this.runId = runId;
  }
}

/** @param inLab the run was a rehearsal, and its lab goes down with the command */
export function leftBehind(thrown: unknown, runId: string, inLab: boolean): unknown {
  const isOthers = thrown instanceof FiredrillError && thrown.code === 'run-is-driven';
  if (isLost(thrown) || isOthers || thrown instanceof UsageError) return thrown;
  const error = isConnectionLoss(thrown) ? storeGone(thrown) : thrown;
  const { message } = reportOf(error);
  if (inLab) {
    return new LeftError(runId, 'rehearsal-broke', `rehearsal ${runId} broke off: ${message}`, {
      remedy: 'Its lab is gone, and with it everything that it did. Rehearse again.',
      cause: error,
    });
  }
  return new LeftError(runId, 'run-left', `run ${runId} was left in the middle, and is not undone: ${message}`, {
    remedy: `Put the cause right; then take the run back with "firedrill undo ${runId}", or finish it with "firedrill resume ${runId}".`,
    cause: error,
  });
}

/** Somebody asked twice to stop, and did not wait for the undo. */
export const leftByPerson = (runId: string, inLab: boolean): FiredrillError =>
  inLab
    ? new LeftError(runId, 'stopped', `rehearsal ${runId} was left before its end`, {
        remedy: 'Its lab is gone, and with it everything that it did: there is nothing to undo.',
      })
    : new LeftError(runId, 'run-left', `run ${runId} was left before its end, and is not undone`, {
        remedy: `Take the run back with "firedrill undo ${runId}", or finish it with "firedrill resume ${runId}".`,
      });

/** Nobody waited for the undo of a run that is over. */
export const undoLeft = (runId: string): FiredrillError =>
  new LeftError(runId, 'run-left', `the undo of run ${runId} was left where it is`, {
    remedy: `Go on with "firedrill undo ${runId}".`,
  });

/** No defect of firedrill's, which a database driver's error would be taken for. */
function storeGone(cause: unknown): FiredrillError {
  const { message, code } = cause as { message?: string; code?: string };
  return new FiredrillError('store-gone', `the store can not be reached any more (${message || code})`, { cause });
}
