/**
 * `ec2/await-ready`: until an instance that a drill launched runs, and until its script reports that the database stands. What
 * can't succeed any more fails at once: an instance that has ended or whose status checks fail, a script that reports so.
 */
import type { InstanceStatus } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { Services } from '../../aws/aws.ts';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { target } from '../../domain/fields.ts';
import type { Json } from '../../domain/json.ts';
import type { Attempt, ObservePart, Progress } from '../../domain/part.ts';
import type { Finding, ResolvedTarget } from '../../domain/plan.ts';
import { ifThere } from '../absent.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { hasEnded, mustBeAlive } from './instance-end.ts';
import type { SignalPlace } from './launch-instance-signal.ts';
import { hostsOf, mustBeOwn, mustStandAt } from './ready-host.ts';
import type { ReadyDatabase } from './ready-signal.ts';
import { largestSignalBytes, malformed, readSignal } from './ready-signal.ts';

const params = z.strictObject({
  instance: target('ec2/instances', 'the instance, as ec2/launch-instance gives it'),
  standsAt: target('sql/database', 'the server that its script restores onto; default: the instance itself').optional(),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'ec2/await-ready',
  describes: 'Waits until a launched instance runs, and until its script reports that the database stands',
  params,
  effect: 'observes',
  outputs: { database: { describes: 'the restored database', targetType: 'sql/database' } },
  permissions: ['ec2:DescribeInstanceStatus', 'ec2:DescribeInstances', 's3:GetObject'],
  timeoutMs: 3_600_000,
  portion: { running: 'boot', ready: 'restore' },
} satisfies ActionSpec<typeof params>;

export const awaitReady = defineAction<typeof params>({
  spec,
  parts: (input) => [running(input), ready(input)],
  preview(input) {
    const instance = input.target(input.params.instance);
    const signal = signalOf(instance);
    const describes = ['ec2:DescribeInstances', 'ec2:DescribeInstanceStatus'];
    return {
      touches: instance.items.map((item) => arnOf(instance, item)),
      permissions: [
        ...permissions(instance, describes, ['*']),
        ...(signal ? permissions(instance, ['s3:GetObject'], [`arn:aws:s3:::${signal.bucket}/${signal.key}`]) : []),
      ],
      findings: instance.items.length > 0 && !signal ? [reportsNowhere(instance)] : [],
    };
  },
});

const signalOf = (instance: ResolvedTarget): SignalPlace | undefined =>
  instance.items[0]?.facts['signal'] as SignalPlace | undefined;

const reportsNowhere = ({ name }: ResolvedTarget): Finding => ({
  severity: 'refuse',
  code: 'instance-without-signal',
  message: `${name} was not launched by this drill: nobody knows where it would report that it is ready`,
  remedy: 'Give the instance that a step of ec2/launch-instance launches.',
});

function running(input: ActionInput<Params>): ObservePart {
  const instance = input.target(input.params.instance);
  return {
    shape: 'observe',
    name: 'running',
    touches: arnOf(instance),
    pollMs: input.pollMs,
    async poll(attempt) {
      const status = await statusOf(input, attempt);
      if (status?.InstanceState?.Name === 'running') return { done: true };
      return { done: false, saw: describe(onlyItem(instance).id, status) };
    },
  };
}

function ready(input: ActionInput<Params>): ObservePart {
  const instance = input.target(input.params.instance);
  const { id, facts } = onlyItem(instance);
  return {
    shape: 'observe',
    name: 'ready',
    touches: arnOf(instance),
    pollMs: input.pollMs,
    async poll(attempt): Promise<Progress> {
      const content = await reported(input, attempt);
      if (content !== undefined) {
        const { database, message } = readSignal(content);
        const outputs = { database: await restored(input, database, attempt) };
        if (message === undefined) return { done: true, outputs };
        return { done: true, outputs, check: { holds: true, said: `The script reports: ${message}` } };
      }
      const status = await statusOf(input, attempt);
      const address = textOf(facts['address']);
      return { done: false, saw: `user data has said nothing: ${describe(id, status)}${address && `, at ${address}`}` };
    },
  };
}

const describe = (id: string, status: InstanceStatus | undefined): string => {
  if (!status) return `${id} can't be seen yet`;
  const checks = [status.SystemStatus, status.InstanceStatus].map((each) => each?.Status ?? 'not known');
  return `${id} is ${status.InstanceState?.Name}, status checks ${[...new Set(checks)].join(' and ')}`;
};

/**
 * @returns undefined while EC2 doesn't show the instance yet
 * @throws FiredrillError `instance-ended`, `instance-impaired`
 */
async function statusOf(
  input: ActionInput<Params>,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<InstanceStatus | undefined> {
  const instance = input.target(input.params.instance);
  const { ec2 } = input.aws.in(placeOf(instance));
  const { id } = onlyItem(instance);
  const asked = { InstanceIds: [id] };
  const status = await ifThere(async () => {
    const found = await ec2.describeInstanceStatus({ ...asked, IncludeAllInstances: true }, { signal });
    return found.InstanceStatuses?.[0];
  });
  if (hasEnded(status?.InstanceState?.Name)) await tellWhy(ec2, id, signal);
  const impaired = [status?.SystemStatus, status?.InstanceStatus].find((each) => each?.Status === 'impaired');
  if (impaired) throw broken(id, impaired);
  return status;
}

/** What has ended says why only in another answer. */
async function tellWhy(ec2: Services['ec2'], id: string, signal: AbortSignal): Promise<void> {
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [id] }, { signal });
  mustBeAlive(Reservations[0]?.Instances?.[0] ?? { InstanceId: id, State: { Name: 'terminated' } });
}

