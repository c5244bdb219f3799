/** DescribeTargetHealth: as the balancer's nodes see the targets, with AWS's reason codes. */
import type {
  DescribeTargetHealthCommandInput,
  DescribeTargetHealthCommandOutput,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { balancerOf, elbv2State } from '../../world/elbv2.ts';
import { targetViews } from '../../world/target-health.ts';
import type { TargetView } from '../../world/target-health.ts';
import type { World } from '../../world.ts';
import { requireTargetGroup } from './find.ts';

export const describeTargetHealth =
  (world: World): Handler<DescribeTargetHealthCommandInput, DescribeTargetHealthCommandOutput> =>
  ({ TargetGroupArn, Targets }, call) => {
    const group = requireTargetGroup(world, call, TargetGroupArn);
    const inUse = balancerOf(elbv2State(world, call), group.arn) !== undefined;
    const views = targetViews(world, call, group);
    const rows = views.map((view) => ({
      Target: { Id: view.target.instanceId, Port: view.target.port, AvailabilityZone: view.zone },
      HealthCheckPort: String(view.target.port),
      TargetHealth: healthOf(view, inUse),
    }));
    if (Targets === undefined || Targets.length === 0) return { TargetHealthDescriptions: rows };
    return {
      TargetHealthDescriptions: Targets.map(
        ({ Id, Port = group.port }) =>
          rows.find(({ Target }) => Target.Id === Id && Target.Port === Port) ?? {
            Target: { Id, Port },
            TargetHealth: {
              State: 'unused',
              Reason: 'Target.NotRegistered',
              Description: 'Target is not registered to the target group',
            },
          },
      ),
    };
  };

function healthOf({ state, why = '' }: TargetView, inUse: boolean): TargetHealth {
  switch (state) {
    case 'healthy':
      return { State: 'healthy' };
    case 'initial':
      return {
        State: 'initial',
        Reason: 'Elb.InitialHealthChecking',
        Description: 'Initial health checks in progress',
      };
    case 'draining':
      return {
        State: 'draining',
        Reason: 'Target.DeregistrationInProgress',
        Description: 'Target deregistration is in progress',
      };
    case 'unused':
      return inUse
        ? { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' }
        : {
            State: 'unused',
            Reason: 'Target.NotInUse',
            Description: 'Target group is not configured to receive traffic from the load balancer',
          };
    case 'unhealthy':
      return unhealthy(why);
  }
}

function unhealthy(why: string): TargetHealth {
  const [, status] = /status (\d{3})/.exec(why) ?? [];
  if (status !== undefined)
    return {
      State: 'unhealthy',
      Reason: 'Target.ResponseCodeMismatch',
      Description: `Health checks failed with these codes: [${status}]`,
    };
  if (why.includes('timeout'))
    return { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' };
  return { State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' };
}
