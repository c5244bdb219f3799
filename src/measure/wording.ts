/** Figures as they stand in a judge's sentences. */

/** `0 ms`, `850 ms`, `4.2 s`, `12 min 3 s`, `26 h 5 min`. Rounds up, so that a bound stays one. */
export function durationText(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1_000) return `${whole} ms`;
  if (whole < 60_000) return `${Math.ceil(whole / 100) / 10} s`;
  const seconds = Math.ceil(whole / 1_000);
  if (seconds < 3_600) return twoUnits(seconds, 60, 'min', 's');
  return twoUnits(Math.ceil(seconds / 60), 60, 'h', 'min');
}

function twoUnits(total: number, per: number, big: string, small: string): string {
  const rest = total % per;
  return rest === 0 ? `${total / per} ${big}` : `${Math.floor(total / per)} ${big} ${rest} ${small}`;
}

/** `1 write`, `3 writes`. */
export const countText = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`. */
export const listText = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
