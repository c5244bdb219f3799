/**
 * What an instance is launched from: a version of a launch template, which says most of it, or an image alone, to which the drill says
 * the type. How the two differ in the request, in permissions and in what outlives the instance is said here and nowhere else.
 */
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { Condition, Finding, Permission, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { arnOf, ifTaggedAsOwn, onlyItem, permissions, textOf } from '../places.ts';

export interface LaunchedFrom {
  /** Exactly one of both is given. */
  template?: string;
  image?: string;
  /** Goes with an image. */
  instanceType?: string;
  instanceProfile?: string;
}

export interface Source {
  /** Template or image: instances are launched in its account and region. */
  named: ResolvedTarget;
  /** What it is called among people. */
  title: string;
  instanceType: string;
  /** The one that the instance gets, by name or ARN; empty for none. */
  instanceProfile: string;
  /** What of the request depends on it. */
  request(place: { subnet: string; groups: string[] }): Partial<RunInstancesCommandInput>;
  /** For launching, in a subnet and with a group of these ARNs. */
  permissions(chosen: readonly string[]): Permission[];
  findings: readonly Finding[];
}

export function sourceOf(input: ActionInput<LaunchedFrom>): Source {
  const { template, image } = input.params;
  return template === undefined
    ? imageSource(input, input.target(image!))
    : templateSource(input, input.target(template));
}

const arnIn = ({ account, region }: ResolvedTarget, kind: string): string => `arn:aws:ec2:${region}:${account}:${kind}`;

/** Instance and volumes, which are tagged as they are made. */
const machine = (named: ResolvedTarget): string[] => [arnIn(named, 'instance/*'), arnIn(named, 'volume/*')];

/** Source: Service Authorization Reference, Amazon EC2, RunInstances. */
function templateSource(input: ActionInput<LaunchedFrom>, named: ResolvedTarget): Source {
  const { facts } = onlyItem(named);
  const byTemplate: Condition = { ArnEquals: { 'ec2:LaunchTemplate': arnOf(named) } };
  const shared = (kind: string): string => `arn:aws:ec2:${named.region}::${kind}`;
  return {
    named,
    title: textOf(facts['name']),
    instanceType: textOf(facts['instanceType']),
    instanceProfile: input.params.instanceProfile ?? textOf(facts['instanceProfile']),
    request: ({ subnet, groups }) => ({
      LaunchTemplate: { LaunchTemplateId: textOf(facts['templateId']), Version: textOf(facts['version']) },
      // EC2 takes subnet and groups either in the interface or beside it, as the template has it.
      ...(facts['hasInterfaces'] === true
        ? { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnet, Groups: groups, DeleteOnTermination: true }] }
        : { SubnetId: subnet, SecurityGroupIds: groups }),
    }),
    permissions: (chosen) => [
      ...permissions(named, ['ec2:RunInstances'], [arnOf(named), ...chosen, arnIn(named, 'network-interface/*')]),
      ...permissions(named, ['ec2:RunInstances'], machine(named), { ...byTemplate, ...ifTaggedAsOwn(input) }),
      // Another version of the template may say others; whatever they are, nobody but the template may.
      ...permissions(
        named,
        ['ec2:RunInstances'],
        [shared('image/*'), shared('snapshot/*'), arnIn(named, 'key-pair/*')],
        { ...byTemplate, Bool: { 'ec2:IsLaunchTemplateResource': 'true' } },
      ),
    ],
    findings: outliving(named),
  };
}

/** Source: as above, and EC2 API reference, RunInstances, BlockDeviceMapping: what a launch says goes before what the image says. */
function imageSource(input: ActionInput<LaunchedFrom>, named: ResolvedTarget): Source {
  const { id, facts } = onlyItem(named);
  const { instanceType = '', instanceProfile = '' } = input.params;
  const kept = (facts['keptVolumes'] ?? []) as readonly string[];
  return {
    named,
    title: textOf(facts['name']) || id,
    instanceType,
    instanceProfile,
    request: ({ subnet, groups }) => ({
      ImageId: id,
      InstanceType: instanceType as NonNullable<RunInstancesCommandInput['InstanceType']>,
      SubnetId: subnet,
      SecurityGroupIds: groups,
      ...(kept.length > 0 && {
        BlockDeviceMappings: kept.map((DeviceName) => ({ DeviceName, Ebs: { DeleteOnTermination: true } })),
      }),
    }),
    permissions: (chosen) => [
      ...permissions(named, ['ec2:RunInstances'], [...chosen, arnIn(named, 'network-interface/*')]),
      ...permissions(named, ['ec2:RunInstances'], [arnOf(named)]),
      ...permissions(named, ['ec2:RunInstances'], [arnIn(named, 'instance/*')], {
        StringEquals: { 'ec2:InstanceType': instanceType },
        ...ifTaggedAsOwn(input),
      }),
      ...permissions(named, ['ec2:RunInstances'], [arnIn(named, 'volume/*')], ifTaggedAsOwn(input)),
    ],
    findings: [],
  };
}

/** What would outlive the instance. An image's launch says that it goes; a template's says nothing of volumes. */
function outliving(template: ResolvedTarget): Finding[] {
  const { keptVolumes, persistentSpot } = onlyItem(template).facts;
  const devices = (keptVolumes ?? []) as readonly string[];
  const volumes: Finding = {
    severity: 'refuse',
    code: 'volumes-stay',
    message: `Volumes ${devices.join(', ')} of ${template.name} would stay when the instance is terminated, with a copy of the data`,
    remedy: 'Say DeleteOnTermination for them in the launch template.',
  };
  const spot: Finding = {
    severity: 'refuse',
    code: 'spot-comes-back',
    message: `${template.name} asks for Spot Instances persistently: AWS would launch another one when the drill terminates its own`,
    remedy: 'Name a launch template without a persistent Spot request.',
  };
  return [...(devices.length > 0 ? [volumes] : []), ...(persistentSpot === true ? [spot] : [])];
}
