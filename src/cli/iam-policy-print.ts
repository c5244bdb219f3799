/** What `iam-policy` does: plans every drill, and prints what all of it needs. */
import { createLogger } from '../app/app.ts';
import { widerThanPlanned } from '../app/permissions.ts';
import { caller, policiesOf } from '../app/policy.ts';
import { settingsOf } from '../app/settings.ts';
import { environmentOf, planRun } from '../app/start-run.ts';
import { systemClock } from '../app/system-clock.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import { PlanError } from '../plan/plan.ts';
import { readDrill } from './drill-file.ts';
import type { Frame } from './frame.ts';

/** Most characters of a managed policy, white space not counted (IAM quotas). */
const managedPolicyLimit = 6_144;

export async function printPolicies(frame: Frame, files: readonly string[], values?: string): Promise<void> {
  const { env } = frame;
  const plans = await planAll(frame, files, values);
  const policies = policiesOf(plans);
  const all = [...policies.values()];
  frame.out(JSON.stringify(all.length === 1 ? all[0] : Object.fromEntries(policies), null, 2));
  for (const [principal, policy] of policies) {
    const size = JSON.stringify(policy).length;
    if (size > managedPolicyLimit) {
      frame.err(
        `the policy for ${principal} has ${size} characters, more than IAM takes in one (${managedPolicyLimit})`,
      );
    }
  }
  for (const said of new Set(plans.flatMap(widerThanPlanned))) frame.err(said);
  if (policies.has(caller)) frame.err(`"${caller}" is for the credentials that start firedrill and assume the roles.`);
  const url = settingsOf(env).queueUrl;
  if (url !== undefined) frame.err(`Whoever starts firedrill also needs sqs:SendMessage on the queue ${url}.`);
}

/** @throws FiredrillError that says of every drill which can't be planned why not, and which it is */
async function planAll(frame: Frame, files: readonly string[], values: string | undefined): Promise<Plan[]> {
  const { env } = frame;
  const app = { clock: systemClock(), logger: createLogger(settingsOf(env)) };
  const plans: Plan[] = [];
  const problems: FiredrillError[] = [];
  for (const file of files) {
    try {
      const drill = await readDrill(frame, file, { purpose: 'run', values });
      plans.push(await planRun(app, { drill, environment: environmentOf(env), env }));
    } catch (error) {
      if (!(error instanceof FiredrillError)) throw error;
      problems.push(...(error instanceof PlanError ? error.problems : [error]).map((each) => sayingWhich(file, each)));
    }
  }
  if (problems.length > 1) throw new PlanError(problems);
  if (problems[0]) throw problems[0];
  return plans;
}

function sayingWhich(file: string, error: FiredrillError): FiredrillError {
  const { code, message, expected, found, remedy } = error;
  if (message.startsWith(file)) return error;
  return new FiredrillError(code, `${file}: ${message}`, { expected, found, remedy, cause: error });
}
