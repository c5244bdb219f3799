/**
 * One region of the order service, over three zones: a network of nine subnets in three tiers, a load balancer, an Auto Scaling group
 * of six instances, an alarm on its health, and the place for a database. Which database stands there is the estate's.
 */
import {
  createAlarm,
  createDbParameterGroup,
  createDbSubnetGroup,
  createGroup,
  createLaunchTemplate,
} from '../world/seed.ts';
import {
  createListener,
  createLoadBalancer,
  createSecurityGroup,
  createSubnet,
  createTargetGroup,
  createVpc,
} from '../world/seed.ts';
import type { DbPlace } from '../world/seed.ts';
import { zonesOf } from '../world/ec2.ts';
import { balancerDimension, targetGroupDimension } from '../world/elbv2.ts';
import type { LoadBalancer, TargetGroup } from '../world/elbv2.ts';
import { endpointName } from '../world/rds.ts';
import type { Scope, World } from '../world.ts';
import { applicationEnv } from './orders-data.ts';

const app = 'orders';
const httpPort = 8080;
const tiers = ['alb', 'app', 'db'] as const;
type Tier = (typeof tiers)[number];

export interface OrdersRegion {
  scope: Scope;
  balancer: LoadBalancer;
  database: DbPlace;
  /** Starts the instances. Resolves when all run. */
  startInstances(): Promise<void>;
}

/** Everything that needs no machine; machines are started in the order that suits the estate. */
export function layOutRegion(world: World, scope: Scope): OrdersRegion {
  const tags = { app };
  const { vpcId } = createVpc(world, scope, { tags });
  const subnets: Record<Tier, string[]> = { alb: [], app: [], db: [] };
  for (const tier of tiers) {
    for (const zone of zonesOf(scope.region)) {
      subnets[tier].push(createSubnet(world, scope, { vpcId, zone, tags: { ...tags, tier } }));
    }
  }
  const everyone = { port: httpPort, cidr: '0.0.0.0/0' };
  const albGroup = createSecurityGroup(world, scope, { vpcId, name: `${app}-alb`, ingress: [everyone], tags });
  const fromAlb = { port: httpPort, groupId: albGroup };
  const appGroup = createSecurityGroup(world, scope, { vpcId, name: `${app}-app`, ingress: [fromAlb], tags });
  // Operators, and the drills they run, reach the database from outside the region.
  const toDatabase = [
    { port: 5432, groupId: appGroup },
    { port: 5432, cidr: '127.0.0.0/8' },
  ];
  const dbGroup = createSecurityGroup(world, scope, { vpcId, name: `${app}-db`, ingress: toDatabase, tags });
  // Restored copies answer and don't act: nothing goes out.
  createSecurityGroup(world, scope, { vpcId, name: `${app}-restore`, ingress: toDatabase, egress: [], tags });

  const balancer = createLoadBalancer(world, scope, {
    name: app,
    vpcId,
    subnetIds: subnets.alb,
    groups: [albGroup],
    tags,
  });
  const targetGroup = createTargetGroup(world, scope, {
    name: `${app}-web`,
    vpcId,
    port: httpPort,
    path: '/health',
    intervalSeconds: 60,
    timeoutSeconds: 30,
    deregistrationDelaySeconds: 60,
    tags,
  });
  createListener(world, scope, { loadBalancerArn: balancer.arn, port: httpPort, targetGroupArn: targetGroup.arn });
  alarmOnHealth(world, scope, balancer, targetGroup);

  createDbSubnetGroup(world, scope, { name: app, vpcId, subnetIds: subnets.db, tags });
  createDbParameterGroup(world, scope, { name: `${app}-db`, tags });
  // Nor do they by themselves: no subscription, and no library that runs jobs.
  const idle = { max_logical_replication_workers: '0', shared_preload_libraries: 'pg_stat_statements' };
  createDbParameterGroup(world, scope, { name: `${app}-restore`, values: idle, tags });
  const identifier = `${app}-db`;
  const template = createLaunchTemplate(world, scope, {
    name: `${app}-web`,
    groups: [appGroup],
    program: 'orders',
    port: httpPort,
    env: applicationEnv(endpointName(world, scope, identifier)),
    tags: { Name: `${app}-web` },
  });
  return {
    scope,
    balancer,
    database: {
      identifier,
      subnetGroup: app,
      parameterGroup: `${app}-db`,
      groups: [dbGroup],
      multiAz: false,
      tags,
    },
    async startInstances() {
      await createGroup(world, scope, {
        name: `${app}-web`,
        min: 6,
        max: 9,
        desired: 6,
        template,
        subnetIds: subnets.app,
        targetGroupArns: [targetGroup.arn],
        healthCheckType: 'ELB',
        tags,
      });
    },
  };
}

/** Down: for two minutes no node of the balancer has seen a healthy target, or none could say. */
function alarmOnHealth(world: World, scope: Scope, balancer: LoadBalancer, targetGroup: TargetGroup): void {
  createAlarm(world, scope, {
    name: `${app}-down`,
    description: 'Users can not order: the load balancer has no healthy target.',
    namespace: 'AWS/ApplicationELB',
    metric: 'HealthyHostCount',
    dimensions: [
      { name: 'LoadBalancer', value: balancerDimension(balancer.arn) },
      { name: 'TargetGroup', value: targetGroupDimension(targetGroup.arn) },
    ],
    statistic: 'Maximum',
    threshold: 1,
    comparison: 'LessThanThreshold',
    evaluationPeriods: 2,
    missing: 'breaching',
    tags: { app },
  });
}
