/**
 * Rung 7, for PostgreSQL: sequences were restored with the rows. A copy whose sequences stand at the beginning has every row, and
 * refuses the first one that is added. No reference is needed for that. A few high numbers that somebody wrote by hand are let be.
 */
import type { Sequence } from './engine.ts';
import type { Rung } from './rung.ts';
import { firstOf, sentence } from './wording.ts';

/** Sequences that are told by name. */
const most = 5;

export const sequencesRung: Rung = async ({ engine, restored }, attempt) => {
  const found = await restored.use(attempt, (session) => engine.sequences!(session));
  if (found.length === 0) return { done: true };
  const behind = found.filter(isBehind);
  if (behind.length === 0) {
    const said = `${found.length === 1 ? '1 sequence stands' : `All ${found.length} sequences stand`} where the next row can be added.`;
    return { done: true, check: { holds: true, said } };
  }
  const told = behind.map(
    ({ name, column, next, greatest }) => `${name} gives ${next} next, and ${column} has numbers up to ${greatest}`,
  );
  const are = behind.length === 1 ? 'is not where it was' : 'are not where they were';
  const said = sentence([`${behind.length} of ${found.length} sequences ${are}`, firstOf(told, most)]);
  return { done: true, check: { holds: false, said } };
};

/** No number is below it, so it was never advanced; or the next rows that are added will collide. */
export function isBehind({ next, least, collides }: Sequence): boolean {
  return collides || (least !== null && BigInt(least) >= BigInt(next));
}
