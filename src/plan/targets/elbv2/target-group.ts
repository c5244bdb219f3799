/** Target `elbv2/target-group`: one target group of a load balancer. */
import { z } from 'zod';
import { noneIfNotFound } from '../absent.ts';
import { defineTarget } from '../target.ts';
import { targetGroupName } from '../written.ts';

export const targetGroup = defineTarget({
  spec: {
    type: 'elbv2/target-group',
    describes: 'A target group',
    params: z.strictObject({ id: targetGroupName('name of the target group') }),
    facts: { port: 'port of its targets', vpcId: 'VPC' },
  },
  reads: ['elasticloadbalancing:DescribeTargetGroups'],
  async find(aws, { id }, place) {
    const found = await noneIfNotFound(async () => {
      const { TargetGroups = [] } = await aws.in(place).elbv2.describeTargetGroups({ Names: [id] });
      return TargetGroups;
    });
    return found.map((group) => ({
      id,
      arn: group.TargetGroupArn,
      facts: {
        port: group.Port,
        protocol: group.Protocol,
        vpcId: group.VpcId,
        healthCheckPath: group.HealthCheckPath,
        loadBalancerArns: group.LoadBalancerArns ?? [],
      },
    }));
  },
});
