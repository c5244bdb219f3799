/**
 * Rung 7, for PostgreSQL: sequences were restored with the rows. A copy whose sequences stand before its rows has every row, and
 * refuses the first one that is added. But numbers are written by hand, too: then the source's sequence stands there as well, and
 * nothing was lost. So one that stands behind is held against the source; without a source only what hands can hardly have done
 * fails, and the rest is told. A few high numbers far beyond are let be. What the role may not read is not known to stand right.
 */
import type { Sequence, UnreadSequence } from './engine.ts';
import type { Rung } from './rung.ts';
import { firstOf, sentence } from './wording.ts';

/** Sequences that are told by name. */
const most = 5;

/**
 * Where a sequence stands to the numbers that are there.
 *  - `clear`: the next rows can be added
 *  - `unused`: never advanced, over numbers that came from elsewhere: by hand, or from it before it was lost
 *  - `taken`: advanced, and a row has the number that it gives next
 *  - `ahead`: advanced, the next number is free, and one soon after it isn't
 */
export type Standing = 'clear' | 'unused' | 'taken' | 'ahead';

export function standingOf({ isAdvanced, next, least, following, collides }: Sequence): Standing {
  if (least === null || (!collides && BigInt(least) < BigInt(next))) return 'clear';
  if (!isAdvanced) return 'unused';
  return following === next ? 'taken' : 'ahead';
}

export const sequencesRung: Rung = async ({ engine, restored, source }, attempt) => {
  const { read, unread } = await restored.use(attempt, (session) => engine.sequences!(session));
  const all = read.length + unread.length;
  if (all === 0) return { done: true };
  const of = (some: number): string => (all === 1 ? '1 sequence' : `${some} of ${all} sequences`);
  const unknown =
    unread.length === 0
      ? []
      : [`${of(unread.length)} may not be read by the verification role: ${firstOf(unread.map(tellUnread), most)}`];
  const behind = read.filter((each) => standingOf(each) !== 'clear');
  const theirs =
    source && behind.length > 0 ? await source.use(attempt, (session) => engine.sequences!(session)) : undefined;
  const isSame = (a: { name: string; column: string }, b: { name: string; column: string }): boolean =>
    a.name === b.name && a.column === b.column;
  const twinOf = (sequence: Sequence): Sequence | undefined => theirs?.read.find((each) => isSame(each, sequence));
  const lost = behind.filter((each) => isLost(each, twinOf(each)));
  const told = (some: readonly Sequence[]): string =>
    firstOf(
      some.map((each) => tell(each, twinOf(each))),
      most,
    );
  if (lost.length > 0) {
    const are = lost.length === 1 ? 'is not where it was' : 'are not where they were';
    const said = sentence([`${of(lost.length)} ${are}`, told(lost), ...unknown]);
    return { done: true, check: { holds: false, said } };
  }
  if (unread.length > 0) {
    const said = sentence([...unknown, ...(behind.length > 0 ? [told(behind)] : [])]);
    return { done: true, check: { holds: false, said, provesNothing: true } };
  }
  if (behind.length === 0) {
    const said = `${all === 1 ? '1 sequence stands' : `All ${all} sequences stand`} where the next row can be added.`;
    return { done: true, check: { holds: true, said } };
  }
  const open = behind.filter((each) => !twinOf(each));
  if (open.length === 0) {
    const stand = behind.length === 1 ? 'stands' : 'stand';
    const said = sentence([
      `${of(behind.length)} ${stand} before the numbers that are there, as in the source`,
      told(behind),
    ]);
    return { done: true, check: { holds: true, said } };
  }
  const closed = (theirs?.unread ?? []).filter((each) => open.some((sequence) => isSame(each, sequence)));
  const said = sentence([
    `${of(open.length)} may stand before the numbers that are there by right, or may be lost: the source would tell`,
    told(behind),
    ...(closed.length > 0
      ? [`the source's may not be read by the verification role: ${firstOf(closed.map(tellUnread), most)}`]
      : []),
  ]);
  return { done: true, check: { holds: true, said, notShown: true } };
};

const tellUnread = ({ name, column, lacking }: UnreadSequence): string => `${name} of ${column} (grant it ${lacking})`;

/**
 * Whether a sequence that isn't clear was left behind by the restore. Rows that the source's sequence hasn't come to were written
 * by hand there, too; and where it would collide at once, the source lives with that. Without the source: only a sequence that was
 * in use, and collides at once.
 */
export function isLost(sequence: Sequence, twin: Sequence | undefined): boolean {
  if (!twin) return standingOf(sequence) === 'taken';
  const isByHand = BigInt(twin.next) <= BigInt(sequence.following!);
  return !isByHand && standingOf(twin) !== 'taken';
}

function tell({ name, column, next, greatest }: Sequence, twin: Sequence | undefined): string {
  const there = twin ? `, the source's ${twin.next}` : '';
  return `${name} gives ${next} next${there}, and ${column} has numbers up to ${greatest}`;
}
