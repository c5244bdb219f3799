/** The driver on a whole, undisturbed run, and on runs that a person or a failure turns. */
import { describe, expect, it } from 'vitest';
import { Estate, Process, planOf, runId, startRun } from './estate.ts';
import type { StepSketch } from './estate.ts';
import type { Phase } from '../../src/domain/drill.ts';

const initial = { net: 'open', web: 'on', dns: 'active', replica: 'replica', old: 'serving' };

const failover: Partial<Record<Phase, (StepSketch | StepSketch[])[]>> = {
  baseline: [{ id: 'steady', uses: 'look' }],
  inject: [
    [
      { id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } },
      { id: 'web', uses: 'make-and-set', with: { key: 'web', to: 'off' } },
    ],
  ],
  detect: [{ id: 'alarm', uses: 'look', with: { polls: '3' } }],
  recover: [
    { id: 'fence', uses: 'set', with: { key: 'old', to: 'fenced' }, stays: true, fences: 'old' },
    { id: 'promote', uses: 'promote', with: { key: 'replica' }, pivot: 'replica' },
    { id: 'flip', uses: 'set', with: { key: 'dns', to: 'passive' } },
  ],
  verify: [{ id: 'check', uses: 'look' }],
  failback: [
    { id: 'heal', uses: 'undo', undoes: 'net' },
    { id: 'rebuild', uses: 'make', stays: true },
    { id: 'flip-back', uses: 'undo', undoes: 'flip' },
  ],
};

async function run(sketch: typeof failover, before: (process: Process) => void = () => undefined) {
  const estate = new Estate(initial);
  await startRun(estate, planOf(sketch));
  const process = new Process(estate, 'a');
  before(process);
  const state = await process.drive();
  return { estate, state, process };
}

const without = (phase: Phase) => ({ ...failover, [phase]: [] });

describe('a run without a pivot', () => {
  const plain = { ...without('recover'), failback: [] };

  it('leaves the estate as it was', async () => {
    const { estate, state } = await run(plain);
    expect(state.finished).toBe(true);
    expect(estate.snapshot()).toEqual(Object.fromEntries(Object.entries(initial).sort()));
  });

  it('undoes last first', async () => {
    const { estate } = await run({
      inject: [
        { id: 'one', uses: 'set' },
        { id: 'two', uses: 'set' },
      ],
    });
    expect(estate.effects).toEqual(['a set one changed', 'a set two changed', 'a set two ', 'a set one ']);
  });

  it('takes a fault back before failback begins', async () => {
    const { estate, state } = await run({ ...plain, failback: [{ id: 'balanced', uses: 'look' }] });
    const order = (await estate.log.read(runId)).map(
      ({ event }) => `${event.type} ${'step' in event ? event.step : ''}`,
    );
    expect(order.indexOf('step.undone net')).toBeLessThan(order.indexOf('step.begun balanced'));
    expect(state.steps.get('balanced')!.succeeded).toBe(true);
  });

  it('takes a fault back when its time is over, while later steps go on', async () => {
    const { estate } = await run({
      inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' }, forMs: 5_000 }],
      detect: [{ id: 'long', uses: 'look', with: { polls: '30' } }],
    });
    const order = (await estate.log.read(runId)).map(
      ({ event }) => `${event.type} ${'step' in event ? event.step : ''}`,
    );
    expect(order.indexOf('step.undone net')).toBeLessThan(order.indexOf('step.succeeded long'));
  });
});

describe('a run with a pivot', () => {
  it('rolls forward through failback and keeps what stays', async () => {
    const { estate, state } = await run(failover);
    expect(state.turn).toBeUndefined();
    expect(estate.snapshot()).toEqual({ ...sorted(initial), 'made rebuild': 'yes', replica: 'primary', old: 'fenced' });
  });

  it('undoes everything when it is aborted before the pivot', async () => {
    const abortInDetect = (process: Process) => {
      process.estate.messages.push({ kind: 'abort', by: 'ada' });
    };
    const { estate, state } = await run(failover, abortInDetect);
    expect(state.turn).toMatchObject({ kind: 'aborted', by: 'ada' });
    expect(estate.snapshot()).toEqual(sorted(initial));
  });

  it('rolls forward when it is aborted after the pivot, asking nobody', async () => {
    const asking = {
      ...failover,
      recover: [...failover.recover!.slice(0, 2), { id: 'sure', uses: 'ask' }, failover.recover![2]!],
    };
    const estate = new Estate(initial);
    await startRun(estate, planOf(asking));
    const process = new Process(estate, 'a');
    const driven = process.drive();
    await until(async () =>
      (await estate.log.read(runId)).some(({ event }) => event.type === 'step.begun' && event.step === 'sure'),
    );
    estate.messages.push({ kind: 'abort', by: 'ada' });
    const state = await driven;
    expect(state.steps.get('sure')!.skipped).toBe(true);
    expect(state.steps.get('check')!.parts).toEqual([]);
    expect(estate.snapshot()).toEqual({ ...sorted(initial), 'made rebuild': 'yes', replica: 'primary', old: 'fenced' });
  });

  it('waits for an approval and goes on when it is given', async () => {
    const { estate, state } = await run(
      { ...failover, decide: [{ id: 'go', uses: 'ask' }] },
      ({ estate: { messages } }) => {
        messages.push({ kind: 'approve', step: 'go', by: 'bob', automatic: false });
      },
    );
    expect(state.steps.get('go')!.approvals).toEqual([{ by: 'bob', automatic: false, refused: false }]);
    expect(estate.values.get('replica')).toBe('primary');
  });
});

