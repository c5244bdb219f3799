/** How a run passes from one process to another: what the new owner waits for, and what makes the old one leave. */
import { describe, expect, it } from 'vitest';
import { LostError } from '../../src/domain/errors.ts';
import { endings, initial, undoing } from './drills.ts';
import { Estate, Process, runId, startRun } from './estate.ts';

async function begun(): Promise<Estate> {
  const estate = new Estate(initial);
  await startRun(estate, undoing());
  return estate;
}

describe('a run that is taken from an owner that hangs', () => {
  it('is claimed at once, and touched only when no call of the old owner can be under way any more', async () => {
    const estate = await begun();
    const heir = new Process(estate, 'heir');
    heir.deps = { graceMs: 15_000 };
    await heir.drive();
    const [, claimed, next] = (await estate.log.read(runId)).map(({ event }) => event);
    expect(claimed).toMatchObject({ type: 'run.claimed', owner: 'heir' });
    expect(Number(BigInt(next!.mark.ns) - BigInt(claimed!.mark.ns)) / 1e6).toBeGreaterThanOrEqual(15_000);
    expect(estate.snapshot()).toEqual(endings.undone);
  });

  it('is not touched by an heir that loses it while it waits', async () => {
    const estate = await begun();
    const lost = new AbortController();
    const heir = new Process(estate, 'heir');
    heir.deps = { graceMs: 15_000, lost: lost.signal };
    const driving = heir.drive();
    lost.abort(new LostError(runId));
    await expect(driving).rejects.toBeInstanceOf(LostError);
    expect(estate.effects).toEqual([]);
  });
});

describe('an owner that learns from elsewhere that it must leave', () => {
  it('stops at any point with the reason that it was given, and undoes nothing', async () => {
    const reason = new Error('nobody knows who owns it');
    for (let at = 1; ; at += 1) {
      const estate = await begun();
      const lost = new AbortController();
      const process = new Process(estate, 'a', [{ at, kind: 'freeze' }]);
      process.deps = { lost: lost.signal };
      let effects: number | undefined;
      process.onFreeze = () => {
        effects = estate.effects.length;
        lost.abort(reason);
        process.thaw();
      };
      const ended = await process.drive().then(
        () => 'finished',
        (error: unknown) => error,
      );
      if (effects === undefined) break; // It ended before that call.
      if (ended === 'finished') continue; // It had said its last word.
      expect(ended).toBe(reason);
      // A step beside it may have passed its check already.
      expect(estate.effects.length).toBeLessThanOrEqual(effects + 1);
      await new Process(estate, 'b').drive();
      expect(estate.snapshot(), `left at call ${at}`).toEqual(endings.undone);
    }
  });
});
