/**
 * RunInstances from a launch template, or from an image and a type. What the call says goes before what the template says. A client
 * token launches once only, and only with the same parameters.
 */
import type { RunInstancesCommandInput, RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Ec2State, Instance } from '../../world/ec2.ts';
import { bootLater, place } from '../../world/instances.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireGroup } from './find.ts';
import { digestOf, launchOf, placeOf, profileOf, userDataOf } from './launch-request.ts';
import { instanceShape } from './shapes.ts';
import { specifiedTags } from './tags.ts';

export const runInstances =
  (world: World): Handler<RunInstancesCommandInput, RunInstancesCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const { ClientToken: clientToken, MinCount, MaxCount = 1 } = input;
    const answer = (instances: readonly Instance[]) => ({
      ReservationId: instances[0]?.reservationId,
      OwnerId: call.account,
      Instances: instances.map((each) => instanceShape(state, call, each)),
    });
    const earlier = launchedWith(state, input);
    if (earlier.length > 0) return answer(earlier);
    if (MinCount === undefined || MinCount < 1 || MaxCount < MinCount)
      throw new AwsError('InvalidParameterValue', `Value (${MinCount}) for parameter minCount is invalid.`);
    const launched = launchOf(world, call, input);
    const { subnetId, groups = launched.groups } = placeOf(state, input, launched);
    for (const group of groups) requireGroup(world, call, group);
    const tags = specifiedTags(
      input.TagSpecifications?.filter(({ ResourceType }) => ResourceType !== 'volume'),
      'instance',
    );
    const userData = input.UserData === undefined ? launched.userData : userDataOf(input.UserData);
    const instanceProfile = profileOf(call, input.IamInstanceProfile) ?? launched.instanceProfile;
    refuseDryRun(input.DryRun);
    const template = {
      ...launched,
      groups,
      ...(instanceProfile === undefined ? {} : { instanceProfile }),
      ...(userData === undefined ? {} : { userData }),
    };
    const made = Array.from({ length: MaxCount }, () => {
      const instance = place(world, call, { template, subnetId, tags });
      if (input.MetadataOptions?.HttpTokens !== undefined) instance.imdsTokens = input.MetadataOptions.HttpTokens;
      if (clientToken !== undefined) Object.assign(instance, { clientToken, clientRequest: digestOf(input) });
      bootLater(world, call, instance.id);
      return instance;
    });
    for (const instance of made) instance.reservationId = made[0]?.reservationId ?? instance.reservationId;
    return answer(made);
  };

/** @throws AwsError IdempotentParameterMismatch where the token came with other parameters */
function launchedWith(state: Ec2State, input: RunInstancesCommandInput): Instance[] {
  const { ClientToken: token } = input;
  if (token === undefined) return [];
  const earlier = Object.values(state.instances).filter(({ clientToken }) => clientToken === token);
  if (earlier.some(({ clientRequest }) => clientRequest !== digestOf(input)))
    throw new AwsError(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  return earlier;
}