describe('a failing step', () => {
  it('turns the run, which undoes what began', async () => {
    const { estate, state } = await run({
      ...failover,
      recover: [{ id: 'never', uses: 'look', with: { polls: '1000' }, timeoutMs: 5_000 }, ...failover.recover!],
    });
    expect(state.turn).toMatchObject({ kind: 'failed', step: 'never' });
    expect(state.steps.get('never')!.parts[0]!.error).toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('poll'),
    });
    expect(estate.snapshot()).toEqual(sorted(initial));
  });

  it.each([
    ['that the drill has is to be given longer where it needs that', false, /give step slow a longer timeout/],
    [
      'that the plan made has a time that no drill can change: what it waits for is to be put right',
      true,
      /^Put right/,
    ],
  ])('%s', async (_, implicit, remedy) => {
    const { state } = await run({
      baseline: [{ id: 'slow', uses: 'look', with: { polls: '1000' }, timeoutMs: 5_000, implicit }],
    });
    expect(state.steps.get('slow')!.parts[0]!.error).toMatchObject({
      code: 'timed-out',
      remedy: expect.stringMatching(remedy),
    });
  });

  it('ends the waiting of the steps beside it', async () => {
    const { estate } = await run({
      detect: [
        [
          { id: 'never', uses: 'look', with: { polls: '1000' }, timeoutMs: 5_000 },
          { id: 'patient', uses: 'look', with: { polls: '100000' }, timeoutMs: 3_600_000 },
        ],
      ],
    });
    expect(Number(estate.clock.monoNs()) / 1e9).toBeLessThan(60);
  });

  it('in failback before its pivot takes back what failback created and leaves fences', async () => {
    const { estate, state } = await run({
      ...failover,
      failback: [
        { id: 'rebuild', uses: 'make', stays: true },
        { id: 'never', uses: 'look', with: { polls: '1000' }, timeoutMs: 5_000 },
        ...failover.failback!.filter((step) => (step as StepSketch).id !== 'rebuild'),
      ],
    });
    expect(state.failbackFailed).toBe(true);
    expect(estate.snapshot()).toMatchObject({ replica: 'primary', old: 'fenced', dns: 'passive', net: 'cut' });
    expect(estate.made.has('rebuild')).toBe(false);
  });

  it('that met a value set by someone else leaves it alone and says so', async () => {
    const meddle = (process: Process) => {
      const { values } = process.estate;
      const set = values.set.bind(values);
      values.set = (key: string, value: string) => set(key, key === 'dns' && value === 'passive' ? 'theirs' : value);
    };
    const { estate, state } = await run(
      { inject: [{ id: 'flip', uses: 'set', with: { key: 'dns', to: 'passive' }, timeoutMs: 3_000 }] },
      meddle,
    );
    expect(estate.values.get('dns')).toBe('theirs');
    expect(state.steps.get('flip')!.parts[0]).toMatchObject({
      state: 'undo-failed',
      error: { code: 'changed-by-someone-else' },
    });
  });
});

const orderOf = async (estate: Estate): Promise<string[]> =>
  (await estate.log.read(runId)).map(({ event }) => `${event.type} ${'step' in event ? event.step : ''}`);

const sorted = (values: Record<string, string>) => Object.fromEntries(Object.entries(values).sort());

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

describe('the last look at the probes', () => {
  it('comes after everything was put back, so that it waits for what that disturbed', async () => {
    const { estate } = await run({
      inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } }],
      recover: [{ id: 'flip', uses: 'set', with: { key: 'dns', to: 'passive' } }],
      failback: [{ id: 'steady-after', uses: 'look', implicit: true }],
    });
    const order = await orderOf(estate);
    expect(order.indexOf('step.undone flip')).toBeLessThan(order.indexOf('step.begun steady-after'));
  });

  it('leaves a promotion alone', async () => {
    const last = { id: 'steady-after', uses: 'look', implicit: true };
    const { estate, state } = await run({ ...failover, failback: [...failover.failback!, last] });
    expect(state.steps.get('steady-after')!.succeeded).toBe(true);
    expect(estate.snapshot()).toEqual({ ...sorted(initial), 'made rebuild': 'yes', old: 'fenced', replica: 'primary' });
  });
});
