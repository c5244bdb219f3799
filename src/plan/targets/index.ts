/** All target types. */
import { group } from './autoscaling/group.ts';
import { alarm } from './cloudwatch/alarm.ts';
import { image } from './ec2/image.ts';
import { instances } from './ec2/instances.ts';
import { launchTemplate } from './ec2/launch-template.ts';
import { securityGroup } from './ec2/security-group.ts';
import { subnets } from './ec2/subnets.ts';
import { loadBalancer } from './elbv2/load-balancer.ts';
import { targetGroup } from './elbv2/target-group.ts';
import { instance } from './rds/instance.ts';
import { snapshot } from './rds/snapshot.ts';
import { record } from './route53/record.ts';
import { objects } from './s3/objects.ts';
import { database } from './sql/database.ts';
import type { TargetType } from './target.ts';

export const targetTypes: readonly TargetType[] = [
  alarm,
  database,
  group,
  image,
  instance,
  instances,
  launchTemplate,
  loadBalancer,
  objects,
  record,
  securityGroup,
  snapshot,
  subnets,
  targetGroup,
];
