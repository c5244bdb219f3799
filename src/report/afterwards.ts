/**
 * What came after the run's end: undos that were retried, and how the estate stands by now. Verdict and reasons are not its
 * business; they stay those of the end.
 */
import type { RunRecord } from '../domain/record.ts';
import { counted, listed, moment } from './quantities.ts';

/** How the estate stands by now. */
export const undoNow = ({ undo, addenda = [] }: Pick<RunRecord, 'undo' | 'addenda'>): RunRecord['undo'] =>
  addenda.findLast((addendum) => addendum.undo !== undefined)?.undo ?? undo;

/** Whether the way back was incomplete at the end and still is. */
export const needsPerson = (record: Pick<RunRecord, 'undo' | 'exitCode' | 'addenda'>): boolean =>
  record.exitCode === 5 && undoNow(record) === 'incomplete';

/** What was taken back, for whom and when, a sentence or two for each retry. */
export const afterwards = ({ addenda = [] }: Pick<RunRecord, 'addenda'>): string[] =>
  addenda.map(({ by, startedAt, endedAt, undone, left = [] }) => {
    const took = undone.length > 0 ? `took ${listed(undone)} back` : 'took nothing back';
    const then = endedAt === undefined ? 'It did not come to its end.' : leftWords(left.length);
    return `${moment(startedAt)}: an undo that ${by} asked for ${took}. ${then}`;
  });

const leftWords = (count: number): string =>
  count === 0 ? 'Nothing is left.' : `Still left: ${counted(count, 'thing')}.`;
