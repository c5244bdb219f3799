/**
 * Drives runs in this process: puts driver, actions, funnel, observer, judge and publisher together, each run under its owner
 * lock. What the user sees of it is the commands' business.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { actions } from '../actions/index.ts';
import type { Aws } from '../aws/aws.ts';
import { callTimeoutMs, createAws } from '../aws/funnel.ts';
import { FiredrillError, reportOf } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Judgement } from '../domain/record.ts';
import { unpack } from '../domain/sample-chain.ts';
import { judge } from '../measure/judge.ts';
import { alone } from '../postgres/locks.ts';
import { isConnectionLoss } from '../postgres/outage.ts';
import { drive } from '../run/drive.ts';
import type { DriveDeps } from '../run/drive.ts';
import type { App } from './app.ts';
import { createGuardrail } from './guardrails.ts';
import type { RunGuardrail } from './guardrails.ts';
import { createObserver } from './observer.ts';
import { isDriven, own } from './ownership.ts';
import { bindParts } from './parts.ts';
import { unjudged } from './unjudged.ts';

export { isDriven };

/** Cadences by environment: a lab's minutes are seconds. */
export const pollMsOf = (environment: string): number => (environment === 'lab' ? 50 : 1_000);
/** How often the alarms of guardrails are read. */
const alarmMsOf = (environment: string): number => (environment === 'lab' ? 500 : 5_000);
/** Reading canaries back is bounded by the prober itself; this is longer. */
const sealMs = 60_000;

export interface RunEnv {
  /** AWS_*, secrets, resolver as the run needs them: the lab's in a rehearsal. */
  env: NodeJS.ProcessEnv;
  /** The run was taken from an owner that hangs and may wake up: a call of its may be under way. */
  fromHung?: boolean;
}

export const createRunAws = (app: Pick<App, 'logger'>, { env }: RunEnv, runId: string): Aws =>
  createAws({ env, logger: app.logger, runId });

/** Unique for this life of the process. */
export const newOwner = (): string => `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;

/** Drives runs in this process. Opening it takes a moment (the host starts), which can pass while other things are prepared. */
export interface Driver {
  /**
   * Drives a run, new or left by a process that is gone, and waits until it is over.
   * @throws FiredrillError `run-is-driven` when another process holds the run
   * @throws LostError when another process took it over
   */
  drive(run: RunEnv, runId: string): Promise<void>;
  close(): Promise<void>;
}

export async function openDriver(app: App): Promise<Driver> {
  const { openHost } = await import('../run/host.ts');
  const owner = newOwner();
  const connect = () => app.store.connect();
  const depsOf = new Map<string, Promise<RunDeps>>();
  const host = await openHost({
    databaseUrl: app.store.url,
    owner,
    logger: app.logger,
    alone: (work) => alone(connect, 'host-launch', work),
    async drive(runId) {
      const deps = await depsOf.get(runId)!;
      try {
        await drive(deps, runId);
      } finally {
        await deps.guardrail.close();
      }
    },
  });
  return {
    async drive(run, runId) {
      const ownership = await own(app, runId);
      if (!ownership) throw await isDriven(app, runId);
      const aws = createRunAws(app, run, runId);
      try {
        depsOf.set(runId, driveDeps(app, run, { aws, owner, runId, lost: ownership.lost }));
        await host.drive(runId);
      } finally {
        aws.close();
        await ownership.release();
      }
    },
    close: () => host.close(),
  };
}

type RunDeps = DriveDeps & { guardrail: RunGuardrail };

interface Hold {
  aws: Aws;
  owner: string;
  runId: string;
  lost: AbortSignal;
}

async function driveDeps(
  app: App,
  { env, fromHung = false }: RunEnv,
  { aws, owner, runId, lost }: Hold,
): Promise<RunDeps> {
  const { log, inbox, clock } = app;
  const [first] = await log.read(runId);
  const environment = first?.event.type === 'run.started' ? first.event.plan.environment : 'other';
  const pollMs = pollMsOf(environment);
  const observer = createObserver(app, env);
  const statuses = (id: string) => observer.status(id);
  return {
    log,
    inbox,
    observer,
    clock,
    parts: bindParts({ actions, aws, clock, env, pollMs, statuses }),
    guardrail: createGuardrail({ clock, aws, everyMs: alarmMsOf(environment) }),
    judge: (entries) => judgeAnyway(app, entries),
    owner,
    lost,
    graceMs: fromHung ? callTimeoutMs : undefined,
    pollMs,
    sealMs,
  };
}

/** The verdict from the log and the samples as they lie in the store. */
export async function judgeRun(app: App, entries: readonly LogEntry[]): Promise<Judgement> {
  const [first] = entries;
  if (first?.event.type !== 'run.started') throw new FiredrillError('log-broken', 'the log has no beginning');
  const [chunks, seals] = await Promise.all([app.samples.chunks(first.runId), app.samples.seals(first.runId)]);
  return judge({ plan: first.event.plan, entries, ...unpack(chunks, seals) });
}

/** As {@link judgeRun}, for a run that must end whatever becomes of its samples. @throws when the store is away */
export async function judgeAnyway(app: App, entries: readonly LogEntry[]): Promise<Judgement> {
  try {
    return await judgeRun(app, entries);
  } catch (error) {
    const [first] = entries;
    if (isConnectionLoss(error) || first?.event.type !== 'run.started') throw error;
    app.logger.error({ error: reportOf(error), run: first.runId }, 'the run can not be judged');
    return unjudged(first.event.plan, entries, error);
  }
}
