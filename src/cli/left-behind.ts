/** What it means for a person that driving a run broke off: somebody must carry it on, unless everything went with its lab. */
import { FiredrillError, UsageError, isLost, reportOf } from '../domain/errors.ts';
import { isConnectionLoss } from '../postgres/outage.ts';

/** @param inLab the run was a rehearsal, and its lab goes down with the command */
export function leftBehind(thrown: unknown, runId: string, inLab: boolean): unknown {
  const isOthers = thrown instanceof FiredrillError && thrown.code === 'run-is-driven';
  if (isLost(thrown) || isOthers || thrown instanceof UsageError) return thrown;
  const error = isConnectionLoss(thrown) ? storeGone(thrown) : thrown;
  const { message } = reportOf(error);
  if (inLab) {
    return new FiredrillError('rehearsal-broke', `rehearsal ${runId} broke off: ${message}`, {
      remedy: 'Its lab is gone, and with it everything that it did. Rehearse again.',
      cause: error,
    });
  }
  return new FiredrillError('run-left', `run ${runId} was left in the middle, and is not undone: ${message}`, {
    remedy: `Put the cause right; then take the run back with "firedrill undo ${runId}", or finish it with "firedrill resume ${runId}".`,
    cause: error,
  });
}

/** No defect of firedrill's, which a database driver's error would be taken for. */
function storeGone(cause: unknown): FiredrillError {
  const { message, code } = cause as { message?: string; code?: string };
  return new FiredrillError('store-gone', `the store can not be reached any more (${message || code})`, { cause });
}
