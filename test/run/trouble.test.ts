/** Trouble of firedrill's own, while a fault stands or might: whatever it is, the run takes back what it began and closes. */
import { describe, expect, it } from 'vitest';
import { FiredrillError } from '../../src/domain/errors.ts';
import type { Observer } from '../../src/domain/ports.ts';
import { endings, failingOver, initial, sorted, undoing } from './drills.ts';
import { Died, Estate, Process, planOf, runId, startRun } from './estate.ts';
import type { RunState } from '../../src/run/next.ts';
import type { Plan } from '../../src/domain/plan.ts';

async function begun(plan: Plan): Promise<Estate> {
  const estate = new Estate(initial);
  await startRun(estate, plan);
  return estate;
}

const driveOnce = (process: Process): Promise<RunState | undefined> =>
  process.drive().catch((error: unknown) => {
    if (error instanceof Died || process.dead) return undefined;
    throw error;
  });

const typesOf = async (estate: Estate): Promise<string[]> =>
  (await estate.log.read(runId)).map(({ event }) => event.type);

const blind: Observer = {
  ensure: () => Promise.reject(new FiredrillError('prober-not-started', 'the prober did not start')),
  status: () => Promise.resolve([]),
  sealed: () => Promise.resolve(undefined),
};

describe('a run that nobody can watch', () => {
  it('touches nothing, and ends as inconclusive', async () => {
    const estate = await begun(undoing());
    const process = new Process(estate, 'a');
    process.deps = { observer: blind };
    const state = await driveOnce(process);
    expect(state!.finished).toBe(true);
    expect(state!.turn).toEqual({
      kind: 'inconclusive',
      message: 'nobody could watch the run: the prober did not start',
    });
    expect(estate.effects).toEqual([]);
  });

  it('takes back what an earlier process began', async () => {
    for (let at = 1; ; at += 1) {
      const estate = await begun(undoing());
      if (await driveOnce(new Process(estate, 'a', [{ at, kind: 'die-after' }]))) break;
      const process = new Process(estate, 'b');
      process.deps = { observer: blind };
      const state = await driveOnce(process);
      expect(state!.finished).toBe(true);
      expect(estate.snapshot(), `died at call ${at}`).toEqual(endings.undone);
    }
  });
});

describe('a prober that is killed while the run goes on', () => {
  it('is replaced', async () => {
    const estate = await begun(planOf({ detect: [{ id: 'long', uses: 'look', with: { polls: '30' } }] }));
    let alive = false;
    const starts: number[] = [];
    const atMs = () => Number(estate.clock.monoNs()) / 1e6;
    const observer: Observer = {
      ensure: () => {
        if (!alive) starts.push(atMs());
        alive = true;
        return Promise.resolve();
      },
      status: () => {
        if (atMs() >= 12_000 && starts.length === 1) alive = false;
        return Promise.resolve([]);
      },
      sealed: () => Promise.resolve({ chunks: 0, hash: 'h' }),
    };
    const process = new Process(estate, 'a');
    process.deps = { observer };
    await driveOnce(process);
    expect(starts).toHaveLength(2);
    expect(starts[1]).toBeLessThan(20_000);
  });
});

describe('a watch that breaks', () => {
  it('turns the run, which undoes what it began', async () => {
    const estate = await begun(undoing());
    const process = new Process(estate, 'a');
    const check = () =>
      estate.values.get('net') === 'cut' ? Promise.reject(new Error('no such thing')) : Promise.resolve(undefined);
    process.deps = { guardrail: { check } };
    const state = await driveOnce(process);
    expect(state!.finished).toBe(true);
    expect(state!.turn).toEqual({
      kind: 'failed',
      message: 'the run could not be watched any more: Error: no such thing',
    });
    expect(estate.snapshot()).toEqual(endings.undone);
  });
});

