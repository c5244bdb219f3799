/** When a prober leaves its run: by what its owner is, not by how long the prober itself was held up. */
import { expect, test } from 'vitest';
import { markNow } from '../../src/domain/clock.ts';
import { untilEnd } from '../../src/probes/lifetime.ts';
import { MemoryLog, emptyHead } from '../support/memory-log.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const never = new Promise<never>(() => undefined);

/** How it ends when the log is away for `heldMs` in the middle, and the run closes a minute later. */
async function ended(heldMs: number, isOwned: (atMs: number) => boolean): Promise<{ end: string; atMs: number }> {
  const clock = new VirtualClock();
  const log = new MemoryLog();
  const atMs = (): number => Number(clock.monoNs()) / 1e6;
  const close = { type: 'run.closing', mark: markNow(clock) } as const;
  let held = false;
  const head = async (runId: string): Promise<number> => {
    if (!held && atMs() > 5_000) {
      held = true;
      await clock.sleep(heldMs);
    }
    if (atMs() > 60_000 && (await log.head(runId)) === 0) await log.append(runId, emptyHead, close);
    return log.head(runId);
  };
  const life = {
    runId: 'r1',
    log: {
      head,
      read: (runId: string, after?: number) => log.read(runId, after),
      append: log.append.bind(log),
      runs: () => log.runs(),
    },
    clock,
    ownerAlive: () => Promise.resolve(isOwned(atMs())),
    ownerlessMs: 10_000,
    deadlineMs: 3_600_000,
    note: (problem: string) => expect.unreachable(problem),
  };
  const end = await untilEnd(life, never);
  return { end, atMs: atMs() };
}

test('one that was held up does not take its run for ownerless before it has asked again', async () => {
  expect(await ended(30_000, () => true)).toMatchObject({ end: 'closing' });
  expect(await ended(30_000, (atMs) => atMs < 4_000 || atMs > 6_000)).toMatchObject({ end: 'closing' });
});

test('a run that nobody owns is left once its owner has been away for so long', async () => {
  const { end, atMs } = await ended(0, (ms) => ms < 20_000);
  expect(end).toBe('ownerless');
  expect(atMs).toBeGreaterThan(29_000);
  expect(atMs).toBeLessThan(32_000);
});
