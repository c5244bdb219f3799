/** The prober as a process: finds the run's plan in the store, watches under a lock of its own, leaves when it is over. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../domain/errors.ts';
import { isHeld, tryLock } from '../postgres/locks.ts';
import { probe } from '../probes/prober.ts';
import { lockOf, openApp } from './app.ts';
import { blipMs } from './ownership.ts';

/** Harmless when another prober watches the run already. */
export async function runProber(env: NodeJS.ProcessEnv, runId: string): Promise<void> {
  const app = await openApp(env);
  const { log, samples, clock, store, settings } = app;
  try {
    const [first] = await log.read(runId);
    if (first?.event.type !== 'run.started') throw new FiredrillError('run-not-found', `there is no run ${runId}`);
    const lock = await tryLock(() => store.connect(), lockOf.prober(runId));
    if (!lock) return;
    const spoolDir = join(settings.home, 'spool', runId);
    const ownerAlive = () => isHeld(store.pool, lockOf.owner(runId));
    try {
      const { plan } = first.event;
      // A killed rehearsal is not resumed: nobody will come but an owner that lost its session.
      const ownerlessMs = plan.environment === 'lab' ? blipMs : undefined;
      await probe({ runId, plan, log, samples, clock, ownerAlive, spoolDir, env, ownerlessMs });
      await rm(spoolDir, { recursive: true, force: true });
    } finally {
      await lock.release();
    }
  } finally {
    await app.close();
  }
}
