/** What `iam-policy` does: plans every drill, and prints what all of it needs. */
import { createLogger } from '../app/app.ts';
import { caller, policiesOf } from '../app/policy.ts';
import { settingsOf } from '../app/settings.ts';
import { environmentOf, planRun } from '../app/start-run.ts';
import { systemClock } from '../app/system-clock.ts';
import type { Plan } from '../domain/plan.ts';
import { readDrill } from './drill-file.ts';
import type { Frame } from './frame.ts';

/** Most characters of a managed policy, white space not counted (IAM quotas). */
const managedPolicyLimit = 6_144;

export async function printPolicies(frame: Frame, files: readonly string[], values?: string): Promise<void> {
  const { env } = frame;
  const plans: Plan[] = [];
  for (const file of files) {
    const drill = await readDrill(frame, file, { purpose: 'run', values });
    const app = { clock: systemClock(), logger: createLogger(settingsOf(env)) };
    plans.push(await planRun(app, { drill, environment: environmentOf(env), env }));
  }
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
  if (policies.has(caller)) frame.err(`"${caller}" is for the credentials that start firedrill and assume the roles.`);
  const url = settingsOf(env).queueUrl;
  if (url !== undefined) frame.err(`Whoever starts firedrill also needs sqs:SendMessage on the queue ${url}.`);
}
