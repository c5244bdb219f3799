import { describe, expect, test } from 'vitest';
import type { Action, ActionInput, Approval } from '../../src/actions/action.ts';
import { approval } from '../../src/actions/approval.ts';
import { awaitProbe } from '../../src/actions/await-probe.ts';
import { wait } from '../../src/actions/wait.ts';
import { markNow } from '../../src/domain/clock.ts';
import type { Progress } from '../../src/domain/part.ts';
import type { ProbeStatus } from '../../src/domain/sample.ts';
import { lookOnce } from './support/step.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const clock = new VirtualClock();

async function look(action: Action, params: Record<string, string>, more: Partial<ActionInput>): Promise<Progress> {
  const input = { params: action.spec.params.parse(params), pollMs: 100, clock, startedBy: 'starter', ...more };
  return lookOnce(action, input as ActionInput);
}

describe('approval', () => {
  const ask = (approvals: Approval[], fourEyes = 'false') =>
    look(approval, { ask: 'Go?', fourEyes }, { approvals: () => approvals });
  const yes = (by: string, automatic = false): Approval => ({ by, automatic });

  test('one yes is enough', async () => {
    expect(await ask([])).toEqual({ done: false, saw: 'nobody has answered' });
    expect(await ask([yes('ann')])).toEqual({ done: true, outputs: { by: 'ann' } });
  });

  test('four eyes are two people, and not the one who started the run', async () => {
    expect(await ask([yes('ann'), yes('ann')], 'true')).toMatchObject({ done: false, saw: '1 of 2 have approved' });
    expect(await ask([yes('ann'), yes('starter')], 'true')).toMatchObject({ done: false });
    const asHost = { startedBy: 'ann@build-7', approvals: () => [yes('ann'), yes('bob')] };
    expect(await look(approval, { ask: 'Go?', fourEyes: 'true' }, asHost)).toMatchObject({ done: false });
    expect(await ask([yes('ann'), yes('bob')], 'true')).toEqual({ done: true, outputs: { by: 'ann, bob' } });
  });

  test('a rehearsal answers for everybody', async () => {
    expect(await ask([yes('rehearsal', true)], 'true')).toMatchObject({ done: true });
  });

  test('a refusal ends the step, whoever else approved', async () => {
    const asked = ask([yes('ann'), { by: 'bob', automatic: false, refused: true }]);
    await expect(asked).rejects.toMatchObject({ code: 'approval-refused', message: 'bob refused' });
  });
});

describe('wait', () => {
  test('counts from when the step began, not from when somebody looks', async () => {
    const begun = markNow(clock);
    const left = () => look(wait, {}, { forMs: 60_000, begunAt: () => begun });
    expect(await left()).toEqual({ done: false, saw: '1 min to go' });
    await clock.sleep(60_000);
    expect(await left()).toEqual({ done: true });
  });
});

describe('await-probe', () => {
  const ns = (ms: number): string => (clock.monoNs() + BigInt(ms) * 1_000_000n).toString();
  const status = (state: ProbeStatus['state'], sinceMs: number, asOfMs = 0): ProbeStatus => ({
    probe: 'read',
    state,
    sinceNs: ns(sinceMs),
    asOfNs: ns(asOfMs),
    clockId: clock.clockId,
  });
  const seen = (found: ProbeStatus[], lasting = '5s') =>
    look(awaitProbe, { probe: 'read', state: 'bad', lasting }, { probes: () => Promise.resolve(found) });

  test('waits until the probe has been in that state for long enough', async () => {
    expect(await seen([])).toMatchObject({ done: false });
    expect(await seen([status('good', -9000)])).toMatchObject({ done: false });
    expect(await seen([status('bad', -4000)])).toMatchObject({ done: false });
    expect(await seen([status('bad', -6000)])).toEqual({ done: true });
  });

  test('does not take the last word of a prober that is gone for the present', async () => {
    expect(await seen([status('bad', -90_000, -60_000)])).toEqual({
      done: false,
      saw: 'the last word of probe read is old',
    });
  });
});
