/**
 * Times as sentences for people give them, alike in checks, reasons, reports and plans. What machines read keeps milliseconds and
 * ISO 8601; drills have a notation of their own.
 */

type Direction = 'down' | 'up' | 'nearest';

const rounders: Record<Direction, (value: number) => number> = {
  down: (value) => Math.floor(value + 1e-9),
  up: (value) => Math.ceil(value - 1e-9),
  nearest: Math.round,
};

/**
 * `85 ms`, `6.2 s`, `20 min`, `1 min 35 s`, `26 h`, `3 d 2 h`: two units at most, the smaller one rounded; hours up to three days, as
 * objectives are written. A bound is rounded away from the truth: an upper one `up`, a lower one `down`.
 */
export function durationText(ms: number, direction: Direction = 'nearest'): string {
  if (ms < 0) return `-${durationText(-ms, direction)}`;
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
  if (minutes < 3 * 1_440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = round(ms / 3_600_000);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;

/** `2026-03-14 09:00:05 UTC` of a time in ISO 8601. Text that is no time stays as it is. */
export function momentText(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