describe('a failure that was recorded by a process that died before it turned the run', () => {
  it('turns it all the same: nothing goes forward past a failed step', async () => {
    const plan = planOf({
      inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } }],
      recover: [
        { id: 'fence', uses: 'look', with: { polls: '1000' }, timeoutMs: 3_000 },
        { id: 'promote', uses: 'promote', with: { key: 'replica' }, pivot: 'replica' },
      ],
    });
    const estate = await begun(plan);
    const first = new Process(estate, 'a');
    first.dieAt({ type: 'step.failed', step: 'fence' }, 'after');
    await driveOnce(first);
    expect(await typesOf(estate)).not.toContain('run.turned');
    const state = await driveOnce(new Process(estate, 'b'));
    expect(state!.turn).toMatchObject({ kind: 'failed', step: 'fence', message: expect.stringContaining('poll') });
    expect(estate.values.get('replica')).toBe('replica');
    expect(estate.snapshot()).toEqual(endings.undone);
  });
});

describe('an undo whose part is not known any more', () => {
  it('is left to a person instead of being asked for again and again', async () => {
    const estate = await begun(planOf({ inject: [{ id: 'net', uses: 'set-two', with: { key: 'net', to: 'cut' } }] }));
    const first = new Process(estate, 'a');
    first.dieAt({ type: 'step.succeeded', step: 'net' }, 'before');
    await driveOnce(first);
    const process = new Process(estate, 'b');
    process.deps = { parts: { of: () => Promise.resolve([]) } };
    const state = await driveOnce(process);
    expect(state!.finished).toBe(true);
    expect(state!.steps.get('net')!.parts.map(({ state: each, error }) => [each, error?.code])).toEqual([
      ['undo-failed', 'part-unknown'],
      ['undo-failed', 'part-unknown'],
    ]);
  });
});

describe('a guardrail', () => {
  it('says nothing any more once everything is being put back', async () => {
    const estate = await begun(undoing());
    const process = new Process(estate, 'a');
    process.deps = {
      guardrail: {
        check: ({ phases }) =>
          Promise.resolve(phases.includes('undo') ? { kind: 'guardrail', message: 'too long' } : undefined),
      },
    };
    const state = await driveOnce(process);
    expect(state!.turn).toBeUndefined();
    expect(estate.snapshot()).toEqual(endings.undone);
  });
});

describe('an abort while failback takes a fault back', () => {
  it('ends the waiting and not the undo', async () => {
    const estate = await begun(failingOver());
    const { values } = estate;
    const set = values.set.bind(values);
    let tries = 0;
    values.set = (key, value) => {
      if (key !== 'net' || value !== 'open') return set(key, value);
      tries += 1;
      if (tries <= 2) throw new FiredrillError('busy', 'not now');
      // Accepted, but it takes its time, and somebody loses patience.
      if (tries === 3) estate.messages.push({ kind: 'abort', by: 'ada' });
      return tries === 3 ? values : set(key, value);
    };
    const state = await driveOnce(new Process(estate, 'a'));
    expect(state!.turn).toMatchObject({ kind: 'aborted' });
    expect(state!.steps.get('net')!.parts[0]!.state).toBe('undone');
    expect(estate.snapshot()).toEqual(endings.rolledForward);
  });
});

describe('an undo that the estate is never ready for', () => {
  it('is left to a person once the time of its step is over', async () => {
    const estate = await begun(undoing());
    const { values, clock } = estate;
    const set = values.set.bind(values);
    values.set = (key, value) => {
      if (key === 'net' && value === 'open')
        throw new FiredrillError('not-ready', 'something else is being done to it');
      return set(key, value);
    };
    const state = await driveOnce(new Process(estate, 'a'));
    expect(state!.steps.get('net')!.parts[0]!.state).toBe('undo-failed');
    const stepMs = state!.steps.get('net')!.step.timeoutMs;
    expect(Number(clock.monoNs()) / 1e6).toBeLessThan(1.5 * stepMs);
  });
});

