/** Seeds launch templates, single instances and Auto Scaling groups. */
import type { Scope, World } from '../../world.ts';
import { autoScalingState } from '../autoscaling.ts';
import type { Group } from '../autoscaling.ts';
import { ec2State } from '../ec2.ts';
import type { Instance, LaunchTemplate } from '../ec2.ts';
import { elbv2State, registerTarget } from '../elbv2.ts';
import { arn, ec2Id, uuid } from '../ids.ts';
import { boot, place } from '../instances.ts';

export interface TemplateSpec {
  name: string;
  groups: readonly string[];
  /** @default none: whoever launches says one */
  subnetId?: string;
  /** Program that the image runs, as machines know it. */
  program: string;
  port: number;
  /** Ports of other servers that may run on it. */
  furtherPorts?: readonly number[];
  env?: Readonly<Record<string, string>>;
  userData?: string;
  instanceProfile?: string;
  tags?: Readonly<Record<string, string>>;
  /** @default 't3.small' */
  instanceType?: string;
}

/** A template, and the image that it launches. */
export function createLaunchTemplate(world: World, scope: Scope, spec: TemplateSpec): LaunchTemplate {
  const [id, imageId] = [ec2Id(world, 'lt'), ec2Id(world, 'ami')];
  const state = ec2State(world, scope);
  const { name, program, port } = spec;
  const ports = spec.furtherPorts === undefined ? {} : { furtherPorts: [...spec.furtherPorts] };
  const createdAt = world.nowIso();
  state.images[imageId] = { id: imageId, name, createdAt, program, port, ...ports, env: { ...spec.env } };
  const template: LaunchTemplate = {
    id,
    name,
    createdAt,
    imageId,
    instanceType: spec.instanceType ?? 't3.small',
    groups: [...spec.groups],
    ...(spec.subnetId === undefined ? {} : { subnetId: spec.subnetId }),
    program,
    port,
    ...ports,
    env: { ...spec.env },
    ...(spec.userData === undefined ? {} : { userData: spec.userData }),
    ...(spec.instanceProfile === undefined ? {} : { instanceProfile: spec.instanceProfile }),
    tags: { ...spec.tags },
  };
  state.templates[id] = template;
  return template;
}

/** Launches one instance. Resolves when its machine runs. */
export async function createInstance(
  world: World,
  scope: Scope,
  spec: { template: LaunchTemplate; subnetId: string; tags?: Readonly<Record<string, string>> },
): Promise<Instance> {
  const instance = place(world, scope, spec);
  await boot(world, scope, instance.id);
  return instance;
}

export interface GroupSeed {
  name: string;
  min: number;
  max: number;
  desired: number;
  template: LaunchTemplate;
  subnetIds: readonly string[];
  targetGroupArns?: readonly string[];
  /** @default 'EC2' */
  healthCheckType?: 'EC2' | 'ELB';
  /** @default 300 */
  graceSeconds?: number;
  /** All are propagated to the instances. */
  tags?: Readonly<Record<string, string>>;
}

/** A group with its instances, spread over the subnets and registered. Resolves when all machines run. */
export async function createGroup(world: World, scope: Scope, spec: GroupSeed): Promise<Group> {
  const group: Group = {
    name: spec.name,
    arn: arn('autoscaling', scope, `autoScalingGroup:${uuid(world)}:autoScalingGroupName/${spec.name}`),
    createdAt: world.nowIso(),
    min: spec.min,
    max: spec.max,
    desired: spec.desired,
    templateId: spec.template.id,
    templateName: spec.template.name,
    subnetIds: [...spec.subnetIds],
    targetGroupArns: [...(spec.targetGroupArns ?? [])],
    healthCheckType: spec.healthCheckType ?? 'EC2',
    graceSeconds: spec.graceSeconds ?? 300,
    members: [],
    suspended: [],
    tags: Object.entries(spec.tags ?? {}).map(([key, value]) => ({ key, value, propagate: true })),
    activities: [],
  };
  const tags = { ...spec.tags, 'aws:autoscaling:groupName': spec.name };
  const launched = Array.from({ length: spec.desired }, (_, i) => {
    const subnetId = spec.subnetIds[i % spec.subnetIds.length] ?? '';
    return place(world, scope, { template: spec.template, subnetId, tags });
  });
  await Promise.all(launched.map(({ id }) => boot(world, scope, id)));
  for (const { id, subnetId, port } of launched) {
    const zone = ec2State(world, scope).subnets[subnetId]?.zone ?? '';
    group.members.push({ instanceId: id, zone, lifecycle: 'InService', health: 'Healthy', sinceMs: world.nowMs() });
    for (const targetGroup of group.targetGroupArns) {
      const found = elbv2State(world, scope).targetGroups[targetGroup];
      if (found === undefined) throw new Error(`there is no target group ${targetGroup}`);
      registerTarget(world, scope, found, id, port);
    }
  }
  autoScalingState(world, scope).groups[group.name] = group;
  return group;
}
