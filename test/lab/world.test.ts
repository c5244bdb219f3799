import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noMachines } from '../../src/lab/machines/none.ts';
import { stop, terminate } from '../../src/lab/world/instances.ts';
import { ec2State } from '../../src/lab/world/ec2.ts';
import { defineSlice, newWorldState, openWorld, runWorld, type World } from '../../src/lab/world.ts';
import type { Call } from '../../src/lab/wire/handler.ts';
import type { rds } from '../../src/lab/services/rds/index.ts';
import { ManualClock } from './services/support/manual-clock.ts';
import {
  active,
  buildEstate,
  emulations,
  openTestWorld,
  passive,
  writeDown,
  type TestWorld,
} from './world/test-lab.ts';

const scope = { account: '111122223333', region: 'eu-central-1' };

function emptyWorld(): { world: World; clock: ManualClock } {
  const clock = new ManualClock();
  const probeHttp = () => Promise.resolve({ error: 'nobody' });
  const state = newWorldState({ profile: 'fast', network: 9 });
  return { clock, world: openWorld(state, { clock, machines: noMachines(), probeHttp }) };
}

describe('timers', () => {
  it('run in order of due time, then of setting, once they are due', async () => {
    const { world, clock } = emptyWorld();
    const ran: string[] = [];
    world.onTimer('note', (_world, _scope, { what }) => void ran.push(what as string));
    world.after(20, 'note', scope, { what: 'late' });
    world.after(10, 'note', scope, { what: 'first' });
    world.after(10, 'note', scope, { what: 'second' });
    await world.advance();
    expect(ran).toEqual([]);
    clock.advance(20);
    await world.advance();
    expect(ran).toEqual(['first', 'second', 'late']);
    expect(world.state.timers).toEqual([]);
  });

  it('of one lane wait for each other, those of others do not', async () => {
    const { world } = emptyWorld();
    const ran: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.onTimer('slow', async () => {
      await gate;
      ran.push('slow');
    });
    world.onTimer('quick', (_world, _scope, { what }) => void ran.push(what as string));
    world.after(0, 'slow', scope, {}, 'database');
    world.after(0, 'quick', scope, { what: 'same lane' }, 'database');
    world.after(0, 'quick', scope, { what: 'no lane' });
    const done = world.advance();
    await Promise.resolve();
    expect(ran).toEqual(['no lane']);
    release();
    await done;
    expect(ran).toEqual(['no lane', 'slow', 'same lane']);
  });

  it('stay in the state until they are through, so that a copy does them again', async () => {
    const { world } = emptyWorld();
    let during: unknown[] = [];
    world.onTimer('look', (w) => void (during = structuredClone(w.state.timers)));
    world.after(0, 'look', scope);
    await world.advance();
    expect(during).toHaveLength(1);
    expect(world.state.timers).toEqual([]);
  });

  it('that fail, or that nobody knows, are reported together and gone', async () => {
    const { world } = emptyWorld();
    world.onTimer('fail', () => Promise.reject(new Error('no disk')));
    world.after(0, 'fail', scope);
    world.after(0, 'unknown', scope);
    await expect(world.advance()).rejects.toMatchObject({
      errors: [new Error('no service of this world knows the timer unknown'), new Error('no disk')],
    });
    await expect(world.advance()).resolves.toBeUndefined();
  });

  it('that keep something going are set once, also in a world that was opened again', () => {
    const { world } = emptyWorld();
    world.onTimer('tick', () => {});
    world.ensureTimer('tick');
    world.ensureTimer('tick');
    expect(world.state.timers).toHaveLength(1);
    expect(() => world.onTimer('tick', () => {})).toThrow('registered already');
  });
});

describe('runWorld', () => {
  it('sleeps until the next timer is due, wakes for a nearer one, and ends with its signal', async () => {
    const { world, clock } = emptyWorld();
    const stopping = new AbortController();
    const ran: string[] = [];
    const errors: unknown[] = [];
    world.onTimer('note', (_world, _scope, { what }) => void ran.push(what as string));
    world.onTimer('fail', () => Promise.reject(new Error('no disk')));
    world.after(1_000, 'note', scope, { what: 'far' });
    const driven = runWorld(world, stopping.signal, (error) => errors.push(error));
    await clock.sleeping();
    world.after(10, 'note', scope, { what: 'near' });
    world.after(10, 'fail', scope);
    await new Promise(setImmediate);
    clock.advance(10);
    await new Promise(setImmediate);
    expect(ran).toEqual(['near']);
    expect(errors).toEqual([new Error('no disk')]);
    clock.advance(990);
    await new Promise(setImmediate);
    expect(ran).toEqual(['near', 'far']);
    stopping.abort();
    await driven;
  });
});

