/**
 * The instance that a backup is restored onto. Its client token is made of run and step, so that a launch whose answer was
 * lost is found again. The signed URLs in its user data are new with every try, and EC2 refuses a token that comes with other
 * user data: that refusal is the proof that the first try took effect.
 */
import type { Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { createHash } from 'node:crypto';
import { FiredrillError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { Attempt, CreatePart } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { madeTarget } from '../made-target.ts';
import { drillTags, isTaggedBy, onlyItem, placeOf, textOf } from '../places.ts';
import { groupIdsOf } from '../rds/copies-must-not-act.ts';
import { mustBeAlive } from './instance-end.ts';
import { wholeRoomOf } from './launch-instance-room.ts';
import type { Placed } from './launch-instance-room.ts';
import { signalPlaceOf } from './launch-instance-signal.ts';
import type { Signalled } from './launch-instance-signal.ts';
import { sourceOf } from './launch-instance-source.ts';
import { isS3Url, parseS3Url, signalVariable, userDataOf } from './launch-instance-user-data.ts';

export interface Launch extends Placed, Signalled {
  userData: string;
  environment?: Readonly<Record<string, string>>;
}

/** For how long the URLs that are handed out must be good: until what waits for the instance has given up. */
export const urlsForMs = ({ phaseLeftMs, timeoutMs }: ActionInput<Launch>): number => phaseLeftMs ?? timeoutMs;

interface Launched {
  [key: string]: string;
  id: string;
}

export function instancePart(input: ActionInput<Launch>): CreatePart<Launched> {
  const { runId, stepId } = input;
  const { named, title } = sourceOf(input);
  const { ec2 } = input.aws.in(placeOf(named));
  const token = createHash('sha256').update(`${runId} ${stepId}`).digest('hex');
  const arn = (id: string): string => `arn:aws:ec2:${named.region}:${named.account}:instance/${id}`;

  const described = async ({ signal }: Pick<Attempt, 'signal'>): Promise<Instance | undefined> => {
    const { Reservations = [] } = await ec2.describeInstances(
      { Filters: [{ Name: 'client-token', Values: [token] }] },
      { signal },
    );
    const instance = Reservations[0]?.Instances?.[0];
    if (instance && !isTaggedBy(input, instance.Tags)) throw notOurs(instance, token);
    return instance;
  };
  return {
    shape: 'create',
    name: 'instance',
    touches: arn(`launched from ${title}`),
    pollMs: input.pollMs,
    identity: { token },
    arn: ({ id }) => arn(id),
    async find(attempt) {
      const instance = await described(attempt);
      return instance && instance.State?.Name !== 'terminated' ? { id: instance.InstanceId! } : undefined;
    },
    async create(attempt) {
      const request = await requestFor(input, token);
      try {
        const { Instances = [] } = await ec2.runInstances(request, attempt);
        return { id: Instances[0]!.InstanceId! };
      } catch (error) {
        const code = error instanceof FiredrillError ? error.code : '';
        if (code === 'aws-capacity') throw noCapacity(input, error as FiredrillError);
        if (code !== 'aws-done-before') throw error;
        const earlier = await described(attempt);
        if (!earlier) throw notSeenYet(error as FiredrillError);
        return { id: earlier.InstanceId! };
      }
    },
    async settled({ id }, attempt) {
      const instance = await described(attempt);
      if (!instance?.PrivateIpAddress) {
        if (instance) mustBeAlive(instance);
        return { done: false, saw: `${id} can't be seen yet` };
      }
      mustBeAlive(instance);
      return { done: true, outputs: { instance: instanceTarget(input, instance) } };
    },
    async remove({ id }, attempt) {
      const instance = await described(attempt);
      if (!instance || instance.State?.Name === 'shutting-down' || instance.State?.Name === 'terminated') return;
      await ec2.terminateInstances({ InstanceIds: [id] }, attempt);
    },
  };
}

async function requestFor(input: ActionInput<Launch>, token: string): Promise<RunInstancesCommandInput> {
  const { params, runId, stepId } = input;
  const room = wholeRoomOf(input);
  const { instanceProfile: profile } = params;
  const Tags = [...drillTags(input), { Key: 'Name', Value: `firedrill-${runId}-${stepId}` }];
  const kinds = ['instance', 'volume'] as const;
  return {
    ClientToken: token,
    MinCount: 1,
    MaxCount: 1,
    ...sourceOf(input).request({ subnet: onlyItem(room.subnet).id, groups: groupIdsOf(room.groups) }),
    ...(profile !== undefined && {
      IamInstanceProfile: profile.startsWith('arn:') ? { Arn: profile } : { Name: profile },
    }),
    MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required' },
    // Whatever a template says: nothing may be left of it.
    DisableApiTermination: false,
    InstanceInitiatedShutdownBehavior: 'terminate',
    TagSpecifications: kinds.map((ResourceType) => ({ ResourceType, Tags })),
    UserData: Buffer.from(await userData(input)).toString('base64'),
  };
}

async function userData(input: ActionInput<Launch>): Promise<string> {
  const { params } = input;
  const forMs = urlsForMs(input);
  const place = placeOf(sourceOf(input).named);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(params.environment ?? {})) {
    variables[name] = value;
    if (!isS3Url(value)) continue;
    const { region = place.region, ...object } = parseS3Url(value);
    variables[name] = (await input.aws.presign({ ...place, region }, { method: 'GET', ...object, forMs })).url;
  }
  const signal = signalPlaceOf(input);
  const { bucket, key } = signal;
  variables[signalVariable] = (await input.aws.presign(signal, { method: 'PUT', bucket, key, forMs })).url;
  return userDataOf(params.userData, input.file(params.userData), variables);
}

/** The instance as later steps take it: like a target, with where it reports to. */
function instanceTarget(input: ActionInput<Launch>, instance: Instance): Json {
  const { named } = sourceOf(input);
  const { InstanceId, SubnetId: subnetId, PrivateIpAddress: address, Placement, VpcId: vpcId } = instance;
  const id = InstanceId!;
  return madeTarget(input.stepId, named, 'ec2/instances', {
    id,
    arn: `arn:aws:ec2:${named.region}:${named.account}:instance/${id}`,
    facts: {
      address,
      privateIp: address,
      az: Placement?.AvailabilityZone,
      subnet: subnetId,
      subnetId,
      vpcId,
      signal: signalPlaceOf(input),
    },
  });
}

const notOurs = ({ InstanceId }: Instance, token: string): FiredrillError =>
  new FiredrillError('not-own-instance', `${InstanceId} has lost the tags of the step that launched it`, {
    expected: `the tags of this run on the instance with client token ${token}`,
    found: 'none, or others',
    remedy: 'Somebody took the tags off, perhaps to keep it. Terminate it by hand if nobody needs it.',
  });

/** Worth another try: the driver looks again, for as long as the step may take. */
const notSeenYet = (cause: FiredrillError): FiredrillError =>
  new FiredrillError('not-ready', 'EC2 says that the instance was launched before, and does not show it yet', {
    expected: 'the instance of an earlier try whose answer was lost',
    found: 'none yet',
    remedy: 'Wait. If it never shows, look for the client token in CloudTrail.',
    cause,
  });

function noCapacity(input: ActionInput<Launch>, cause: FiredrillError): FiredrillError {
  const type = sourceOf(input).instanceType || 'of the template’s kind';
  const zone = textOf(onlyItem(wholeRoomOf(input).subnet).facts['az']);
  return new FiredrillError('no-capacity', `AWS has no capacity for an instance ${type} in ${zone} now`, {
    expected: `one ${type} in ${zone}`,
    found: cause.message,
    remedy: `In a real loss others would want them too. Have another type or zone ready, or reserve capacity (On-Demand Capacity Reservation) in ${zone}.`,
    cause,
  });
}
