/**
 * Hosts runs on DBOS: keeps in Postgres which process drives which run, and calls `drive` for a run here, whoever drove it
 * before. The run's own log is its checkpoint, so a run uses no DBOS step, message or sleep. This file is the only one that
 * knows DBOS.
 *
 * Every time a run is driven is a workflow of its own, and ends those before it. DBOS's recovery is of no use here: it brings
 * back all workflows of a process that is gone, not the one asked for, and leaves them to any process that happens to look.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import { DBOS } from '@dbos-inc/dbos-sdk';

export interface HostOptions {
  /** URL of the Postgres database; DBOS keeps its tables in a schema of its own there. */
  databaseUrl: string;
  /** Unique for this life of the process. */
  owner: string;
  /** Drives a run to its end. May be called again for a run that it was called for before, in any process. */
  drive: (runId: string) => Promise<void>;
  logger: Logger;
  /** Runs `work` while no other process does, so that migrations don't race. */
  alone: (work: () => Promise<void>) => Promise<void>;
}

export interface Host {
  /**
   * Drives a run, wherever it was left. Resolves when it is over, rejects with what `drive` threw. The caller sees to it that
   * no other process means to drive it.
   */
  drive(runId: string): Promise<void>;
  close(): Promise<void>;
}

/** How long closing may take, milliseconds. */
const closeMs = 5_000;

/** Recovery matches it exactly: all versions of firedrill that can fold each other's logs share it. */
const logFormat = 'log-1';

export async function openHost({ databaseUrl, owner, drive, logger, alone }: HostOptions): Promise<Host> {
  const outcomes = new Map<string, Promise<void>>();
  const driveOnce = (runId: string): Promise<void> => {
    const outcome = drive(runId);
    outcomes.set(runId, outcome);
    return outcome;
  };
  const workflow = DBOS.registerWorkflow(driveOnce, { name: 'run', maxRecoveryAttempts: 1_000 });
  // A pool of our own: DBOS sets its own one up with statements that overlap, which pg warns of on every start.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', (error) => logger.warn({ error: error.message }, 'an idle connection of the host broke'));
  DBOS.setConfig({
    name: 'firedrill',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: pool,
    executorID: owner,
    applicationVersion: logFormat,
    enableOTLP: false,
    tracingEnabled: false,
    logger: quiet(logger),
  });
  await alone(() => DBOS.launch());
  let started = 0;
  return {
    async drive(runId) {
      const earlier = await unfinished(runId);
      started += 1;
      const handle = await DBOS.startWorkflow(workflow, { workflowID: `${runId}@${owner}.${started}` })(runId);
      if (earlier.length > 0) await DBOS.cancelWorkflows(earlier);
      await settled(outcomes.get(runId), handle.getResult());
    },
    async close() {
      // Without a store there is nothing to write down; DBOS would go on trying.
      const closing = DBOS.shutdown().then(() => pool.end());
      closing.catch(() => undefined); // raced below
      await Promise.race([closing, delay(closeMs, undefined, { ref: false })]);
    },
  };
}

/** Workflows of a run whose process went away, and so never wrote down how they ended. */
async function unfinished(runId: string): Promise<string[]> {
  const known = await DBOS.listWorkflows({ workflow_id_prefix: `${runId}@`, status: 'PENDING', loadInput: false });
  return known.map(({ workflowID }) => workflowID);
}

/**
 * What `drive` made of it here, with its own class and at once. That DBOS writes it down is waited for a moment: while the store is
 * away it goes on trying, and whoever drove must say what came of it; and it may have been ended by another who drives.
 */
async function settled(here: Promise<void> | undefined, stored: Promise<void>): Promise<void> {
  const written = stored.catch(() => undefined);
  await here;
  await Promise.race([written, delay(closeMs, undefined, { ref: false })]);
}

/** DBOS's chatter a level lower each: what it warns of, it goes on trying, and whoever drives says what came of it. */
const quiet = (logger: Logger) => ({
  info: (entry: unknown) => logger.debug({ dbos: entry }),
  debug: (entry: unknown) => logger.trace({ dbos: entry }),
  warn: (entry: unknown) => logger.info({ dbos: entry }),
  error: (entry: unknown) => logger.error({ dbos: entry }),
});
