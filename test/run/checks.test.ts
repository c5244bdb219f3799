/** Steps that look at several things that have to hold: all are looked at, and what doesn't hold fails the step in the end. */
import { describe, expect, it } from 'vitest';
import { Estate, Process, planOf, runId, startRun } from './estate.ts';

async function climb(broken: Record<string, string>) {
  const estate = new Estate({ web: 'on' });
  const plan = planOf({
    inject: [{ id: 'off', uses: 'set', with: { key: 'web', to: 'off' } }],
    verify: [{ id: 'ladder', uses: 'climb', with: broken }],
  });
  await startRun(estate, plan);
  const state = await new Process(estate, 'a').drive();
  const events = (await estate.log.read(runId)).map(({ event }) => event);
  const looked = events.flatMap((event) => (event.type === 'step.settled' && event.check ? [event.part] : []));
  const error = events.find((event) => event.type === 'step.failed')?.error;
  return { estate, state, looked, error };
}

describe('a step whose checks all hold', () => {
  it('succeeds', async () => {
    const { state, looked, error } = await climb({});
    expect(looked).toEqual(['low', 'middle', 'high']);
    expect(error).toBeUndefined();
    expect(state.turn).toBeUndefined();
  });
});

describe('a step of which some checks do not hold', () => {
  it('looks at the rest all the same, then fails with everything that was found', async () => {
    const { looked, error, state } = await climb({ breaks: 'low high' });
    expect(looked).toEqual(['low', 'middle', 'high']);
    expect(error).toMatchObject({
      code: 'checks-failed',
      message: 'low: low was looked at. high: high was looked at.',
    });
    expect(state.turn).toMatchObject({ kind: 'failed', step: 'ladder' });
  });

  it('has everything undone', async () => {
    const { estate } = await climb({ breaks: 'low' });
    expect(estate.snapshot()).toEqual({ web: 'on' });
  });

  it('makes the run inconclusive where the drill itself is at fault', async () => {
    expect((await climb({ breaks: 'middle', proves: 'nothing' })).state.turn).toMatchObject({ kind: 'inconclusive' });
  });
});

describe('a check that breaks off because the drill itself is at fault', () => {
  it('ends the step there and makes the run inconclusive', async () => {
    const { looked, state, estate } = await climb({ throws: 'middle' });
    expect(looked).toEqual(['low']);
    expect(state.turn).toMatchObject({ kind: 'inconclusive', message: 'step ladder failed: middle is unfit' });
    expect(estate.snapshot()).toEqual({ web: 'on' });
  });
});