describe('an undo that is accepted and never shows', () => {
  const timeoutMs = 60_000;
  const plan = () =>
    planOf({
      inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } }],
      recover: [
        { id: 'thing', uses: 'make', timeoutMs },
        { id: 'break', uses: 'climb', with: { throws: 'low' } },
      ],
    });

  /** Time from the first removal to the end of the fault, and what became of the removal. */
  const removing = async (estate: Estate, remove: () => boolean) => {
    const { made, values, clock } = estate;
    let beganNs: bigint | undefined;
    let healedNs: bigint | undefined;
    made.delete = () => {
      beganNs ??= clock.monoNs();
      return remove();
    };
    const set = values.set.bind(values);
    values.set = (key, value) => {
      if (value === 'open') healedNs = clock.monoNs();
      return set(key, value);
    };
    const state = await driveOnce(new Process(estate, 'a'));
    const [part] = state!.steps.get('thing')!.parts;
    return { part: part!, waitedMs: Number(healedNs! - beganNs!) / 1e6 };
  };

  it('is waited for once, so that the fault before it ends', async () => {
    const estate = await begun(plan());
    const { part, waitedMs } = await removing(estate, () => true);
    expect([part.state, part.error?.code]).toEqual(['undo-failed', 'timed-out']);
    expect(waitedMs).toBeLessThan(1.2 * timeoutMs);
    expect(estate.values.get('net')).toBe('open');
  });

  it('is waited for no longer when the estate was not ready for it at first', async () => {
    const estate = await begun(plan());
    const { clock } = estate;
    let readyNs: bigint | undefined;
    const { part, waitedMs } = await removing(estate, () => {
      readyNs ??= clock.monoNs() + 50_000_000_000n;
      if (clock.monoNs() < readyNs) throw new FiredrillError('not-ready', 'it is still being made');
      return true;
    });
    expect([part.state, part.error?.code]).toEqual(['undo-failed', 'timed-out']);
    expect(waitedMs).toBeLessThan(1.2 * timeoutMs);
  });

  it('is not tried anew once its time is over, whatever stopped it', async () => {
    const estate = await begun(plan());
    const { clock } = estate;
    let tries = 0;
    let readyNs: bigint | undefined;
    const { part, waitedMs } = await removing(estate, () => {
      readyNs ??= clock.monoNs() + 59_500_000_000n;
      if (clock.monoNs() < readyNs) throw new FiredrillError('not-ready', 'it is still being made');
      tries += 1;
      throw new FiredrillError('busy', 'not now');
    });
    expect(part.state).toBe('undo-failed');
    expect(tries).toBeLessThan(3);
    expect(waitedMs).toBeLessThan(1.2 * timeoutMs);
  });
});

describe('an undo that the estate is not ready for at once', () => {
  const readyAfter = async (ms: number, plan: Plan): Promise<RunState | undefined> => {
    const estate = await begun(plan);
    const { values, clock } = estate;
    const set = values.set.bind(values);
    let firstTryNs: bigint | undefined;
    values.set = (key, value) => {
      if (value !== 'open') return set(key, value);
      firstTryNs ??= clock.monoNs();
      if (Number(clock.monoNs() - firstTryNs) / 1e6 < ms) throw new FiredrillError('not-ready', 'it is busy');
      return set(key, value);
    };
    return driveOnce(new Process(estate, 'a'));
  };
  const cut = { id: 'net', uses: 'set', with: { key: 'net', to: 'cut' }, timeoutMs: 10_000 };
  const ended = (state: RunState | undefined) => state!.steps.get('net')!.parts[0]!.state;

  it('has the time that its action may take, however short that of the step is', async () => {
    const plan = planOf({ inject: [{ ...cut, undoTimeoutMs: 120_000 }] });
    expect(ended(await readyAfter(90_000, plan))).toBe('undone');
  });

  it('has the time of the step where the plan says no other', async () => {
    expect(ended(await readyAfter(90_000, planOf({ inject: [cut] })))).toBe('undo-failed');
  });

  it('has the time that an undo step gives it, where that is longer', async () => {
    const heal = { id: 'heal', uses: 'undo', undoes: 'net', timeoutMs: 120_000 };
    const plan = planOf({ inject: [cut], failback: [heal] });
    const state = await readyAfter(90_000, plan);
    expect(ended(state)).toBe('undone');
    expect(state!.turn).toBeUndefined();
  });
});

