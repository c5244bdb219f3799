/** The state of Auto Scaling in the words of its API. */
import type { Activity as ActivityShape, AutoScalingGroup, TagDescription } from '@aws-sdk/client-auto-scaling';
import type { Activity, Group } from '../../world/autoscaling.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Scope, World } from '../../world.ts';

export const templateShape = ({ templateId, templateName }: Group) => ({
  LaunchTemplateId: templateId,
  LaunchTemplateName: templateName,
  Version: '1',
});

export function groupShape(world: World, scope: Scope, group: Group): AutoScalingGroup {
  const { subnets, instances } = ec2State(world, scope);
  const zones = new Set(group.subnetIds.map((id) => subnets[id]?.zone ?? ''));
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...zones].sort(),
    LoadBalancerNames: [],
    TargetGroupARNs: group.targetGroupArns,
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.graceSeconds,
    CreatedTime: new Date(group.createdAt),
    LaunchTemplate: templateShape(group),
    VPCZoneIdentifier: group.subnetIds.join(','),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
    EnabledMetrics: [],
    SuspendedProcesses: group.suspended.map((ProcessName) => ({
      ProcessName,
      SuspensionReason: 'User suspended',
    })),
    Tags: tagShapes(group),
    Instances: group.members.map((member) => ({
      InstanceId: member.instanceId,
      InstanceType: instances[member.instanceId]?.type,
      AvailabilityZone: member.zone,
      LifecycleState: member.lifecycle,
      HealthStatus: member.health,
      LaunchTemplate: templateShape(group),
      ProtectedFromScaleIn: false,
    })),
  };
}

export const tagShapes = ({ name, tags }: Group): TagDescription[] =>
  tags.map(({ key, value, propagate }) => ({
    ResourceId: name,
    ResourceType: 'auto-scaling-group',
    Key: key,
    Value: value,
    PropagateAtLaunch: propagate,
  }));

export const activityShape = ({ name, arn }: Group, activity: Activity): ActivityShape => ({
  ActivityId: activity.id,
  AutoScalingGroupName: name,
  AutoScalingGroupARN: arn,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
  StatusCode: activity.status,
  Progress: activity.status === 'InProgress' ? 50 : 100,
  Details: JSON.stringify({ 'Subnet ID': activity.subnetId, 'Availability Zone': activity.zone }),
});
