/**
 * DescribeTargetHealth: what the nodes of the balancer see of each target.
 * Source: ELB user guide, "Target health status" and "Health check reason codes".
 */
import type {
  DescribeTargetHealthCommandInput,
  DescribeTargetHealthCommandOutput,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { balancerOf, elbv2State } from '../../world/elbv2.ts';
import type { Target, TargetGroup } from '../../world/elbv2.ts';
import type { Scope, World } from '../../world.ts';
import { requireTargetGroup } from './find.ts';

export const describeTargetHealth =
  (world: World): Handler<DescribeTargetHealthCommandInput, DescribeTargetHealthCommandOutput> =>
  ({ TargetGroupArn, Targets }, call) => {
    const group = requireTargetGroup(world, call, TargetGroupArn);
    const wanted = Targets?.map(({ Id }) => Id);
    const targets = group.targets.filter(({ instanceId }) => !wanted || wanted.includes(instanceId));
    const unknown = (wanted ?? []).filter((id) => !group.targets.some(({ instanceId }) => instanceId === id));
    return {
      TargetHealthDescriptions: [
        ...targets.map((target) => ({
          Target: { Id: target.instanceId, Port: target.port },
          HealthCheckPort: String(target.port),
          TargetHealth: healthOf(world, call, group, target),
        })),
        ...unknown.map((Id) => ({ Target: { Id, Port: group.port }, TargetHealth: notRegistered })),
      ],
    };
  };

const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

export function healthOf(world: World, scope: Scope, group: TargetGroup, target: Target): TargetHealth {
  const balancer = balancerOf(elbv2State(world, scope), group.arn);
  if (!balancer) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (target.state === 'draining') {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  const instance = ec2State(world, scope).instances[target.instanceId];
  if (instance?.state === 'stopped' || instance?.state === 'terminated') {
    const Description = `Target is in the ${instance.state} state`;
    return { State: 'unused', Reason: 'Target.InvalidState', Description };
  }
  const seen = world.machines.targetHealth(balancer.machine).find(({ id }) => id === target.instanceId);
  if (seen?.state === 'healthy') return { State: 'healthy' };
  if (seen?.state === 'unhealthy') return { State: 'unhealthy', ...reasonOf(seen.why) };
  return {
    State: 'initial',
    Reason: 'Elb.InitialHealthChecking',
    Description: 'Initial health checks in progress',
  };
}

function reasonOf(why = ''): Pick<TargetHealth, 'Reason' | 'Description'> {
  if (/time|hang/i.test(why)) return { Reason: 'Target.Timeout', Description: 'Request timed out' };
  const status = /\d{3}/.exec(why)?.[0];
  if (status) {
    return {
      Reason: 'Target.ResponseCodeMismatch',
      Description: `Health checks failed with these codes: [${status}]`,
    };
  }
  return { Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' };
}
