/**
 * RunInstances from a launch template, which says what the image runs. A client token launches once only.
 */
import type { RunInstancesCommandInput, RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { LaunchTemplate } from '../../world/ec2.ts';
import { bootLater, place } from '../../world/instances.ts';
import type { Scope, World } from '../../world.ts';
import { refuseDryRun } from './find.ts';
import { instanceShape } from './shapes.ts';
import { specifiedTags } from './tags.ts';

export const runInstances =
  (world: World): Handler<RunInstancesCommandInput, RunInstancesCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const { ClientToken: clientToken, MinCount, MaxCount = 1 } = input;
    const earlier = Object.values(state.instances).filter(
      (instance) => clientToken !== undefined && instance.clientToken === clientToken,
    );
    const reservation = earlier[0]?.reservationId;
    if (reservation !== undefined)
      return { ReservationId: reservation, Instances: earlier.map((each) => instanceShape(state, call, each)) };
    if (MinCount === undefined || MinCount < 1 || MaxCount < MinCount)
      throw new AwsError('InvalidParameterValue', `Value (${MinCount}) for parameter minCount is invalid.`);
    const template = templateOf(world, call, input);
    const subnetId = input.SubnetId ?? Object.keys(state.subnets)[0] ?? '';
    if (state.subnets[subnetId] === undefined)
      throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
    const tags = specifiedTags(
      input.TagSpecifications?.filter(({ ResourceType }) => ResourceType !== 'volume'),
      'instance',
    );
    refuseDryRun(input.DryRun);
    const userData = input.UserData === undefined ? {} : { userData: decoded(input.UserData) };
    const launched = Array.from({ length: MaxCount }, () => {
      const groups = input.SecurityGroupIds ?? template.groups;
      const instance = place(world, call, { template: { ...template, groups }, subnetId, tags, ...userData });
      if (clientToken !== undefined) instance.clientToken = clientToken;
      bootLater(world, call, instance.id);
      return instance;
    });
    for (const instance of launched) instance.reservationId = launched[0]?.reservationId ?? instance.reservationId;
    return {
      ReservationId: launched[0]?.reservationId,
      OwnerId: call.account,
      Instances: launched.map((each) => instanceShape(state, call, each)),
    };
  };

function templateOf(world: World, scope: Scope, { LaunchTemplate: named }: RunInstancesCommandInput): LaunchTemplate {
  if (named === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId or a launch template');
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named;
  const template = Object.values(ec2State(world, scope).templates).find((each) => each.id === id || each.name === name);
  if (template !== undefined) return template;
  if (id !== undefined)
    throw new AwsError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  throw new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

function decoded(userData: string): string {
  const text = Buffer.from(userData, 'base64').toString('utf8');
  if (Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '') === userData.replace(/=+$/, '')) return text;
  throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
}