describe('an undo that is in the way of another one of its step', () => {
  const own = { id: 'fence', uses: 'make-and-set', with: { key: 'dns', to: 'fenced' }, timeoutMs: 1_800_000 };
  const plan = planOf({ inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } }, own] });

  /** The group can't go while it is in use; that it is put back is forbidden, or not. @returns how long its removal was tried */
  const inUse = async (estate: Estate, freeAfterMs: number) => {
    const { made, clock } = estate;
    let firstNs: bigint | undefined;
    let lastNs = 0n;
    const remove = made.delete.bind(made);
    made.delete = (name) => {
      firstNs ??= clock.monoNs();
      lastNs = clock.monoNs();
      const triedMs = Number(lastNs - firstNs) / 1e6;
      if (triedMs < freeAfterMs) throw new FiredrillError('not-ready', 'it is in use.');
      return remove(name);
    };
    const state = await driveOnce(new Process(estate, 'a'));
    const [group, use] = state!.steps.get('fence')!.parts;
    return { group: group!, use: use!, triedMs: Number(lastNs - firstNs!) / 1e6 };
  };

  it('keeps that one waiting for a minute and not for all of its time, and is named for it', async () => {
    const estate = await begun(plan);
    estate.forbidden = (what) => what === 'set dns active';
    const { group, use, triedMs } = await inUse(estate, Infinity);
    expect([use.state, group.state]).toEqual(['undo-failed', 'undo-failed']);
    expect(triedMs).toBeGreaterThan(55_000);
    expect(triedMs).toBeLessThan(65_000);
    expect(group.error).toMatchObject({
      code: 'not-ready',
      message: 'it is in use; perhaps because dns of the same step could not be undone',
    });
    expect(estate.values.get('net')).toBe('open');
  });

  it('does not keep it from going when it can after all', async () => {
    const estate = await begun(plan);
    estate.forbidden = (what) => what === 'set dns active';
    const { group, use } = await inUse(estate, 30_000);
    expect([use.state, group.state]).toEqual(['undo-failed', 'undone']);
  });

  it('takes nothing of its time once it was undone itself', async () => {
    const { group, use, triedMs } = await inUse(await begun(plan), 900_000);
    expect([use.state, group.state]).toEqual(['undone', 'undone']);
    expect(triedMs).toBeGreaterThanOrEqual(900_000);
  });

  it('is none that began before it, which a retry has not come to yet', async () => {
    const estate = await begun(planOf({ inject: [{ ...own, uses: 'set-and-make' }] }));
    const { made, clock } = estate;
    const remove = made.delete.bind(made);
    estate.forbidden = () => estate.effects.length >= 2;
    await driveOnce(new Process(estate, 'a'));
    estate.forbidden = () => false;
    let firstNs: bigint | undefined;
    made.delete = (name) => {
      firstNs ??= clock.monoNs();
      if (Number(clock.monoNs() - firstNs) / 1e6 < 900_000) throw new FiredrillError('not-ready', 'it is in use');
      return remove(name);
    };
    const state = await new Process(estate, 'b').retryUndo();
    expect(state.steps.get('fence')!.parts.map((part) => part.state)).toEqual(['undone', 'undone']);
  });
});

describe('something that a drill would create', () => {
  const plan = () => planOf({ inject: [{ id: 'thing', uses: 'make' }] });

  it('is left alone where it was there before', async () => {
    const estate = await begun(plan());
    estate.made.set('thing', 'of somebody else');
    const state = await driveOnce(new Process(estate, 'a'));
    expect(state!.turn).toMatchObject({ kind: 'inconclusive', message: expect.stringContaining('there already') });
    expect(estate.effects).toEqual([]);
  });

  it.each(['begun', 'undoing'])(
    'is removed when it shows only a while after the process died that asked for it, and the step was %s by then',
    async (by) => {
      const estate = await begun(plan());
      const { made, clock } = estate;
      const first = new Process(estate, 'a');
      first.dieAt({ type: 'step.applied', step: 'thing' }, 'before');
      await driveOnce(first);
      expect([...made.keys()]).toEqual(['thing']);
      const shown = made.get.bind(made);
      const showsAtNs = clock.monoNs() + 12_000_000_000n;
      made.get = (name) => (clock.monoNs() < showsAtNs ? undefined : shown(name));
      estate.messages.push({ kind: 'abort', by: 'ada' });
      if (by === 'undoing') {
        const second = new Process(estate, 'b');
        second.dieAt({ type: 'step.undoing', step: 'thing' }, 'after');
        await driveOnce(second);
      }
      const state = await driveOnce(new Process(estate, 'c'));
      expect(state!.steps.get('thing')!.parts[0]!.state).toBe('undone');
      expect(estate.snapshot()).toEqual(sorted(initial));
    },
  );
});

