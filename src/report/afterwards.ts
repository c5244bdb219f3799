/**
 * What came after the run's end: undos that were retried, and how the estate stands by now. Verdict and reasons are not its
 * business; they stay those of the end.
 */
import type { RunRecord } from '../domain/record.ts';
import { counted, listed, moment } from './quantities.ts';

/** How the estate stands by now. */
export const undoNow = ({ undo, addenda = [] }: Pick<RunRecord, 'undo' | 'addenda'>): RunRecord['undo'] =>
  addenda.findLast((addendum) => addendum.undo !== undefined)?.undo ?? undo;

/** Whether the lab that it stood in is known not to exist any more, and with it what the run could not undo. */
export const wentWithLab = ({ addenda = [] }: Pick<RunRecord, 'addenda'>): boolean => addenda.some(({ gone }) => gone);

/** Whether the way back was incomplete at the end and still is, and there is something yet to go back to. */
export const needsPerson = (record: Pick<RunRecord, 'undo' | 'exitCode' | 'addenda'>): boolean =>
  record.exitCode === 5 && undoNow(record) === 'incomplete' && !wentWithLab(record);

/** What was taken back, for whom and when, a sentence or two for each retry; and when it was seen that the lab is gone. */
export const afterwards = ({ addenda = [] }: Pick<RunRecord, 'addenda'>): string[] =>
  addenda.map(({ by, startedAt, endedAt, undone, left = [], gone }) => {
    if (gone) return `${moment(startedAt)}: the lab does not exist any more, and what was left went with it.`;
    const took = undone.length > 0 ? `took ${listed(undone)} back` : 'took nothing back';
    const then = endedAt === undefined ? 'It did not come to its end.' : leftWords(left.length);
    return `${moment(startedAt)}: an undo that ${by} asked for ${took}. ${then}`;
  });

const leftWords = (count: number): string =>
  count === 0 ? 'Nothing is left.' : `Still left: ${counted(count, 'thing')}.`;
