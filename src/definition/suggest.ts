/** "Did you mean": the known word nearest to a misspelt one, if any is near enough to be meant. */

/** @returns the nearest of `known`, or undefined when none is a likely slip of `word` */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const distance = distanceOf(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function distanceOf(word: string, candidate: string): number {
  const [a, b] = [squash(word), squash(candidate)];
  if (a === b) return 0;
  // `promote-replica` for `rds/promote-replica`
  if (a.length >= 4 && candidate.endsWith(`/${word}`)) return 0.5;
  const limit = Math.max(1, Math.floor(Math.min(a.length, b.length) / 3));
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  const distance = editDistance(a, b);
  return distance <= limit ? distance : Infinity;
}

const squash = (word: string): string => word.toLowerCase().replaceAll(/[_\s-]/g, '');

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cheapest = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cheapest = Math.min(cheapest, beforeLast[j - 2]! + 1);
      }
      row.push(cheapest);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
