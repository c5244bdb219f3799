/** An approval that is refused: the run is aborted by that person and undone, wherever the process that hears of it dies. */
import { describe, expect, it } from 'vitest';
import { Died, Estate, Process, planOf, runId, startRun } from './estate.ts';
import type { Fate } from './estate.ts';
import type { RunState } from '../../src/run/next.ts';

const initial = { net: 'open', dns: 'active' };

const asking = () =>
  planOf({
    inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } }],
    decide: [{ id: 'go', uses: 'ask' }],
    recover: [{ id: 'flip', uses: 'set', with: { key: 'dns', to: 'passive' } }],
  });

async function refusedEstate(step?: string): Promise<Estate> {
  const estate = new Estate(initial);
  await startRun(estate, asking());
  estate.messages.push({ kind: 'approve', step, by: 'bob', comment: 'too busy', automatic: false, refused: true });
  return estate;
}

const driveOnce = (estate: Estate, name: string, fates: readonly Fate[] = []): Promise<RunState | undefined> =>
  new Process(estate, name, fates).drive().catch((error: unknown) => {
    if (error instanceof Died) return undefined;
    throw error;
  });

describe('an approval that is refused', () => {
  it.each([['go'], [undefined]])('aborts the run in the name of who refused, and undoes (step %s)', async (step) => {
    const estate = await refusedEstate(step);
    const state = await driveOnce(estate, 'a');
    expect(state!.turn).toEqual({ kind: 'aborted', by: 'bob', step: 'go', message: 'bob refused go: too busy' });
    expect(state!.steps.get('go')!.approvals).toEqual([{ by: 'bob', automatic: false, refused: true }]);
    expect(state!.steps.get('go')!.failed).toBe(false);
    expect(estate.snapshot()).toEqual({ dns: 'active', net: 'open' });
  });

  it.each(['die-before', 'die-after'] as const)(
    'is heard and recorded whatever call the process dies at (%s)',
    async (kind) => {
      for (let at = 1; ; at += 1) {
        const estate = await refusedEstate('go');
        const first = await driveOnce(estate, 'a', [{ at, kind }]);
        if (first) break;
        const state = await driveOnce(estate, 'b');
        expect(state!.turn, `died at call ${at}`).toMatchObject({ kind: 'aborted', by: 'bob' });
        expect(state!.steps.get('go')!.approvals, `died at call ${at}`).toHaveLength(1);
        expect(estate.snapshot()).toEqual({ dns: 'active', net: 'open' });
      }
    },
  );

  it('changes nothing any more once that step is over', async () => {
    const estate = new Estate(initial);
    await startRun(estate, asking());
    estate.messages.push({ kind: 'approve', step: 'go', by: 'ann', automatic: false });
    const log = estate.log.append.bind(estate.log);
    estate.log.append = async (run, head, event) => {
      if (event.type === 'step.succeeded' && event.step === 'go')
        estate.messages.push({ kind: 'approve', step: 'go', by: 'bob', automatic: false, refused: true });
      return log(run, head, event);
    };
    const state = await driveOnce(estate, 'a');
    expect(state!.turn).toBeUndefined();
    expect(
      (await estate.log.read(runId)).some(({ event }) => event.type === 'phase.started' && event.phase === 'recover'),
    ).toBe(true);
  });
});
