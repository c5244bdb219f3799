/** What a probe says of questions that were open while the prober itself was held up, in time that passes as it is told to. */
import { expect, test } from 'vitest';
import type { Sample } from '../../src/domain/sample.ts';
import type { LiveProbe } from '../../src/probes/probe.ts';
import { Stalls } from '../../src/probes/stalls.ts';
import { watch } from '../../src/probes/watcher.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const timing = { name: 'read', everyMs: 50, timeoutMs: 400 };
const nobody: LiveProbe = {
  ask: (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  close: () => undefined,
};

/** Asks nobody, is held up for `heldMs` after 300 ms, and goes on for a second. @returns what was open then, and all */
async function heldUpFor(heldMs: number): Promise<{ open: Sample[]; all: Sample[] }> {
  const clock = new VirtualClock();
  const stalls = new Stalls(clock);
  const all: Sample[] = [];
  const asking = new AbortController();
  const beating = new AbortController();
  const context = { clock, stalls, firstN: 0, write: (sample: Sample) => void all.push(sample) };
  const background = stalls.watch(beating.signal);
  const watching = watch({ probe: timing, live: nobody }, context, asking.signal);
  await clock.sleep(310);
  const stalledNs = clock.monoNs();
  clock.hold(heldMs);
  await clock.sleep(1_000);
  asking.abort();
  await watching;
  beating.abort();
  await background;
  return { all, open: all.filter(({ sentNs }) => BigInt(sentNs) < stalledNs) };
}

test('a prober that was held up for a moment only still says that nobody answered', async () => {
  const { open } = await heldUpFor(150);
  expect(open.map(({ outcome, why }) => `${outcome} ${why}`)).toEqual(Array(7).fill('bad timeout'));
});

test('a prober that was held up for longer than it waits for answers can not tell', async () => {
  const { open, all } = await heldUpFor(600);
  expect(open.map(({ outcome, why }) => `${outcome} ${why}`)).toEqual(Array(7).fill('unknown prober stalled'));
  // Nor what it did not get to ask meanwhile; what it asks then is answered for again.
  expect(all.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThanOrEqual(7 + 11);
  expect(all.at(-1)).toMatchObject({ outcome: 'bad', why: 'timeout' });
});
