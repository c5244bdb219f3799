/** Target `elbv2/load-balancer`: one application or network load balancer, with what DNS aliases to it need. */
import { z } from 'zod';
import { noneIfNotFound } from '../absent.ts';
import { defineTarget } from '../target.ts';
import { loadBalancerName } from '../written.ts';

export const loadBalancer = defineTarget({
  spec: {
    type: 'elbv2/load-balancer',
    describes: 'An application or network load balancer',
    params: z.strictObject({ id: loadBalancerName('name of the load balancer') }),
    facts: { dnsName: 'its DNS name', hostedZoneId: 'zone id for aliases to it', vpcId: 'VPC' },
  },
  reads: ['elasticloadbalancing:DescribeLoadBalancers'],
  async find(aws, { id }, place) {
    const found = await noneIfNotFound(async () => {
      const { LoadBalancers = [] } = await aws.in(place).elbv2.describeLoadBalancers({ Names: [id] });
      return LoadBalancers;
    });
    return found.map((balancer) => ({
      id,
      arn: balancer.LoadBalancerArn,
      facts: {
        dnsName: balancer.DNSName,
        hostedZoneId: balancer.CanonicalHostedZoneId,
        vpcId: balancer.VpcId,
        azs: (balancer.AvailabilityZones ?? []).map((zone) => zone.ZoneName!),
      },
    }));
  },
});