/** What the script reported; nothing while the object is as empty as it was put there. */
async function reported(input: ActionInput<Params>, { signal }: Pick<Attempt, 'signal'>): Promise<string | undefined> {
  const place = signalOf(input.target(input.params.instance));
  if (!place) {
    const { message, remedy } = reportsNowhere(input.target(input.params.instance));
    throw new FiredrillError('instance-without-signal', message, { remedy });
  }
  const { bucket: Bucket, key: Key } = place;
  const object = await ifThere(() => input.aws.in(place).s3.getObject({ Bucket, Key }, { signal }));
  if (!object?.Body) return undefined;
  if ((object.ContentLength ?? 0) > largestSignalBytes) {
    const { Body: body } = object;
    if ('destroy' in body) body.destroy();
    throw malformed(`it has ${object.ContentLength} bytes, and at most ${largestSignalBytes} are read`, '');
  }
  return (await object.Body.transformToString()) || undefined;
}

/** The database as later steps take it: like a target, in the place of its instance, or the target that it was restored onto. */
async function restored(
  input: ActionInput<Params>,
  database: ReadyDatabase,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<Json> {
  const { engine, port, name } = database;
  const itemAt = (host: string) => ({
    id: `${host}:${port}/${name}`,
    facts: { endpoint: host, port, database: name, engine },
  });
  if (input.params.standsAt !== undefined) {
    const standsAt = input.target(input.params.standsAt);
    mustStandAt(standsAt, database);
    const onto: ResolvedTarget = { ...standsAt, items: [itemAt(textOf(onlyItem(standsAt).facts['endpoint']))] };
    return onto as unknown as Json;
  }
  const instance = input.target(input.params.instance);
  const { id, facts } = onlyItem(instance);
  const { host = textOf(facts['address']) } = database;
  if (host !== facts['address']) {
    const { ec2 } = input.aws.in(placeOf(instance));
    const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [id] }, { signal });
    mustBeOwn(host, id, hostsOf(Reservations[0]?.Instances?.[0] ?? {}));
  }
  const { location, account, region, role, externalId } = instance;
  const restoredThere: ResolvedTarget = {
    name: input.stepId,
    type: 'sql/database',
    location,
    account,
    region,
    role,
    externalId,
    select: { host, port: String(port), database: name, engine },
    items: [itemAt(host)],
  };
  return restoredThere as unknown as Json;
}

function broken(id: string, { Status, Details = [] }: NonNullable<InstanceStatus['InstanceStatus']>): FiredrillError {
  const details = Details.map((detail) => `${detail.Name} ${detail.Status}`).join(', ') || 'no details';
  return new FiredrillError('instance-impaired', `the status checks of ${id} fail: ${details}`, {
    expected: 'ok',
    found: `${Status}`,
    remedy: 'See its system log in the EC2 console before it is gone: the image may not boot on this type of instance.',
  });
}
