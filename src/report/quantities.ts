/**
 * How figures are written for people: durations, intervals, times. Nothing here flatters: lower bounds are rounded
 * down, upper bounds up, so that a report never claims a shorter outage than was measured.
 */
import type { Interval, Recovery } from '../domain/record.ts';

type Direction = 'down' | 'up' | 'nearest';

const rounders: Record<Direction, (value: number) => number> = {
  down: (value) => Math.floor(value + 1e-9),
  up: (value) => Math.ceil(value - 1e-9),
  nearest: Math.round,
};

/** `85 ms`, `6.2 s`, `70 s`, `20 min`, `1 min 35 s`, `1 h 10 min`, `3 d 2 h`: two units at most, the smaller one rounded. */
export function duration(ms: number, direction: Direction = 'nearest'): string {
  if (ms < 0) return `-${duration(-ms, direction)}`;
  const round = rounders[direction];
  if (ms === 0) return '0 s';
  if (ms < 1_000) {
    const whole = round(ms);
    return whole === 1_000 ? '1 s' : `${whole} ms`;
  }
  const tenths = round(ms / 100);
  if (tenths < 600) return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} s`;
  const seconds = round(ms / 1_000);
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = round(ms / 60_000);
  if (minutes < 2 * 1_440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = round(ms / 3_600_000);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;

/**
 * `6.2 to 6.6 s`, or one duration when both bounds read the same, or are one figure but for its rounding to whole milliseconds.
 * The unit stands once when both share it.
 */
export function interval({ lowerMs, upperMs }: Interval): string {
  if (upperMs - lowerMs <= 1) return duration(upperMs, 'up');
  const lower = duration(lowerMs, 'down');
  const upper = duration(upperMs, 'up');
  if (lower === upper) return upper;
  const [lowerFigure, lowerUnit, ...more] = lower.split(' ');
  const [, upperUnit, ...rest] = upper.split(' ');
  const plain = more.length === 0 && rest.length === 0 && lowerUnit === upperUnit;
  return plain ? `${lowerFigure} to ${upper}` : `${lower} to ${upper}`;
}

/** `none`, `at most 20 min`: how a promise is written. */
export const atMost = (ms: number): string => (ms === 0 ? 'none' : `at most ${duration(ms)}`);

/** Time that was added to what was measured, because people have to act and did not in the run. Milliseconds. */
export const declaredMs = ({ measured, rto }: Pick<Recovery, 'measured' | 'rto'>): number =>
  measured && rto ? Math.max(0, Math.round(rto.upperMs - measured.upperMs)) : 0;

/** `2026-03-14 09:00:05 UTC`. Text that is no time stays as it is. */
export function moment(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2026-03-14`. */
export const day = (iso: string): string => moment(iso).slice(0, 10);

/** `1 write`, `3 writes`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

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
