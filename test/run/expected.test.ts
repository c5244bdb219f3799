/** When the probes count as steady. */
import { describe, expect, it } from 'vitest';
import type { Mark } from '../../src/domain/clock.ts';
import type { Expectation } from '../../src/domain/drill.ts';
import type { ProbeStatus } from '../../src/domain/sample.ts';
import { asExpected } from '../../src/run/expected.ts';
import { probe } from '../plan/drill.ts';

const at = (seconds: number): Mark => ({ clockId: 'c', ns: String(BigInt(Math.round(seconds * 1e9))), at: '' });

const status = (state: ProbeStatus['state'], since: number, asOf: number): ProbeStatus => ({
  probe: 'read',
  state,
  sinceNs: at(since).ns,
  asOfNs: at(asOf).ns,
  clockId: 'c',
});

const look = (
  stage: 'baseline' | 'recover' | 'failback',
  statuses: readonly ProbeStatus[],
  more: { expect?: Expectation; gate?: number; fault?: number; now?: number } = {},
) =>
  asExpected({
    stage,
    probes: [probe('read', { expect: more.expect ?? 'recovers' })],
    statuses,
    steadyMs: 5_000,
    gate: at(more.gate ?? 0),
    faultAt: more.fault === undefined ? undefined : at(more.fault),
    now: at(more.now ?? 100),
  });

describe('probes are as expected', () => {
  it('when they have been good for as long as steady asks', () => {
    expect(look('baseline', [status('good', 90, 95)], { now: 95 })).toEqual({ done: true });
    expect(look('baseline', [status('good', 91, 95)], { now: 95 })).toMatchObject({
      done: false,
      saw: expect.stringContaining('4 s of 5 s'),
    });
  });

  it('in recovery from the moment at which the outage ended, not from when the wait began', () => {
    expect(look('recover', [status('good', 92, 97.5)], { fault: 80, gate: 96, now: 98 })).toEqual({ done: true });
  });

  it('in recovery not at once when no outage was seen yet', () => {
    expect(look('recover', [status('good', 10, 97)], { fault: 80, gate: 96, now: 97 })).toMatchObject({ done: false });
  });

  it('never by a status that is old', () => {
    expect(look('baseline', [status('good', 10, 50)], { now: 100 })).toMatchObject({
      done: false,
      saw: expect.stringContaining('ago'),
    });
  });

  it('never without a status', () => {
    expect(look('baseline', [])).toMatchObject({ done: false, saw: 'read: nothing measured yet' });
  });

  it.each([
    ['baseline', 'appears', 'bad'],
    ['failback', 'appears', 'bad'],
    ['recover', 'appears', 'good'],
    ['failback', 'breaks', 'good'],
  ] as const)('in %s a probe that %s is %s', (stage, expectation, state) => {
    const other = state === 'good' ? 'bad' : 'good';
    expect(look(stage, [status(state, 10, 100)], { expect: expectation })).toEqual({ done: true });
    expect(look(stage, [status(other, 10, 100)], { expect: expectation })).toMatchObject({ done: false });
  });

  it('whatever a probe says of which anything is expected', () => {
    expect(look('recover', [status('bad', 0, 100)], { expect: 'any' })).toEqual({ done: true });
  });
});
