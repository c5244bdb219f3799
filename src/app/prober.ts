/** The prober as a process: finds the run's plan in the store, watches under a lock of its own, leaves when it is over. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../domain/errors.ts';
import type { Log } from '../domain/ports.ts';
import { isHeld, tryLock } from '../postgres/locks.ts';
import { probe } from '../probes/prober.ts';
import type { App } from './app.ts';
import { lockOf, openApp } from './app.ts';
import { endWhenOverstayed } from './overstay.ts';
import { blipMs } from './ownership.ts';
import { settingsOf } from './settings.ts';
import { systemClock } from './system-clock.ts';

/**
 * Reading back, handing in and cleaning up are bounded by themselves, and shorter; the driver waits for less. Milliseconds.
 */
const closingMs = 5 * 60_000;
/** An embedded store that was started again is another one, at another port: this prober can't be of use any more. */
const embeddedGoneMs = 60_000;
/** A server of the user's own comes back where it was. Longer than a run may be without an owner. */
const serverGoneMs = 20 * 60_000;

/**
 * Harmless when another prober watches the run already.
 * @param end ends the process when something keeps the prober from ending by itself
 */
export async function runProber(env: NodeJS.ProcessEnv, runId: string, end = leave): Promise<void> {
  let app: App | undefined;
  const done = new AbortController();
  const isOn = onSoFar(runId);
  endWhenOverstayed(
    {
      clock: systemClock(),
      needed: () => (app ? isOn(app.log) : Promise.reject(new Error('the store is not open yet'))),
      overMs: closingMs,
      unknownMs: settingsOf(env).databaseUrl ? serverGoneMs : embeddedGoneMs,
      end: (why) => end(noteOf(runId, why)),
    },
    done.signal,
  );
  try {
    app = await openApp(env);
    await watchUnderLock(app, env, runId);
  } finally {
    await app?.close();
    done.abort();
  }
}

async function watchUnderLock({ log, samples, clock, store, settings }: App, env: NodeJS.ProcessEnv, runId: string) {
  const [first] = await log.read(runId);
  if (first?.event.type !== 'run.started') throw new FiredrillError('run-not-found', `there is no run ${runId}`);
  const lock = await tryLock(() => store.connect(), lockOf.prober(runId));
  if (!lock) return;
  const spoolDir = join(settings.home, 'spool', runId);
  const ownerAlive = () => isHeld(store.pool, lockOf.owner(runId));
  const note = (problem: string): void => void process.stderr.write(noteOf(runId, problem));
  try {
    const { plan } = first.event;
    // A killed rehearsal is not resumed: nobody will come but an owner that lost its session.
    const ownerlessMs = plan.environment === 'lab' ? blipMs : undefined;
    await probe({ runId, plan, log, samples, clock, ownerAlive, spoolDir, env, ownerlessMs, note });
    await rm(spoolDir, { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

/** Whether the run has not come to its close, read on from where it was read last. */
function onSoFar(runId: string): (log: Log) => Promise<boolean> {
  let seen = 0;
  let on = true;
  return async (log) => {
    for (const { seq, event } of await log.read(runId, seen)) {
      seen = seq;
      if (event.type === 'run.closing' || event.type === 'run.finished') on = false;
    }
    return on;
  };
}

function leave(why: string): void {
  process.stderr.write(why);
  process.exit(1);
}

/** A line of the probers' log, in which those of several runs stand. */
const noteOf = (runId: string, text: string): string =>
  `${new Date().toISOString()} prober ${process.pid} of ${runId}: ${text}\n`;
