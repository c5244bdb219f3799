/**
 * How figures are written for people: durations, intervals, times. Nothing here flatters: lower bounds are rounded
 * down, upper bounds up, so that a report never claims a shorter outage than was measured.
 */
import type { Interval, Recovery } from '../domain/record.ts';
import { durationText as duration, momentText as moment } from '../domain/time-text.ts';

export { duration, moment };

/**
 * `6.2 to 6.6 s`, or the upper bound alone when both are one figure but for its rounding. The unit stands once when both share it.
 */
export function interval({ lowerMs, upperMs }: Interval): string {
  const lower = duration(lowerMs, 'down');
  const upper = duration(upperMs, 'up');
  if (upperMs - lowerMs <= 1 || duration(lowerMs) === duration(upperMs)) return upper;
  const [lowerFigure, lowerUnit, ...more] = lower.split(' ');
  const [, upperUnit, ...rest] = upper.split(' ');
  const plain = more.length === 0 && rest.length === 0 && lowerUnit === upperUnit;
  return plain ? `${lowerFigure} to ${upper}` : `${lower} to ${upper}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `none`, `at most 20 min`: how a promise is written. */
export const atMost = (ms: number): string => (ms === 0 ? 'none' : `at most ${duration(ms)}`);

/** Time that was added to what was measured, because people have to act and did not in the run. Milliseconds. */
export const declaredMs = ({ measured, rto }: Pick<Recovery, 'measured' | 'rto'>): number =>
  measured && rto ? Math.max(0, Math.round(rto.upperMs - measured.upperMs)) : 0;

/** `2026-03-14`. */
export const day = (iso: string): string => moment(iso).slice(0, 10);

/** `1 write`, `3 writes`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** With a full stop, unless it has an end. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/**
 * A share as a percentage that never claims more than the share: cut, not rounded. 0.99995 with two decimals is 99.99, never
 * 100.00.
 */
export function percentDown(share: number, decimals: number): string {
  const scale = 10 ** decimals;
  return (Math.floor(share * 100 * scale + 1e-7) / scale).toFixed(decimals);
}
