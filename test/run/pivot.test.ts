/**
 * The point of no return, where it is easily mistaken: a promotion that was accepted shows only minutes later, and everything
 * that would be undone on the belief that it did not take place (the fence above all) would leave two primaries.
 */
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/run/journal.ts';
import { endings, failingOver, initial } from './drills.ts';
import { Died, Estate, Process, runId, startRun } from './estate.ts';
import type { RunState } from '../../src/run/next.ts';
import type { Plan } from '../../src/domain/plan.ts';

async function estateOf(plan: Plan, promotion: Estate['promotion']): Promise<Estate> {
  const estate = new Estate(initial);
  estate.promotion = promotion;
  await startRun(estate, plan);
  return estate;
}

const outcome = (process: Process): Promise<RunState | undefined> =>
  process.drive().catch((error: unknown) => {
    if (error instanceof Died || process.dead) return undefined;
    throw error;
  });

const impatient = (): Plan => {
  const plan = failingOver();
  return { ...plan, steps: plan.steps.map((step) => (step.id === 'promote' ? { ...step, timeoutMs: 5_000 } : step)) };
};

describe('a promotion that takes its time', () => {
  it('counts as passed when its step ran out of time, so that the fence stays', async () => {
    const estate = await estateOf(impatient(), { takesMs: 120_000, silentMs: 0 });
    const state = await outcome(new Process(estate, 'a'));
    expect(state!.turn).toMatchObject({ kind: 'failed', step: 'promote' });
    expect(state!.steps.get('promote')!.parts[0]!.state).toBe('failed');
    expect(estate.values.get('old')).toBe('fenced');
    expect(estate.effects).not.toContain('a set old serving');
  });

  it.each([
    ['is under way', { takesMs: 120_000, silentMs: 0 }],
    ['does not even show as under way yet', { takesMs: 120_000, silentMs: 8_000 }],
  ])('is not undone after a crash that lost its answer, while it %s', async (_, promotion) => {
    const estate = await estateOf(failingOver(), promotion);
    const first = new Process(estate, 'a');
    first.dieAt({ type: 'step.applied', step: 'promote' }, 'before');
    await outcome(first);
    expect(estate.promotedAtMs).toBeDefined();
    estate.messages.push({ kind: 'abort', by: 'ada' });
    const state = await outcome(new Process(estate, 'b'));
    expect(state!.finished).toBe(true);
    expect(estate.effects).not.toContain('b set old serving');
    expect(estate.values.get('old')).toBe('fenced');
  });
});

describe('a promotion that was intended and never asked for', () => {
  const intended = async (): Promise<Estate> => {
    const estate = await estateOf(failingOver(), { takesMs: 0, silentMs: 0 });
    const first = new Process(estate, 'a');
    first.dieAt({ type: 'step.begun', step: 'promote' }, 'after');
    await outcome(first);
    estate.messages.push({ kind: 'abort', by: 'ada' });
    return estate;
  };

  it.each(['step.undoing', 'step.undone'])(
    'is undone, also when the process dies while it writes the proof down (%s)',
    async (type) => {
      for (const when of ['before', 'after'] as const) {
        const estate = await intended();
        const second = new Process(estate, 'b');
        second.dieAt({ type, step: 'promote' }, when);
        await turnedAlready(estate);
        expect(await outcome(second)).toBeUndefined();
        const state = await outcome(new Process(estate, 'c'));
        expect(state!.finished).toBe(true);
        expect(estate.snapshot(), `died ${when} ${type}`).toEqual(endings.undone);
      }
    },
  );
});

/** The abort was heard before the process died: what follows begins with a run that has turned. */
async function turnedAlready(estate: Estate): Promise<void> {
  const journal = await Journal.claim(estate.log, estate.clock, runId, 'x');
  await journal.append({ type: 'run.turned', turn: { kind: 'aborted', message: 'aborted by ada', by: 'ada' } });
}
