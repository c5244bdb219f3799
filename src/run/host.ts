/**
 * Hosts runs on DBOS: keeps the list of runs that must be driven in Postgres, and calls `drive` for them, here or, after this
 * process is gone, in another. The run's own log is its checkpoint, so a run uses no DBOS step, message or sleep. This file
 * is the only one that knows DBOS.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';

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
  /** Drives a new run. Resolves when it is over, rejects with what `drive` threw. */
  start(runId: string): Promise<void>;
  /** Drives a run whose process is gone, wherever that left it. */
  resume(runId: string): Promise<void>;
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
  const start = async (runId: string): Promise<void> => {
    const handle = await DBOS.startWorkflow(workflow, { workflowID: runId })(runId);
    await settled(outcomes.get(runId), handle.getResult());
  };
  return {
    start,
    async resume(runId) {
      const status = await DBOS.getWorkflowStatus(runId);
      if (!status) return start(runId); // Its process died between the run's first entry and the host's.
      if (status.status !== 'PENDING' || !status.executorId) return drive(runId);
      const executor = DBOSExecutor.globalInstance!;
      await executor.recoverPendingWorkflows([status.executorId]);
      await settled(outcomes.get(runId), DBOS.retrieveWorkflow<void>(runId).getResult());
    },
    async close() {
      // Without a store there is nothing to write down; DBOS would go on trying.
      const closing = DBOS.shutdown().then(() => pool.end());
      closing.catch(() => undefined); // raced below
      await Promise.race([closing, delay(closeMs, undefined, { ref: false })]);
    },
  };
}

/**
 * What `drive` threw here, with its own class and at once: DBOS keeps a copy of it for those who only wait, but while the
 * store is away it goes on trying to write that down, and whoever drove must say that the run was left.
 */
async function settled(here: Promise<void> | undefined, stored: Promise<void>): Promise<void> {
  stored.catch(() => undefined); // awaited below, unless the run was left
  await here;
  await stored;
}

/** DBOS's chatter a level lower each: what it warns of, it goes on trying, and whoever drives says what came of it. */
const quiet = (logger: Logger) => ({
  info: (entry: unknown) => logger.debug({ dbos: entry }),
  debug: (entry: unknown) => logger.trace({ dbos: entry }),
  warn: (entry: unknown) => logger.info({ dbos: entry }),
  error: (entry: unknown) => logger.error({ dbos: entry }),
});
