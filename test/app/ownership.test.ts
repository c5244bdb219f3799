/** Who drives a run, while sessions break and processes hang: the lock passes on to whoever lives, and to one alone. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { lockOf } from '../../src/app/app.ts';
import { abandoned, makeWay, own } from '../../src/app/ownership.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { breakLock, isHeld, keyOf, tryLock } from '../../src/postgres/locks.ts';
import { Journal } from '../../src/run/journal.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { begin, openTestApp, planFor } from './support/app.ts';
import type { TestApp } from './support/app.ts';

let test: TestApp;
let app: App;
beforeAll(async () => {
  test = await openTestApp();
  app = test.app;
});
afterAll(() => test.close());

/** Has time for ever, however long a machine holds things up. */
const patient = (): Clock => ({ ...app.clock, monoNs: () => 0n });

const held = (runId: string): Promise<boolean> => isHeld(app.store.pool, lockOf.owner(runId));
const breakSession = (runId: string): Promise<boolean> => breakLock(app.store.pool, lockOf.owner(runId), 0);

/** The same store, to which nobody gets a new session while it is `away`. */
function flakyStore() {
  const asked = new EventEmitter();
  const flaky = {
    away: false,
    /** Resolves when a session was asked for in vain. */
    refused: () => once(asked, 'refused'),
    store: {
      ...app.store,
      connect: () => {
        if (!flaky.away) return app.store.connect();
        asked.emit('refused');
        return Promise.reject(Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' }));
      },
    },
  };
  return flaky;
}

describe('an owner whose session broke', () => {
  it('has its lock again as soon as the store answers', async () => {
    const flaky = flakyStore();
    const ownership = (await own({ store: flaky.store, clock: patient() }, 'blip'))!;
    flaky.away = true;
    const refused = flaky.refused();
    await breakSession('blip');
    await refused;
    expect(await held('blip')).toBe(false);
    flaky.away = false;
    await expect.poll(() => held('blip')).toBe(true);
    expect(ownership.lost.aborted).toBe(false);
    await breakSession('blip');
    await expect.poll(() => held('blip')).toBe(true);
    await ownership.release();
    await expect.poll(() => held('blip')).toBe(false);
  });

  it('leaves the run when another process has it by then', async () => {
    const flaky = flakyStore();
    const ownership = (await own({ store: flaky.store, clock: patient() }, 'taken'))!;
    const lost = once(ownership.lost, 'abort');
    flaky.away = true;
    await breakSession('taken');
    const other = await tryLock(app.store.connect, lockOf.owner('taken'));
    flaky.away = false;
    await lost;
    expect(ownership.lost.reason).toMatchObject({ code: 'lost' });
    await ownership.release();
    expect(await held('taken')).toBe(true);
    await other!.release();
  });

  it('leaves the run, saying why, when the store stays away', async () => {
    const flaky = flakyStore();
    const ownership = (await own({ store: flaky.store, clock: new VirtualClock() }, 'away'))!;
    const lost = once(ownership.lost, 'abort');
    flaky.away = true;
    await breakSession('away');
    await lost;
    expect(ownership.lost.reason).toMatchObject({ code: 'owner-lock-lost', found: 'connection refused' });
    await ownership.release();
  });

  it('lets go of a run that it has left, also while it tries to have the lock again', async () => {
    const flaky = flakyStore();
    const ownership = (await own({ store: flaky.store, clock: patient() }, 'left'))!;
    flaky.away = true;
    const refused = flaky.refused();
    await breakSession('left');
    await refused;
    await ownership.release();
    flaky.away = false;
    const heir = (await own(app, 'left'))!;
    expect(heir).toBeDefined();
    await heir.release();
  });
});

const holder = `
  import pg from 'pg';
  const session = new pg.Client({ connectionString: process.env.STORE });
  session.on('error', () => undefined);
  session.once('end', () => process.exit(7));
  await session.connect();
  await session.query('SELECT pg_advisory_lock($1)', [process.env.KEY]);
  setInterval(() => session.query('SELECT').catch(() => undefined), 50);
  console.log('held');
`;

describe('a run that somebody wants to carry on', () => {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  /** Another process that owns the run. */
  async function ownedElsewhere(runId: string, environment: 'aws' | 'lab' = 'aws'): Promise<ChildProcess> {
    const env = { ...process.env, STORE: app.store.url, KEY: keyOf(lockOf.owner(runId)) };
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    await begin(app, planFor(runId, { environment }));
    await Journal.claim(app.log, new VirtualClock(), runId, `${hostname()}:${child.pid}:x`);
    return child;
  }

  it('is free when nobody owns it', async () => {
    await begin(app, planFor('free', { environment: 'aws' }));
    expect(await makeWay(app, 'free')).toBeUndefined();
  });

  it('stays with an owner that lives, who is named', async () => {
    const child = await ownedElsewhere('lively');
    await expect(makeWay(app, 'lively', 60_000)).rejects.toMatchObject({
      code: 'run-is-driven',
      found: expect.stringMatching(
        new RegExp(`^process ${child.pid} on ${hostname()}, which last showed life \\d+ s ago`),
      ),
      remedy: expect.stringContaining('If it hangs, try again'),
    });
    expect(await held('lively')).toBe(true);
  });

  it('is taken from an owner that hangs, which finds its session ended when it wakes up', async () => {
    const child = await ownedElsewhere('hung');
    const ended = once(child, 'exit');
    child.kill('SIGSTOP');
    await expect
      .poll(() => makeWay(app, 'hung', 700).catch(({ code }: { code: string }) => code), { interval: 100 })
      .toMatch(new RegExp(`^process ${child.pid} on ${hostname()} held run hung .* it is taken over`));
    const heir = await own(app, 'hung');
    expect(heir).toBeDefined();
    child.kill('SIGCONT');
    expect(await ended).toEqual([7, null]);
    await heir!.release();
  });

  it('is left with its process when it is a rehearsal, whose lab would go with that', async () => {
    const child = await ownedElsewhere('rehearsal', 'lab');
    child.kill('SIGSTOP');
    await expect(makeWay(app, 'rehearsal', 0)).rejects.toMatchObject({
      code: 'run-is-driven',
      remedy: expect.stringContaining(`end process ${child.pid}`),
    });
    expect(await held('rehearsal')).toBe(true);
  });
});

describe('a run that nobody owns', () => {
  const claimed = async (runId: string, owner: string) => {
    await begin(app, planFor(runId, { environment: 'lab' }));
    await Journal.claim(app.log, new VirtualClock(), runId, owner);
    return { runId, entries: await app.log.read(runId) };
  };
  const here = hostname();
  const dead = async (): Promise<number> => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    return child.pid!;
  };

  it('is abandoned at once when its process is gone', async () => {
    const run = await claimed('gone', `${here}:${await dead()}:x`);
    const clock = new VirtualClock();
    expect(await abandoned({ ...app, clock }, [run])).toEqual(['gone']);
    expect(clock.monoNs()).toBe(0n);
  });

  it('is waited for while its process may live, for as long as an owner may be without its lock', async () => {
    const runs = [await claimed('alive', `${here}:${process.pid}:x`), await claimed('elsewhere', 'other-host:1:x')];
    const clock = new VirtualClock();
    expect(await abandoned({ ...app, clock }, runs)).toEqual(['alive', 'elsewhere']);
    expect(Number(clock.monoNs()) / 1e6).toBeGreaterThanOrEqual(10_000);
  });

  it('is not abandoned when its owner has its lock again by then', async () => {
    const run = await claimed('back', `${here}:${process.pid}:x`);
    let back: ReturnType<typeof own> | undefined;
    const clock: Clock = { ...patient(), sleep: async () => void (await (back ??= own(app, 'back'))) };
    expect(await abandoned({ ...app, clock }, [run])).toEqual([]);
    await (await back)!.release();
  });
});
