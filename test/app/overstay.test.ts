/** A process that should have ended: it is ended, saying why, whatever keeps it; one that is needed is left alone. */
import { expect, it } from 'vitest';
import { endWhenOverstayed } from '../../src/app/overstay.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const never = new Promise<never>(() => undefined);

/** @returns when it was ended and why, or undefined when it was not within `untilMs` */
async function ended(needed: (atMs: number) => Promise<boolean>, untilMs = 3_600_000) {
  const clock = new VirtualClock();
  const atMs = (): number => Number(clock.monoNs()) / 1e6;
  const done = new AbortController();
  let end: { atMs: number; why: string } | undefined;
  const limits = { overMs: 300_000, unknownMs: 60_000 };
  endWhenOverstayed(
    { clock, needed: () => needed(atMs()), ...limits, end: (why) => (end = { atMs: atMs(), why }) },
    done.signal,
  );
  while (!end && atMs() < untilMs) await clock.sleep(1_000);
  done.abort();
  return end;
}

it('what is needed is left alone', async () => {
  expect(await ended(() => Promise.resolve(true))).toBeUndefined();
});

it('what is not needed any more is ended when its time is over', async () => {
  const end = await ended((atMs) => Promise.resolve(atMs < 100_000));
  expect(end!.why).toContain('not needed any more for 300 s');
  expect(end!.atMs).toBeGreaterThan(400_000);
  expect(end!.atMs).toBeLessThan(420_000);
});

it('what nobody can say is ended: the answer fails, or never comes', async () => {
  for (const answer of [() => Promise.reject(new Error('no store')), () => never]) {
    const end = await ended((atMs) => (atMs < 100_000 ? Promise.resolve(true) : answer()));
    expect(end!.why).toContain('nobody could tell it for 60 s');
    expect(end!.atMs).toBeLessThan(180_000);
  }
});

it('a store that is away for a moment ends nothing', async () => {
  expect(
    await ended((atMs) => (atMs % 100_000 < 40_000 ? Promise.reject(new Error('away')) : Promise.resolve(true))),
  ).toBe(undefined);
});

it('what has ended is not looked at any more', async () => {
  const clock = new VirtualClock();
  const done = new AbortController();
  let asked = 0;
  const needed = (): Promise<boolean> => Promise.resolve((asked += 1) > 0);
  endWhenOverstayed({ clock, needed, overMs: 1, unknownMs: 1, end: () => expect.unreachable() }, done.signal);
  done.abort();
  await clock.sleep(60_000);
  expect(asked).toBe(1);
});
