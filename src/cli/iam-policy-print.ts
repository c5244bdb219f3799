/** What `iam-policy` does: plans every drill, notes what is read on the way, and prints what all of it needs. */
import { createLogger } from '../app/app.ts';
import type { Planned } from '../app/policy.ts';
import { policiesOf } from '../app/policy.ts';
import { settingsOf } from '../app/settings.ts';
import { environmentOf, planRun } from '../app/start-run.ts';
import { systemClock } from '../app/system-clock.ts';
import type { AwsCall } from '../aws/aws.ts';
import { readDrill } from './drill-file.ts';
import type { Frame } from './frame.ts';

/** Most characters of a managed policy, white space not counted (IAM quotas). */
const managedPolicyLimit = 6_144;

export async function printPolicies(frame: Frame, files: readonly string[], values?: string): Promise<void> {
  const { env } = frame;
  const planned: Planned[] = [];
  for (const file of files) {
    const drill = await readDrill(frame, file, { purpose: 'run', values });
    const calls: AwsCall[] = [];
    const app = { clock: systemClock(), logger: createLogger(settingsOf(env)) };
    const onCall = (call: AwsCall): void => void calls.push(call);
    const plan = await planRun(app, { drill, environment: environmentOf(env), env, onCall });
    planned.push({ plan, calls });
  }
  const { byPrincipal, assumes } = policiesOf(planned);
  const all = [...byPrincipal.values()];
  frame.out(JSON.stringify(all.length === 1 ? all[0] : Object.fromEntries(byPrincipal), null, 2));
  for (const [principal, policy] of byPrincipal) {
    const size = JSON.stringify(policy).length;
    if (size > managedPolicyLimit) {
      frame.err(
        `the policy for ${principal} has ${size} characters, more than IAM takes in one (${managedPolicyLimit})`,
      );
    }
  }
  if (assumes.length > 0) {
    frame.err(`The credentials that start firedrill need sts:AssumeRole on ${assumes.join(', ')}.`);
  }
  const url = settingsOf(env).queueUrl;
  if (url !== undefined) frame.err(`They also need sqs:SendMessage on the queue ${url}.`);
}
