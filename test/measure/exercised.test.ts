/** Whether loss was tried: what positions and acknowledged writes prove of a replication that was to be cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeasuredRpo } from '../../src/domain/record.ts';
import type { Sample } from '../../src/domain/sample.ts';
import { judge } from '../../src/measure/judge.ts';
import type { Told } from './support/world.ts';
import { changed, clockId, logOf, nsAt, phase, planOf, probe, sample, step, watched } from './support/world.ts';

const faultMs = 10_000;
const promotedMs = 14_000;
/** Nothing that a healthy service answers takes longer than this to be missed. */
const quietMs = 1_000;

const probes = [probe('read'), probe('write', { canary: true, expect: 'any' })];
const steps = [
  step('lose', 'inject'),
  step('fence', 'recover', { fences: 'active-db', stays: true }),
  step('promote', 'recover', { pivot: 'passive-db', stays: true }),
];
const login = { host: 'h', port: 1, engine: 'postgres', login: 'env:X', everyMs: 100 };
const positions = ['active-db', 'passive-db'].map((target) => ({ target, ...login }));
const told: readonly Told[] = [
  phase(faultMs - 10, 'inject'),
  ...changed(faultMs, 'lose'),
  phase(faultMs + 2_000, 'recover'),
  ...changed(faultMs + 2_000, 'fence'),
  ...changed(promotedMs, 'promote', { pivot: true }),
  [25_000, { type: 'run.closing' }],
];

const at = (target: string, untilMs: number, positionAt: (ms: number) => number): Sample[] =>
  Array.from({ length: untilMs / 100 }, (_, n) =>
    sample(`position:${target}`, n, n * 100, 'good', { value: String(positionAt(n * 100)) }),
  );
const stillFrom = (ms: number) => (now: number) => Math.min(now, ms);
const replica = (positionAt: (ms: number) => number) => at('passive-db', promotedMs, positionAt);
const source = (positionAt: (ms: number) => number) => at('active-db', faultMs, positionAt);

/** Writes are acknowledged until then, and again from the promotion on. */
const writesUntil = (ms: number) => watched('write', 25_000, [[ms, promotedMs + 100]]);

function rpoOf(samples: readonly Sample[], lost: (seq: number) => boolean = () => false): MeasuredRpo {
  const plan = planOf({ probes, steps, positions });
  const acked = samples.filter((one) => one.probe === 'write' && one.outcome === 'good' && !lost(one.seq));
  const found = acked.map(({ seq }): [number, number] => [seq, seq]);
  const readbacks = [{ probe: 'write', found, atNs: nsAt(26_000), clockId }];
  const read = watched('read', 25_000, [[faultMs, promotedMs]]);
  return judge({ plan, entries: logOf(plan, told), samples: [...read, ...samples], readbacks }).recovery.rpo!;
}

describe('a replica that stands still after the fault', () => {
  test('shows that nothing lagged behind where the source was busy until then', () => {
    expect(rpoOf([...writesUntil(faultMs), ...replica(stillFrom(faultMs))])).toMatchObject({
      exercised: true,
      upperMs: 0,
    });
  });

  test('shows nothing where the source was idle', () => {
    const rpo = rpoOf([...writesUntil(5_000), ...replica(stillFrom(5_000))]);
    expect(rpo).toMatchObject({
      exercised: false,
      why: expect.stringMatching(/source was idle.*5\.1 s before.*stood still/),
    });
    expect(rpo).not.toHaveProperty('upperMs');
    const never = rpoOf([...writesUntil(0), ...replica(stillFrom(0))]);
    expect(never).toMatchObject({ exercised: false, why: expect.stringMatching(/idle when the fault came, so/) });
  });

  test('shows the same when others wrote to the source until the fault', () => {
    const idle = writesUntil(5_000);
    const grew = rpoOf([...idle, ...source((ms) => ms), ...replica(stillFrom(faultMs - 100))]);
    expect(grew).toMatchObject({ exercised: true, upperMs: 0 });
    const rested = rpoOf([...idle, ...source(stillFrom(5_000)), ...replica(stillFrom(5_000))]);
    expect(rested.exercised).toBe(false);
  });

  test('was cut off when it stands behind what its source had written', () => {
    const rpo = rpoOf([...writesUntil(5_000), ...source(stillFrom(5_000)), ...replica(stillFrom(4_000))]);
    expect(rpo.exercised).toBe(true);
  });

  test('was cut off when acknowledged writes are missing, idle source or not', () => {
    const rpo = rpoOf([...writesUntil(5_000), ...replica(stillFrom(4_000))], (seq) => seq > 40 && seq < 50);
    expect(rpo).toMatchObject({ exercised: true, lostWrites: 9 });
  });

  test('never proves that nothing was lost once the source has been idle for long', () => {
    const ended = fc.integer({ min: 1_000, max: faultMs - quietMs - 110 });
    fc.assert(
      fc.property(ended, fc.boolean(), (untilMs, watchesSource) => {
        const looks = watchesSource ? source(stillFrom(untilMs)) : [];
        const rpo = rpoOf([...writesUntil(untilMs), ...looks, ...replica(stillFrom(untilMs))]);
        expect(rpo).toMatchObject({ exercised: false });
        expect(rpo).not.toHaveProperty('upperMs');
      }),
    );
  });
});

test('a write that was acknowledged after the fault and is there shows that replication went on', () => {
  const late = sample('write', 900, faultMs + 1_000, 'good');
  const arrived = rpoOf([...writesUntil(faultMs), late, ...replica(stillFrom(faultMs))]);
  expect(arrived).toMatchObject({ exercised: false, why: expect.stringContaining('acknowledged after the fault') });
  const gone = rpoOf([...writesUntil(faultMs), late, ...replica(stillFrom(faultMs))], (seq) => seq === 900);
  expect(gone).toMatchObject({ exercised: true, lostWrites: 1 });
});
