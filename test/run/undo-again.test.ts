/** Undo that is tried again after the run's end, once whatever was in its way is gone. */
import { describe, expect, it } from 'vitest';
import { markNow } from '../../src/domain/clock.ts';
import type { EventBody } from '../../src/domain/event.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { IllegalEventError, fold, next } from '../../src/run/next.ts';
import { endings, failingOver, initial, sorted, undoing } from './drills.ts';
import { Died, Estate, Process, planOf, runId, startRun } from './estate.ts';

/** A run that has finished, in an estate that forbade some effects from when the run began to undo. */
async function stuck(plan: Plan, forbidden: RegExp): Promise<Estate> {
  const estate = new Estate(initial);
  await startRun(estate, plan);
  estate.forbidden = (what) => forbidden.test(what);
  await new Process(estate, 'a').drive();
  return estate;
}

/** Types and parts of what was written after the run's end. */
const addenda = async (estate: Estate): Promise<string[]> => {
  const events = (await estate.log.read(runId)).map(({ event }) => event);
  const end = events.findIndex(({ type }) => type === 'run.finished');
  return events.slice(end + 1).map((event) => ('part' in event ? `${event.type} ${event.part}` : event.type));
};

const backwards = /set net open|set dns active/;

describe('what could not be removed', () => {
  it('is named to a person as what it is, not as what it was to become', async () => {
    const plan = planOf({ inject: [{ id: 'thing', uses: 'make' }] });
    const estate = await stuck(plan, /^remove /);
    const events = (await estate.log.read(runId)).map(({ event }) => event);
    const failed = events.find((event) => event.type === 'step.undo-failed');
    expect(failed?.error.remedy).toMatch(/^Delete arn:\S*thing\S* by hand\.$/);
  });
});

describe('an undo that is retried', () => {
  it('takes back what could not be undone, last first, and closes', async () => {
    const estate = await stuck(undoing(), backwards);
    expect(estate.snapshot()).toEqual({ ...sorted(initial), dns: 'passive', net: 'cut' });
    estate.forbidden = () => false;
    const state = await new Process(estate, 'b').retryUndo();
    expect(estate.snapshot()).toEqual(endings.undone);
    expect(state).toMatchObject({ finished: true, retrying: false });
    expect(await addenda(estate)).toEqual([
      'undo.retried',
      'step.undoing dns',
      'step.undone dns',
      'step.undoing net',
      'step.undone net',
      'undo.ended',
    ]);
  });

  it('leaves what still can not be undone for the next time', async () => {
    const estate = await stuck(undoing(), backwards);
    estate.forbidden = (what) => what === 'set net open';
    await new Process(estate, 'b').retryUndo();
    expect(estate.snapshot()).toEqual({ ...sorted(initial), net: 'cut' });
    expect((await addenda(estate)).slice(-3)).toEqual(['step.undoing net', 'step.undo-failed net', 'undo.ended']);
    estate.forbidden = () => false;
    await new Process(estate, 'c').retryUndo();
    expect(estate.snapshot()).toEqual(endings.undone);
  });

  it('finds that a person has put it back already, and leaves what somebody has changed since', async () => {
    const estate = await stuck(undoing(), /set net open|set dns active/);
    estate.forbidden = () => false;
    estate.values.set('net', 'open').set('dns', 'a third value');
    const before = estate.effects.length;
    await new Process(estate, 'b').retryUndo();
    expect(estate.effects.slice(before)).toEqual([]);
    expect(await addenda(estate)).toEqual(
      expect.arrayContaining(['step.undone net', 'step.undo-failed dns', 'undo.ended']),
    );
  });

  it('writes nothing when nothing is left', async () => {
    const estate = await stuck(undoing(), /^$/);
    await new Process(estate, 'b').retryUndo();
    expect(await addenda(estate)).toEqual([]);
  });

  it('is for runs that are over', async () => {
    const estate = new Estate(initial);
    await startRun(estate, undoing());
    await expect(new Process(estate, 'b').retryUndo()).rejects.toMatchObject({ code: 'run-unfinished' });
    expect(await estate.log.head(runId)).toBe(1);
  });

  it.each(['die-before', 'die-after'] as const)('is taken up again wherever its process died (%s)', async (kind) => {
    for (let at = 1; ; at += 1) {
      const estate = await stuck(undoing(), backwards);
      estate.forbidden = () => false;
      const first = await new Process(estate, 'b', [{ at, kind }]).retryUndo().catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
        return undefined;
      });
      if (first) break;
      const state = await new Process(estate, 'c').retryUndo();
      expect(estate.snapshot(), `died at call ${at}`).toEqual(endings.undone);
      expect(state.retrying, `died at call ${at}`).toBe(false);
      const events = await addenda(estate);
      if (events.length > 0) expect(events.at(-1), `died at call ${at}`).toBe('undo.ended');
    }
  });

  it('does nothing any more when another has opened it anew', async () => {
    const estate = await stuck(undoing(), backwards);
    estate.forbidden = () => false;
    const frozen = new Process(estate, 'b', [{ at: 6, kind: 'freeze' }]);
    const thawed = new Promise<void>((resolve) => (frozen.onFreeze = resolve));
    const late = frozen.retryUndo();
    late.catch(() => undefined); // looked at below
    await thawed;
    await new Process(estate, 'c').retryUndo();
    frozen.thaw();
    await expect(late).rejects.toMatchObject({ code: 'lost' });
    expect(estate.usurped).toEqual([]);
    expect(estate.snapshot()).toEqual(endings.undone);
  });
});

