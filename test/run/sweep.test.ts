/**
 * Every point at which an orchestrator can die, freeze, or lose an answer. Whatever happens, the next process brings the run
 * to the same end, no effect is lost or made twice, and nothing that lost the run touches the estate.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { isLost } from '../../src/domain/errors.ts';
import { fold } from '../../src/run/next.ts';
import { standing } from '../../src/run/todo.ts';
import { endings, failingOver, initial, undoing } from './drills.ts';
import { Died, Estate, Process, runId, startRun } from './estate.ts';
import type { Fate } from './estate.ts';

const drills = { 'that undoes everything': undoing, 'that passes a pivot': failingOver };

async function begun(plan: Plan): Promise<Estate> {
  const estate = new Estate(initial);
  await startRun(estate, plan);
  return estate;
}

/** Drives until a process survives. */
async function driveThrough(estate: Estate, fates: readonly (readonly Fate[])[]): Promise<Process> {
  for (const [i, fate] of [...fates, []].entries()) {
    const process = new Process(estate, `p${i}`, fate);
    const ended = await process.drive().then(
      () => true,
      (error: unknown) => {
        if (error instanceof Died || process.dead) return false;
        throw error;
      },
    );
    if (ended) return process;
  }
  throw new Error('no process survived');
}

async function callsOf(plan: () => Plan): Promise<number> {
  const estate = await begun(plan());
  return (await driveThrough(estate, [])).calls;
}

async function expectEnded(estate: Estate, expected: Record<string, string>): Promise<void> {
  const state = fold(await estate.log.read(runId))!;
  expect(state.finished).toBe(true);
  expect(estate.snapshot()).toEqual(expected);
  expect(estate.usurped).toEqual([]);
  expect(standing(state).filter((run) => !run.step.stays)).toEqual([]);
}

describe.each(Object.entries(drills))('a drill %s', (_, plan) => {
  const expected = plan === undoing ? endings.undone : endings.rolledForward;

  it('ends the same after a crash at every point', async () => {
    const calls = await callsOf(plan);
    for (let at = 1; at <= calls; at += 1) {
      for (const kind of ['die-before', 'die-after'] as const) {
        const estate = await begun(plan());
        await driveThrough(estate, [[{ at, kind }]]);
        await expectEnded(estate, expected);
      }
    }
  });

  it('makes no effect twice, whatever the crash point', async () => {
    const calls = await callsOf(plan);
    for (let at = 1; at <= calls; at += 1) {
      const estate = await begun(plan());
      await driveThrough(estate, [[{ at, kind: 'die-after' }]]);
      const effects = estate.effects.map((effect) => effect.replace(/^p\d+ /, ''));
      expect(new Set(effects).size).toBe(effects.length);
    }
  });

  it('ends the same after every pair of crashes in a sample', async () => {
    const calls = await callsOf(plan);
    const kind = fc.constantFrom('die-before' as const, 'die-after' as const);
    const point = fc.record({ at: fc.integer({ min: 1, max: calls }), kind });
    await fc.assert(
      fc.asyncProperty(point, point, fc.array(point, { maxLength: 2 }), async (a, b, more) => {
        const estate = await begun(plan());
        await driveThrough(estate, [[a], [b], ...more.map((fate) => [fate])]);
        await expectEnded(estate, expected);
      }),
      { numRuns: 300 },
    );
  });

  it('resolves every lost answer by reading', async () => {
    const calls = await callsOf(plan);
    for (let at = 1; at <= calls; at += 1) {
      const estate = await begun(plan());
      await driveThrough(estate, [[{ at, kind: 'lose' }]]);
      await expectEnded(estate, expected);
      const effects = estate.effects.map((effect) => effect.replace(/^p\d+ /, ''));
      expect(new Set(effects).size).toBe(effects.length);
    }
  });

  it('is not touched by an owner that wakes up after a takeover', async () => {
    const calls = await callsOf(plan);
    for (let at = 1; at <= calls; at += 1) {
      const estate = await begun(plan());
      const zombie = new Process(estate, 'zombie', [{ at, kind: 'freeze' }]);
      const frozen = new Promise<void>((resolve) => (zombie.onFreeze = resolve));
      const woken = zombie.drive().then(
        () => 'finished',
        (error: unknown) => (isLost(error) ? 'lost' : Promise.reject(error as Error)),
      );
      await frozen;
      await new Process(estate, 'heir').drive();
      zombie.thaw();
      expect(['lost', 'finished']).toContain(await woken);
      await expectEnded(estate, expected);
    }
  });

  it('ends with nothing standing when it is aborted at any point', async () => {
    const calls = await callsOf(plan);
    for (let at = 1; at <= calls; at += 1) {
      const estate = await begun(plan());
      const process = new Process(estate, 'p', [{ at, kind: 'freeze' }]);
      process.onFreeze = () => {
        estate.messages.push({ kind: 'abort', by: 'ada' });
        process.thaw();
      };
      await process.drive();
      const promoted = estate.values.get('replica') === 'primary';
      await expectEnded(estate, promoted ? endings.rolledForward : endings.undone);
    }
  });

  it('never goes back behind a promotion when any write is refused', async () => {
    const calls = await callsOf(plan);
    for (let at = 1; at <= calls; at += 1) {
      const estate = await begun(plan());
      await driveThrough(estate, [[{ at, kind: 'refuse' }]]);
      const state = fold(await estate.log.read(runId))!;
      expect(state.finished).toBe(true);
      if (estate.values.get('replica') === 'primary') expect(estate.values.get('old')).toBe('fenced');
      else expect(estate.snapshot()).toEqual(endings.undone);
    }
  });
});
