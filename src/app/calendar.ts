/**
 * When a drill may begin: inside its window, outside every blackout. Both are wall time of a place, so summer time is the
 * place's business: an hour that comes twice counts twice, one that is left out never comes.
 */
import type { Guardrails } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';

/**
 * @throws UsageError `outside-window`, `in-blackout`
 */
export function refuseOutsideWindow({ window, blackout }: Guardrails, now: Date): void {
  if (window) {
    const { days, from, to, timezone } = window;
    const here = localTime(now, timezone);
    if (!days.includes(here.day) || here.time < from || here.time >= to) {
      throw new UsageError('outside-window', 'the drill may not begin now: it is outside its window', {
        expected: `${days.join(', ')} from ${from} to ${to} (${timezone})`,
        found: `${here.day} ${here.date} ${here.time} (${timezone})`,
        remedy: 'Run it inside the window, or change guardrails.window.',
      });
    }
  }
  for (const { from, to, timezone = window?.timezone ?? 'UTC' } of blackout) {
    const here = localTime(now, timezone);
    const instant = `${here.date}T${here.time}:${here.seconds}`;
    if (instant < firstInstant(from) || instant >= endOf(to)) continue;
    throw new UsageError('in-blackout', 'the drill may not begin now: it is in a blackout', {
      expected: `a time that is not from ${from} to ${to} (${timezone})`,
      found: `${here.day} ${here.date} ${here.time} (${timezone})`,
      remedy: `Run it after ${to}, or change guardrails.blackout.`,
    });
  }
}

interface LocalTime {
  /** `mon` to `sun`. */
  day: string;
  /** `2026-11-27` */
  date: string;
  /** `09:30` */
  time: string;
  seconds: string;
}

function localTime(instant: Date, timezone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((each) => each.type === type)!.value;
  return {
    day: part('weekday').toLowerCase(),
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
    seconds: part('second'),
  };
}

/** `2026-11-27` or `2026-11-27T18:00` with seconds, so that instants compare as text. */
const firstInstant = (text: string): string => (text.includes('T') ? withSeconds(text) : `${text}T00:00:00`);

/** The instant at which it is over. A last day without a time of day is in it whole. */
const endOf = (text: string): string => (text.includes('T') ? withSeconds(text) : `${text}T24:00:00`);

const withSeconds = (text: string): string => (text.length === 'YYYY-MM-DDTHH:MM'.length ? `${text}:00` : text);
