/** What becomes of the estate when failback breaks: never worse than it stood, and never two primaries. */
import { describe, expect, it } from 'vitest';
import { endings, failingOver, initial } from './drills.ts';
import { Estate, Process, planOf, startRun } from './estate.ts';

type Plan = ReturnType<typeof failingOver>;

async function drive(plan: Plan, prepare?: (estate: Estate) => void) {
  const estate = new Estate(initial);
  prepare?.(estate);
  await startRun(estate, plan);
  const process = new Process(estate, 'a');
  return { estate, state: await process.drive(), calls: process.calls };
}

/** Such a value can't be set. */
const refusing = (key: string, value: string) => (estate: Estate) => {
  const { values } = estate;
  const set = values.set.bind(values);
  values.set = (name, to) => {
    if (name === key && to === value) throw new Error('refused');
    return set(name, to);
  };
};

const lastLook = { id: 'steady-after', uses: 'look', with: { polls: '1000' }, timeoutMs: 3_000, implicit: true };

/** Goes over and rebuilds the replica there; ends with a look at probes that never become good. */
function rebuilding(): Plan {
  const { steps, ...plan } = failingOver();
  const look = planOf({ failback: [lastLook] }).steps[0]!;
  return { ...plan, steps: [...steps, { ...look, group: 1 + Math.max(...steps.map(({ group }) => group)) }] };
}

/** Goes over and comes back: rebuilds the old side as a replica, stops writes, promotes it. */
const goingBack = () =>
  planOf({
    recover: [
      { id: 'fence', uses: 'set', with: { key: 'old', to: 'fenced' }, stays: true, fences: 'old' },
      { id: 'promote', uses: 'promote', with: { key: 'replica' }, pivot: 'replica' },
    ],
    failback: [
      { id: 'rebuild', uses: 'make', stays: true },
      { id: 'stop-writes', uses: 'set', with: { key: 'writes', to: 'stopped' }, stays: true, fences: 'replica' },
      { id: 'promote-back', uses: 'promote', with: { key: 'rebuilt' }, pivot: 'rebuilt' },
      { id: 'spare', uses: 'make', stays: true },
      lastLook,
    ],
  });

const isMade = (estate: Estate, step: string): boolean => estate.made.has(step);

describe('a failback that only rebuilds the replica', () => {
  it('keeps what it rebuilt when the last look at the probes fails', async () => {
    const { estate, state } = await drive(rebuilding());
    expect(state.turn).toMatchObject({ kind: 'failed', step: 'steady-after' });
    expect(estate.snapshot()).toEqual(endings.rolledForward);
  });

  it('keeps it also when it was killed and carried on at any point of that look', async () => {
    const { calls } = await drive(rebuilding());
    const died = new Set<string>();
    for (let at = calls; at > calls - 20; at -= 1) {
      const estate = new Estate(initial);
      await startRun(estate, rebuilding());
      const first = new Process(estate, 'a', [{ at, kind: 'die-before' }]);
      await first.drive().catch((error: unknown) => died.add((error as Error).constructor.name));
      await new Process(estate, 'b').drive();
      expect(estate.snapshot(), `died at call ${at}`).toEqual(endings.rolledForward);
    }
    expect([...died]).toEqual(['Died']);
  });

  it('takes back what it rebuilt when a step of its own fails', async () => {
    const { estate, state } = await drive(rebuilding(), refusing('dns', 'active'));
    expect(state.turn).toMatchObject({ kind: 'failed', step: 'flip-back' });
    expect(isMade(estate, 'rebuild')).toBe(false);
    expect(estate.snapshot()).toMatchObject({ old: 'fenced', replica: 'primary', dns: 'passive' });
  });

  it('removes a replica that never became ready', async () => {
    const { estate, state } = await drive(rebuilding(), ({ made, clock }) => {
      const get = made.get.bind(made);
      let since: bigint | undefined;
      // It shows a moment after its step has run out of time.
      made.get = (name) => {
        if (made.has(name)) since ??= clock.monoNs();
        return since !== undefined && clock.monoNs() - since > 61_500_000_000n ? get(name) : undefined;
      };
    });
    expect(state.steps.get('rebuild')!.failed).toBe(true);
    expect(isMade(estate, 'rebuild')).toBe(false);
  });
});

describe('a failback with a promotion of its own', () => {
  it('takes back what led there, and lifts the fence of who serves, when it fails before', async () => {
    const { estate, state } = await drive(goingBack(), refusing('writes', 'stopped'));
    expect(state.turn).toMatchObject({ step: 'stop-writes' });
    expect(isMade(estate, 'rebuild')).toBe(false);
    expect(estate.snapshot()).toMatchObject({ old: 'fenced', replica: 'primary' });
  });

  it('undoes nothing when it fails after', async () => {
    const { estate, state } = await drive(goingBack());
    expect(state.turn).toMatchObject({ step: 'steady-after' });
    expect(estate.snapshot()).toMatchObject({
      'made rebuild': 'yes',
      'made spare': 'yes',
      writes: 'stopped',
      old: 'fenced',
    });
  });
});
