/** Begins a run: plans it, refuses what must not run, and writes the run's first entry. Nothing has been touched before that. */
import { hostname, userInfo } from 'node:os';
import { actions } from '../actions/index.ts';
import { markNow } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import type { ProcessIdentity } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { Consent } from '../domain/record.ts';
import { CHAIN_START } from '../log/chain.ts';
import { PlanError } from '../plan/plan.ts';
import { targetTypes } from '../plan/targets/index.ts';
import type { App } from './app.ts';
import { refuseOutsideWindow } from './calendar.ts';
import { dangerOf, refuseWithoutConsent } from './consent.ts';
import type { RunEnv } from './drive-run.ts';
import { createRunAws } from './drive-run.ts';
import { leadingOut } from './lab-env.ts';
import { standingLab } from './lab-state.ts';
import { localEndpointOf } from './local-endpoint.ts';
import { planDrill } from './planner.ts';
import { identify } from './process-identity.ts';
import { newRunId } from './run-id.ts';
import { version } from './version.ts';

export interface RunRequest extends RunEnv {
  drill: Drill;
  environment: Plan['environment'];
}

/** @throws PlanError with every problem at once */
export async function planRun(
  app: Pick<App, 'clock' | 'logger'>,
  { drill, environment, env }: RunRequest,
): Promise<Plan> {
  const runId = newRunId(app.clock);
  const aws = createRunAws(app, { env }, runId);
  try {
    const localEndpoint = environment === 'lab' ? undefined : localEndpointOf(env);
    const deps = { actions, targetTypes, aws, clock: app.clock, env };
    return await planDrill(deps, drill, { runId, environment, localEndpoint });
  } finally {
    aws.close();
  }
}

/**
 * What forbids the run whatever anybody says: a finding of the plan, and outside the lab the calendar.
 * @throws PlanError with the first finding's code; UsageError `outside-window`, `in-blackout`
 */
export function refuseToStart({ clock }: Pick<App, 'clock'>, plan: Plan): void {
  const refused = plan.findings.filter(({ severity }) => severity === 'refuse');
  if (refused.length > 0) {
    throw new PlanError(refused.map(({ code, message, remedy }) => new UsageError(code, message, { remedy })));
  }
  if (plan.environment !== 'lab') refuseOutsideWindow(plan.drill.guardrails, clock.wall());
}

/**
 * @param consent to faults in production, by whoever starts the run
 * @param ownLab the lab of a rehearsal
 * @returns the run's id
 * @throws UsageError when something forbids the run, or `consent-missing`
 */
export async function startRun(app: App, plan: Plan, consent?: Consent, ownLab?: ProcessIdentity): Promise<string> {
  refuseToStart(app, plan);
  const danger = plan.environment === 'lab' ? undefined : dangerOf(plan);
  if (danger && !consent) refuseWithoutConsent(plan, danger, undefined);
  const head = { seq: 0, hash: CHAIN_START };
  const startedBy = `${userInfo().username}@${hostname()}`;
  const mark = markNow(app.clock);
  const endpoint = plan.environment === 'other' ? endpointOf(app.env) : undefined;
  const lab = plan.environment === 'other' ? await labThere(app) : ownLab;
  const started = { type: 'run.started', plan, startedBy, toolVersion: version, consent, endpoint, lab } as const;
  await app.log.append(plan.runId, head, { ...started, mark });
  return plan.runId;
}

/** The lab of this home, where the environment leads every call to it. */
async function labThere({ env, settings, clock }: App): Promise<ProcessIdentity | undefined> {
  const lab = await standingLab(settings.home);
  if (!lab || leadingOut(env, lab.env).length > 0) return undefined;
  return endpointOf(env) === new URL(lab.awsEndpoint).origin ? identify(clock, lab.pid) : undefined;
}

/** Where the standard AWS environment points. */
export const environmentOf = (env: NodeJS.ProcessEnv): Plan['environment'] =>
  env['AWS_ENDPOINT_URL'] ? 'other' : 'aws';

/** Origin of the endpoint that stands for AWS: it may hold a password, which is nothing for a log. */
export function endpointOf(env: NodeJS.ProcessEnv): string | undefined {
  const url = env['AWS_ENDPOINT_URL'] ?? '';
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
