/** All target types. */
import { group } from './autoscaling/group.ts';
import { alarm } from './cloudwatch/alarm.ts';
import { instances } from './ec2/instances.ts';
import { subnets } from './ec2/subnets.ts';
import { loadBalancer } from './elbv2/load-balancer.ts';
import { targetGroup } from './elbv2/target-group.ts';
import { instance } from './rds/instance.ts';
import { snapshot } from './rds/snapshot.ts';
import { record } from './route53/record.ts';
import { objects } from './s3/objects.ts';
import type { TargetType } from './target.ts';

export const targetTypes: readonly TargetType[] = [
  alarm,
  group,
  instance,
  instances,
  loadBalancer,
  objects,
  record,
  snapshot,
  subnets,
  targetGroup,
];
