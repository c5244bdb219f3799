/**
 * The eyes of a run: makes sure that a detached prober watches it, and reads what the prober wrote. The prober is a process of
 * its own that finds everything in the store, so it goes on when this process dies and serves the one that takes over.
 */
import { spawn } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FiredrillError } from '../domain/errors.ts';
import type { Observer, SampleSeal } from '../domain/ports.ts';
import { makeHome } from '../postgres/home.ts';
import { isHeld } from '../postgres/locks.ts';
import type { App } from './app.ts';
import { lockOf } from './app.ts';

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const startMs = 20_000;
const lookMs = 50;

/** @param env what the prober gets: it resolves the same secrets, resolver and endpoint as the run */
export function createObserver(app: App, env: NodeJS.ProcessEnv): Observer {
  const { store, samples, clock, settings } = app;
  return {
    async ensure(runId) {
      const lock = lockOf.prober(runId);
      if ((await isHeld(store.pool, lock)) || (await samples.seals(runId)).length > 0) return;
      const notes = await openNotes(settings.home);
      const stdio: StdioOptions = ['ignore', 'ignore', notes.fd];
      const child = spawn(process.execPath, [program, 'prober', runId], { env, stdio, detached: true });
      await notes.close();
      const ended = new AbortController();
      child.once('exit', () => ended.abort());
      child.once('error', () => ended.abort()); // It could not even be started.
      child.unref();
      const since = clock.monoNs();
      while (!(await isHeld(store.pool, lock)) && (await samples.seals(runId)).length === 0) {
        const late = Number(clock.monoNs() - since) / 1e6 > startMs;
        if (late || ended.signal.aborted) throw notStarted(runId, late);
        await clock.sleep(lookMs);
      }
    },
    status: (runId) => samples.status(runId),
    async sealed(runId) {
      if (await isHeld(store.pool, lockOf.prober(runId))) return undefined;
      return sealOf(await samples.seals(runId));
    },
  };
}

/** Nobody reads a prober's stderr while it runs: what it has to say, of all runs, is kept. */
async function openNotes(home: string) {
  await makeHome(home);
  return open(join(home, 'prober.log'), 'a', 0o600);
}

/** The seals of all probers of a run as one, as the log holds it. */
export function sealOf(seals: readonly SampleSeal[]): { chunks: number; hash: string } | undefined {
  if (seals.length === 0) return undefined;
  return {
    chunks: seals.reduce((sum, { chunks }) => sum + chunks, 0),
    hash: seals.map(({ hash }) => hash).join(' '),
  };
}

const notStarted = (runId: string, late: boolean): FiredrillError =>
  new FiredrillError('prober-not-started', `the prober of run ${runId} did not start`, {
    expected: `a process that watches the run within ${startMs / 1000} s`,
    found: late ? 'none' : 'it ended at once',
    remedy: `Run "firedrill prober ${runId}" by hand to see why.`,
  });
