/** Figures and lists in the sentences of checks: short, and with the direction of a difference. */

/** `100 fewer (5 %)`. */
export function differenceOf(expected: number, found: number): string {
  const gap = Math.abs(found - expected);
  const direction = found < expected ? 'fewer' : 'more';
  if (expected === 0) return `${gap} ${direction}`;
  const percent = (gap / expected) * 100;
  const shown = percent >= 1 ? Math.round(percent).toString() : percent >= 0.01 ? percent.toFixed(2) : '< 0.01';
  return `${gap} ${direction} (${shown} %)`;
}

export const rowsOf = (n: number): string => (n === 1 ? '1 row' : `${n} rows`);

/** The first few of a list, and how many more there are. */
export function firstOf(list: readonly string[], most: number): string {
  const shown = list.slice(0, most).join(', ');
  return list.length > most ? `${shown} and ${list.length - most} more` : shown;
}

export const shorten = (text: string, most = 200): string =>
  text.length > most ? `${text.slice(0, most - 3)}...` : text;

/** Parts of one sentence. It may begin with a name, so its first letter stays as it is. */
export const sentence = (parts: readonly string[]): string => `${parts.join('; ')}.`;
