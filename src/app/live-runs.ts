/** Which runs go on against an endpoint that is not AWS: those that lose the ground under their feet when the lab goes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isHeld } from '../postgres/locks.ts';
import { lockOf } from './app.ts';
import { mayBeBeginning } from './ownership.ts';
import { settingsOf } from './settings.ts';
import { withApp } from './with-app.ts';

export interface LiveRun {
  runId: string;
  drill: string;
  /** A process drives it, or is just about to. Otherwise it was left in the middle, and undoing it needs the lab as well. */
  driven: boolean;
  /** Origin of the endpoint that it runs against; absent of runs that older versions began. */
  endpoint?: string;
}

/** How many of the newest runs are looked at. */
const looked = 20;

/** Rehearsals have a lab of their own and are none of them. */
export async function runsBesideAws(env: NodeJS.ProcessEnv): Promise<LiveRun[]> {
  const { home, databaseUrl } = settingsOf(env);
  // Who has only ever used the lab needs no store for ending it.
  if (databaseUrl === undefined && !existsSync(join(home, 'store'))) return [];
  return withApp(env, async ({ log, store, clock }) => {
    const live: LiveRun[] = [];
    for (const runId of await log.runs(looked)) {
      const entries = await log.read(runId);
      const [first] = entries;
      if (first?.event.type !== 'run.started' || first.event.plan.environment !== 'other') continue;
      if (entries.some(({ event }) => event.type === 'run.finished')) continue;
      const driven = mayBeBeginning(clock, entries) || (await isHeld(store.pool, lockOf.owner(runId)));
      const { plan, endpoint } = first.event;
      live.push({ runId, drill: plan.drill.name, driven, endpoint });
    }
    return live;
  });
}