describe('a creation that is refused', () => {
  const refusedRun = async (): Promise<{ estate: Estate; undone: () => Promise<unknown> }> => {
    const estate = await begun(planOf({ inject: [{ id: 'thing', uses: 'make' }] }));
    const undone = async () =>
      (await estate.log.read(runId)).flatMap(({ event }) => (event.type === 'step.undone' ? [event.nothing] : []));
    return { estate, undone };
  };

  it('is recorded as nothing to take back once nothing of it is seen', async () => {
    const { estate, undone } = await refusedRun();
    estate.forbidden = (what) => what === 'make thing';
    await driveOnce(new Process(estate, 'a'));
    expect(await undone()).toEqual([true]);
  });

  it('is not, where its undo finds something all the same', async () => {
    const { estate, undone } = await refusedRun();
    estate.forbidden = (what) => what === 'make thing' && estate.made.set('thing', 'thing') !== undefined;
    await driveOnce(new Process(estate, 'a'));
    expect(await undone()).toEqual([undefined]);
    expect([...estate.made.keys()]).toEqual([]);
  });

  it('is not, where a process that died had removed what it found', async () => {
    const { estate, undone } = await refusedRun();
    estate.forbidden = (what) => what === 'make thing' && estate.made.set('thing', 'thing') !== undefined;
    const first = new Process(estate, 'a');
    first.dieAt({ type: 'step.undone', step: 'thing' }, 'before');
    await driveOnce(first);
    expect([...estate.made.keys()]).toEqual([]);
    await driveOnce(new Process(estate, 'b'));
    expect(await undone()).toEqual([undefined]);
  });
});

describe('a creation that nobody could see, and that the run went on without', () => {
  it('is removed where it shows only after the undo began', async () => {
    const estate = await begun(
      planOf({
        inject: [
          { id: 'thing', uses: 'make-unseen' },
          { id: 'break', uses: 'climb', with: { throws: 'low' } },
        ],
      }),
    );
    const { made, clock } = estate;
    const has = made.get.bind(made);
    made.set('thing', 'thing');
    let looked: bigint | undefined;
    made.get = (name) => {
      looked ??= clock.monoNs();
      return clock.monoNs() - looked < 8_000_000_000n ? undefined : has(name);
    };
    const state = await driveOnce(new Process(estate, 'a'));
    expect(state!.steps.get('thing')!.parts[0]!.state).toBe('undone');
    expect(estate.snapshot()).toEqual(sorted(initial));
  });
});

describe('a change that shows only after the process died that asked for it', () => {
  it('is taken back', async () => {
    const estate = await begun(planOf({ inject: [{ id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } }] }));
    const { values, clock } = estate;
    const first = new Process(estate, 'a');
    first.dieAt({ type: 'step.applied', step: 'net' }, 'before');
    await driveOnce(first);
    expect(values.get('net')).toBe('cut');
    const shown = values.get.bind(values);
    const showsAtNs = clock.monoNs() + 1_500_000_000n;
    values.get = (key) => (key === 'net' && clock.monoNs() < showsAtNs ? 'open' : shown(key));
    const blindly = new Process(estate, 'b');
    blindly.deps = { observer: blind };
    await driveOnce(blindly);
    expect(shown('net')).toBe('open');
  });
});

describe('an undo whose credentials have expired', () => {
  it('leaves the run open, so that it can be taken back with new ones', async () => {
    const estate = await begun(undoing());
    const { values } = estate;
    const set = values.set.bind(values);
    values.set = (key, value) => {
      if (value === initial.dns) throw new FiredrillError('aws-expired-token', 'the security token has expired');
      return set(key, value);
    };
    await expect(new Process(estate, 'a').drive()).rejects.toMatchObject({ code: 'aws-expired-token' });
    expect(await typesOf(estate)).not.toContain('run.finished');
    values.set = set;
    const state = await new Process(estate, 'b').drive();
    expect(state.finished).toBe(true);
    expect(estate.snapshot()).toEqual(endings.undone);
  });
});
