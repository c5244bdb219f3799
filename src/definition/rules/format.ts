/** Durations in messages, in the notation of definitions. */
const units: readonly (readonly [string, number])[] = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1_000]]; // prettier-ignore

/** Milliseconds in the largest unit that divides them: `90s`, `20m`, `26h`. */
export function formatDuration(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms % size === 0 && ms >= size) ?? ['ms', 1];
  return ms === 0 ? '0s' : `${ms / size}${unit}`;
}