describe('durations and slices', () => {
  it('are a sixtieth of AWS’s in the fast profile, at most three seconds, and AWS’s own in the realistic one', () => {
    const { world } = emptyWorld();
    expect([world.duration(60_000), world.duration(3_600_000)]).toEqual([1_000, 3_000]);
    world.state.profile = 'realistic';
    expect(world.duration(3_600_000)).toBe(3_600_000);
  });

  it('are kept apart by account, region and service', () => {
    const { world } = emptyWorld();
    const notes = defineSlice<string[]>('notes', () => []);
    notes(world, scope).push('here');
    expect(notes(world, { ...scope, region: 'eu-west-1' })).toEqual([]);
    expect(notes.scopes(world).map(({ region }) => region)).toEqual(['eu-central-1', 'eu-west-1']);
  });
});

describe('a world that was written down', () => {
  const call = (region: string): Call => ({
    service: 'rds',
    operation: 'any',
    region,
    account: active.account,
    accessKeyId: active.account,
    requestId: 'r',
    origin: 'http://127.0.0.1',
  });

  /** What users and drills do to an estate, by name. Refusals are part of it. */
  const deeds: Record<string, (test: TestWorld, api: ReturnType<typeof rds>) => unknown> = {
    promote: (_test, { operations }) =>
      operations['PromoteReadReplica']?.({ DBInstanceIdentifier: 'orders-db' }, call(passive.region)),
    rename: (_test, { operations }) =>
      operations['ModifyDBInstance']?.(
        { DBInstanceIdentifier: 'orders-db', NewDBInstanceIdentifier: 'kept', ApplyImmediately: true },
        call(active.region),
      ),
    reboot: (_test, { operations }) =>
      operations['RebootDBInstance']?.({ DBInstanceIdentifier: 'orders-db', ForceFailover: true }, call(active.region)),
    terminate: ({ world }) => end(world, terminate),
    stop: ({ world }) => end(world, stop),
    write: ({ machines, world }) => Object.keys(machines.state.databases).map((id) => machines.write(id, world.next())),
  };
  const end = (world: World, how: typeof stop) => {
    const instance = Object.values(ec2State(world, active).instances).find(({ state }) => state === 'running');
    if (instance !== undefined) how(world, active, instance);
  };

  const open = (from?: Parameters<typeof openTestWorld>[0]) => {
    const test = openTestWorld(from);
    const [api] = emulations.map((emulation) => emulation(test.world)).filter(({ client }) => client === 'rds');
    if (api === undefined) throw new Error('no RDS');
    return { test, api };
  };
  const act = (deed: string, { test, api }: ReturnType<typeof open>) => {
    try {
      deeds[deed]?.(test, api);
    } catch {
      // AWS refuses it in this state; so it does in the copy.
    }
  };

  it('goes on exactly as the original does, wherever it was cut', async () => {
    const deed = fc.constantFrom(...Object.keys(deeds));
    const steps = fc.array(fc.record({ deed, thenMs: fc.integer({ min: 0, max: 900 }) }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(5), async (plan, cutAt) => {
        const original = open();
        await buildEstate(original.test.world);
        let copy: ReturnType<typeof open> | undefined;
        for (const [i, { deed, thenMs }] of plan.entries()) {
          for (const each of [original, copy]) if (each !== undefined) act(deed, each);
          if (i === Math.min(cutAt, plan.length - 1)) copy = open(writeDown(original.test));
          for (const each of [original, copy]) await each?.test.pass(thenMs);
        }
        for (const each of [original, copy]) await each?.test.pass(4_000);
        expect(copy && writeDown(copy.test)).toEqual(writeDown(original.test));
      }),
      { numRuns: 40 },
    );
  });

  it('gives the same ids for the same calls, and others for another seed', async () => {
    const ids = async (): Promise<string[]> => {
      const { test } = open();
      await buildEstate(test.world);
      return Object.keys(ec2State(test.world, active).instances);
    };
    const [one, two] = [await ids(), await ids()];
    expect(one).toEqual(two);
    expect(one[0]).toMatch(/^i-0[0-9a-f]{16}$/);
  });
});
