/** Begins a run: plans it, refuses what must not run, and writes the run's first entry. Nothing has been touched before that. */
import { hostname, userInfo } from 'node:os';
import { actions } from '../actions/index.ts';
import { markNow } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import { CHAIN_START } from '../log/chain.ts';
import { targetTypes } from '../plan/targets/index.ts';
import type { App } from './app.ts';
import type { RunEnv } from './drive-run.ts';
import { createRunAws } from './drive-run.ts';
import { planDrill } from './planner.ts';
import { newRunId } from './run-id.ts';
import { version } from './version.ts';

export interface RunRequest extends RunEnv {
  drill: Drill;
  environment: Plan['environment'];
}

/** @throws PlanError with every problem at once */
export async function planRun(app: App, { drill, environment, env }: RunRequest): Promise<Plan> {
  const runId = newRunId(app.clock);
  const aws = createRunAws(app, { env }, runId);
  try {
    return await planDrill({ actions, targetTypes, aws, clock: app.clock, env }, drill, { runId, environment });
  } finally {
    aws.close();
  }
}

/**
 * @returns the run's id
 * @throws UsageError `plan-refused` when a finding of the plan forbids the run
 */
export async function startRun(app: App, plan: Plan): Promise<string> {
  const refused = plan.findings.filter(({ severity }) => severity === 'refuse');
  if (refused.length > 0) {
    throw new UsageError(refused[0]!.code, refused.map(({ message }) => message).join('\n'), {
      remedy: refused.map(({ remedy }) => remedy).find((remedy) => remedy !== undefined),
    });
  }
  const head = { seq: 0, hash: CHAIN_START };
  const startedBy = `${userInfo().username}@${hostname()}`;
  const mark = markNow(app.clock);
  await app.log.append(plan.runId, head, { type: 'run.started', plan, startedBy, toolVersion: version, mark });
  return plan.runId;
}

/** Where the standard AWS environment points. */
export const environmentOf = (env: NodeJS.ProcessEnv): Plan['environment'] =>
  env['AWS_ENDPOINT_URL'] ? 'other' : 'aws';
