/** What a RunInstances call asks for: image, type, place, profile and user data, each checked as EC2 checks it. */
import { createHash } from 'node:crypto';
import type { IamInstanceProfileSpecification, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Ec2State, LaunchTemplate } from '../../world/ec2.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Scope, World } from '../../world.ts';
import { requireTemplate, requireVersion } from './templates.ts';

/** Source: EC2 user guide, "Run commands when you launch an EC2 instance with user data input". Before the base64. */
const maxUserDataBytes = 16_384;

/** The template, with the call's image and type in place of its own; without one, the image alone. */
export function launchOf(world: World, scope: Scope, input: RunInstancesCommandInput): LaunchTemplate {
  const state = ec2State(world, scope);
  const { LaunchTemplate: named, ImageId, InstanceType } = input;
  if (named === undefined && ImageId === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId or a launch template');
  const template = named === undefined ? undefined : requireTemplate(world, scope, named);
  if (template !== undefined) requireVersion(template, named?.Version);
  const imageId = ImageId ?? template?.imageId ?? '';
  const image = state.images[imageId];
  if (image === undefined) throw new AwsError('InvalidAMIID.NotFound', `The image id '[${imageId}]' does not exist`);
  const { program, port, furtherPorts, env, createdAt } = image;
  const onImage = { imageId, program, port, ...(furtherPorts === undefined ? {} : { furtherPorts }) };
  const alone = { id: '', name: '', createdAt, instanceType: 'm1.small', groups: defaultGroup(state, input), tags: {} };
  return {
    ...(template ?? { ...alone, env }),
    ...onImage,
    ...(InstanceType === undefined ? {} : { instanceType: InstanceType }),
  };
}

/** Of the VPC that the instance goes to. */
function defaultGroup(state: Ec2State, input: RunInstancesCommandInput): string[] {
  const vpcId = state.subnets[placeOf(state, input).subnetId]?.vpcId;
  const found = Object.values(state.groups).find((group) => group.vpcId === vpcId && group.name === 'default');
  return found === undefined ? [] : [found.id];
}

/** Subnet and groups stand at the call or at its first network interface, never at both; a template's count, too. */
export function placeOf(
  state: Ec2State,
  { SubnetId, SecurityGroupIds, NetworkInterfaces = [] }: RunInstancesCommandInput,
  template: Pick<LaunchTemplate, 'subnetId'> = {},
): { subnetId: string; groups: string[] | undefined } {
  const ofTemplate = template.subnetId === undefined ? undefined : { SubnetId: template.subnetId, Groups: undefined };
  const [nic = ofTemplate] = NetworkInterfaces;
  if (nic !== undefined && SubnetId !== undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  if (nic !== undefined && SecurityGroupIds !== undefined && SecurityGroupIds.length > 0)
    throw new AwsError(
      'InvalidParameterCombination',
      'Network interfaces and instance-level security groups may not be specified on the same request',
    );
  const subnetId = SubnetId ?? nic?.SubnetId ?? template.subnetId ?? Object.keys(state.subnets)[0] ?? '';
  if (state.subnets[subnetId] === undefined)
    throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
  const groups = nic?.Groups ?? SecurityGroupIds;
  return { subnetId, groups: groups !== undefined && groups.length > 0 ? groups : undefined };
}

/** The profile's name. */
export function profileOf({ account }: Scope, asked: IamInstanceProfileSpecification | undefined): string | undefined {
  if (asked?.Arn === undefined) return asked?.Name;
  const name = new RegExp(`^arn:aws:iam::${account}:instance-profile/(?:.*/)?([^/]+)$`).exec(asked.Arn)?.[1];
  if (name !== undefined) return name;
  throw new AwsError(
    'InvalidParameterValue',
    `Value (${asked.Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
  );
}

export function userDataOf(encoded: string): string {
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, ''))
    throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  if (bytes.length > maxUserDataBytes)
    throw new AwsError('InvalidParameterValue', `User data is limited to ${maxUserDataBytes} bytes`);
  return bytes.toString('utf8');
}

/** What makes two requests the same: everything but the token and whether it is only tried. */
export const digestOf = ({ ClientToken: _token, DryRun: _dryRun, ...request }: RunInstancesCommandInput): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('hex');
