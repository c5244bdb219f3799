/** State of Auto Scaling groups. The API's behaviour and the group's own efforts are in services/autoscaling. */
import { defineSlice } from '../world.ts';

/** The processes that can be suspended. */
export const scalingProcesses = [
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'Launch',
  'ReplaceUnhealthy',
  'ScheduledActions',
  'Terminate',
] as const;
export type ScalingProcess = (typeof scalingProcesses)[number];

export interface GroupMember {
  instanceId: string;
  zone: string;
  lifecycle: 'Pending' | 'InService' | 'Terminating';
  health: 'Healthy' | 'Unhealthy';
  /** When it came into service, on the world's clock; the health check grace period counts from it. */
  sinceMs: number;
}

export interface Activity {
  id: string;
  description: string;
  cause: string;
  startedAt: string;
  endedAt?: string;
  status: 'InProgress' | 'Successful' | 'Failed';
  zone: string;
  subnetId: string;
  instanceId: string;
}

export interface Group {
  name: string;
  arn: string;
  createdAt: string;
  min: number;
  max: number;
  desired: number;
  templateId: string;
  templateName: string;
  subnetIds: string[];
  targetGroupArns: string[];
  healthCheckType: 'EC2' | 'ELB';
  graceSeconds: number;
  members: GroupMember[];
  suspended: ScalingProcess[];
  tags: { key: string; value: string; propagate: boolean }[];
  /** Newest first, at most 100. */
  activities: Activity[];
}

export interface AutoScalingState {
  /** By name. */
  groups: Record<string, Group>;
}

export const autoScalingState = defineSlice<AutoScalingState>('autoscaling', () => ({ groups: {} }));
