/**
 * Rung 7, for PostgreSQL: sequences were restored with the rows. A copy whose sequences stand before its rows has every row, and
 * refuses the first one that is added. But numbers are written by hand, too: then the source's sequence stands there as well, and
 * nothing was lost. So one that stands behind is held against the source; without a source only what hands can hardly have done
 * fails, and the rest is told. A few high numbers far beyond are let be.
 */
import type { Sequence } from './engine.ts';
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
  const found = await restored.use(attempt, (session) => engine.sequences!(session));
  if (found.length === 0) return { done: true };
  const behind = found.filter((each) => standingOf(each) !== 'clear');
  if (behind.length === 0) {
    const said = `${found.length === 1 ? '1 sequence stands' : `All ${found.length} sequences stand`} where the next row can be added.`;
    return { done: true, check: { holds: true, said } };
  }
  const theirs = (source && (await source.use(attempt, (session) => engine.sequences!(session)))) ?? [];
  const twinOf = ({ name, column }: Sequence): Sequence | undefined =>
    theirs.find((each) => each.name === name && each.column === column);
  const lost = behind.filter((each) => isLost(each, twinOf(each)));
  if (lost.length > 0) {
    const are = lost.length === 1 ? 'is not where it was' : 'are not where they were';
    const told = lost.map((each) => tell(each, twinOf(each)));
    const said = sentence([`${lost.length} of ${found.length} sequences ${are}`, firstOf(told, most)]);
    return { done: true, check: { holds: false, said } };
  }
  const open = behind.filter((each) => !twinOf(each));
  const told = firstOf(
    behind.map((each) => tell(each, twinOf(each))),
    most,
  );
  if (open.length === 0) {
    const said = sentence([
      `${behind.length} of ${found.length} sequences ${behind.length === 1 ? 'stands' : 'stand'} before the numbers that are there, as in the source`,
      told,
    ]);
    return { done: true, check: { holds: true, said } };
  }
  const said = sentence([
    `${open.length} of ${found.length} sequences may stand before the numbers that are there by right, or may be lost: the source would tell`,
    told,
  ]);
  return { done: true, check: { holds: true, said, notShown: true } };
};

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
