/** When a drill may begin, held against what the clocks in Berlin and New York really do when summer time comes and goes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseOutsideWindow } from '../../src/app/calendar.ts';
import type { Guardrails } from '../../src/domain/drill.ts';
import { UsageError } from '../../src/domain/errors.ts';

const none: Guardrails = { maxDurationMs: 1, stopOn: [], blackout: [] };
const week = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const hour = 3_600_000;

/** Where the clocks change in 2026, as the governments have published it. */
const places = {
  'Europe/Berlin': { summer: ['2026-03-29T01:00Z', '2026-10-25T01:00Z'], offsets: [1, 2] },
  'America/New_York': { summer: ['2026-03-08T07:00Z', '2026-11-01T06:00Z'], offsets: [-5, -4] },
  'Asia/Kolkata': { summer: ['2026-01-01T00:00Z', '2026-01-01T00:00Z'], offsets: [5.5, 5.5] },
} as const;
type Place = keyof typeof places;

/** Wall time at a place, as a UTC date that reads the same. */
function wallAt(place: Place, instant: Date): Date {
  const { summer, offsets } = places[place];
  const isSummer = instant >= new Date(summer[0]) && instant < new Date(summer[1]);
  return new Date(instant.getTime() + offsets[isSummer ? 1 : 0] * hour);
}

const refusalOf = (guardrails: Guardrails, now: Date): UsageError | undefined => {
  try {
    refuseOutsideWindow(guardrails, now);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
};

const anyPlace = fc.constantFrom<Place[]>('Europe/Berlin', 'America/New_York', 'Asia/Kolkata');
/** Any instant of 2026, every other one within a few hours of a change of the clocks. */
const anyInstant = fc.oneof(
  fc.date({ min: new Date('2026-01-02Z'), max: new Date('2026-12-30Z'), noInvalidDate: true }),
  fc
    .tuple(
      fc.constantFrom(...Object.values(places).flatMap(({ summer }) => summer)),
      fc.integer({ min: -5 * hour, max: 5 * hour }),
    )
    .map(([change, ms]) => new Date(new Date(change).getTime() + ms)),
);
const anyTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));

describe('a window', () => {
  it('is open exactly while the clock at the place says so, whatever summer time does', () => {
    fc.assert(
      fc.property(
        anyPlace,
        anyInstant,
        fc.subarray(week, { minLength: 1 }),
        anyTime,
        anyTime,
        (timezone, now, days, from, to) => {
          fc.pre(from < to);
          const wall = wallAt(timezone, now);
          const time = wall.toISOString().slice(11, 16);
          const open = days.includes(week[wall.getUTCDay()]!) && time >= from && time < to;
          const refused = refusalOf({ ...none, window: { days, from, to, timezone } }, now);
          expect(refused === undefined).toBe(open);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is open in both of the hours that come twice, and never in the one that is left out', () => {
    const window = { days: week, from: '02:00', to: '03:00', timezone: 'Europe/Berlin' };
    const openHours = (day: string): number =>
      Array.from({ length: 24 * 6 }, (_, n) => new Date(Date.parse(`${day}T00:00Z`) + n * 600_000)).filter(
        (now) => !refusalOf({ ...none, window }, now),
      ).length / 6;
    expect(openHours('2026-10-25')).toBe(2);
    expect(openHours('2026-03-29')).toBe(0);
    expect(openHours('2026-05-05')).toBe(1);
  });

  it('that is closed names itself, now, and whose time that is', () => {
    const window = { days: ['mon', 'tue', 'wed', 'thu'], from: '09:00', to: '17:00', timezone: 'Europe/Berlin' };
    expect(refusalOf({ ...none, window }, new Date('2026-01-31T13:25Z'))).toMatchObject({
      code: 'outside-window',
      expected: 'mon, tue, wed, thu from 09:00 to 17:00 (Europe/Berlin)',
      found: 'sat 2026-01-31 14:25 (Europe/Berlin)',
    });
  });
});

describe('a blackout', () => {
  const berlin = (from: string, to: string): Guardrails => ({
    ...none,
    blackout: [{ from, to, timezone: 'Europe/Berlin' }],
  });

  it('holds exactly while the calendar at the place says so', () => {
    const anyDay = fc
      .date({ min: new Date('2026-01-02Z'), max: new Date('2026-12-30Z'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const anyPoint = fc.oneof(
      anyDay,
      fc.tuple(anyDay, anyTime).map(([day, time]) => `${day}T${time}`),
    );
    fc.assert(
      fc.property(anyPlace, anyPoint, anyPoint, anyInstant, (timezone, from, to, now) => {
        const wall = wallAt(timezone, now).getTime();
        const begins = Date.parse(from.includes('T') ? `${from}Z` : `${from}T00:00Z`);
        const ends = to.includes('T') ? Date.parse(`${to}Z`) : Date.parse(`${to}T00:00Z`) + 24 * hour;
        const refused = refusalOf({ ...none, blackout: [{ from, to, timezone }] }, now);
        expect(refused !== undefined).toBe(wall >= begins && wall < ends);
      }),
      { numRuns: 500 },
    );
  });

  it('takes in the whole of a last day that has no time', () => {
    const days = berlin('2026-11-27', '2026-11-30');
    expect(refusalOf(days, new Date('2026-11-26T22:59:59Z'))).toBeUndefined();
    expect(refusalOf(days, new Date('2026-11-26T23:00:00Z'))).toMatchObject({ code: 'in-blackout' });
    expect(refusalOf(days, new Date('2026-11-30T22:59:59Z'))).toMatchObject({
      found: 'mon 2026-11-30 23:59 (Europe/Berlin)',
    });
    expect(refusalOf(days, new Date('2026-11-30T23:00:00Z'))).toBeUndefined();
  });

  it('ends to the second where a time is given', () => {
    const times = berlin('2026-11-27T18:00', '2026-11-27T18:00:30');
    expect(refusalOf(times, new Date('2026-11-27T17:00:29Z'))).toBeDefined();
    expect(refusalOf(times, new Date('2026-11-27T17:00:30Z'))).toBeUndefined();
  });

  it("is the window's time when it names no zone, and UTC without a window", () => {
    const blackout = [{ from: '2026-11-27', to: '2026-11-27' }];
    const window = { days: week, from: '00:00', to: '23:59', timezone: 'Asia/Kolkata' };
    const now = new Date('2026-11-26T19:00Z');
    expect(refusalOf({ ...none, window, blackout }, now)).toMatchObject({ code: 'in-blackout' });
    expect(refusalOf({ ...none, blackout }, now)).toBeUndefined();
  });
});