describe('after a pivot', () => {
  /** As `failingOver`, and its `web` comes back only when everything else has. */
  const withLateUndo = (): Plan => {
    const plan = failingOver();
    return { ...plan, steps: plan.steps.filter(({ id }) => id !== 'power') };
  };

  it('a fault is taken back, and nothing that stays', async () => {
    const estate = await stuck(withLateUndo(), /set web on/);
    expect(estate.snapshot()).toEqual({ ...sorted(endings.rolledForward), web: 'off' });
    estate.forbidden = () => false;
    const before = estate.effects.length;
    await new Process(estate, 'b').retryUndo();
    expect(estate.effects.slice(before)).toEqual(['b set web on']);
    expect(estate.snapshot()).toEqual(sorted(endings.rolledForward));
  });

  it('what a failed failback created goes, and the old primary stays fenced', async () => {
    const plan = failingOver();
    const broken = planOf({
      failback: [
        { id: 'rebuild', uses: 'make', stays: true },
        { id: 'check', uses: 'set', with: { key: 'gate', to: 'up' } },
      ],
    });
    const steps = [...plan.steps.filter(({ phase }) => phase !== 'failback'), ...broken.steps].map((step, n) => ({
      ...step,
      group: n + 1,
    }));
    const estate = await stuck({ ...plan, steps }, /set gate|remove rebuild/);
    const left = { ...estate.snapshot() };
    expect(left).toMatchObject({ 'made rebuild': 'yes', old: 'fenced', dns: 'passive' });
    estate.forbidden = () => false;
    await new Process(estate, 'b').retryUndo();
    delete left['made rebuild'];
    expect(estate.snapshot()).toEqual(left);
  });

  it('nothing is taken back when failback broke behind its own', async () => {
    const plan = failingOver();
    const back = planOf({
      failback: [
        { id: 'rebuild', uses: 'make', stays: true },
        { id: 'promote-back', uses: 'promote', with: { key: 'rebuilt' }, pivot: 'rebuilt' },
        { id: 'check', uses: 'set', with: { key: 'gate', to: 'up' } },
      ],
    });
    const steps = [...plan.steps.filter(({ phase }) => phase !== 'failback'), ...back.steps].map((step, n) => ({
      ...step,
      group: n + 1,
    }));
    const estate = await stuck({ ...plan, steps }, /set gate/);
    const left = estate.snapshot();
    estate.forbidden = () => false;
    await new Process(estate, 'b').retryUndo();
    expect(estate.snapshot()).toEqual(left);
    expect(await addenda(estate)).toEqual([]);
  });
});

describe('a log', () => {
  const net = { step: 'net', part: 'net' };
  const retried = { type: 'undo.retried', by: 'ada', owner: 'b' } as const;
  const ended = { type: 'undo.ended', undo: 'complete', left: [] } as const;

  it.each<[string, EventBody[], EventBody]>([
    ['an undo outside of an addendum', [], { type: 'step.undoing', ...net }],
    ['an undo after the addendum was closed', [retried, ended], { type: 'step.undoing', ...net }],
    ['a closing without an opening', [], ended],
    ['a claim', [], { type: 'run.claimed', owner: 'b', attempt: 2 }],
    ['a claim within an addendum', [retried], { type: 'run.claimed', owner: 'b', attempt: 2 }],
    ['another beginning', [retried], { type: 'step.begun', step: 'flip', part: 'x', key: 'k', touches: 'x' }],
    ['a turn', [retried], { type: 'run.turned', turn: { kind: 'failed', message: 'no' } }],
    ['a second end', [retried], { type: 'run.finished', judgement: {} as never }],
  ])('takes no %s after the end', async (_, before, last) => {
    const estate = await stuck(undoing(), backwards);
    const mark = markNow(estate.clock);
    let state = fold(await estate.log.read(runId))!;
    for (const event of before) state = next(state, { ...event, mark });
    expect(() => next(state, { ...last, mark })).toThrow(IllegalEventError);
  });

  it.each<EventBody>([retried, { ...ended, gone: true }])('takes no addendum before the end', async (event) => {
    const estate = new Estate(initial);
    await startRun(estate, undoing());
    const state = fold(await estate.log.read(runId))!;
    expect(() => next(state, { ...event, mark: markNow(estate.clock) })).toThrow(IllegalEventError);
  });

  it.each([
    ['by itself', []],
    ['where an undo was broken off', [retried]],
  ])('takes the word that the estate is gone, %s', async (_, before) => {
    const estate = await stuck(undoing(), backwards);
    const mark = markNow(estate.clock);
    let state = fold(await estate.log.read(runId))!;
    for (const event of [...before, { ...ended, gone: true as const }]) state = next(state, { ...event, mark });
    expect(state).toMatchObject({ finished: true, retrying: false });
  });
});
