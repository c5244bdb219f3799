/** The AWS services that a lab serves. */
import { cloudwatch } from './services/cloudwatch/index.ts';
import { ec2 } from './services/ec2/index.ts';
import { elbv2 } from './services/elbv2/index.ts';
import { rds } from './services/rds/index.ts';
import { route53 } from './services/route53/index.ts';
import { sqs } from './services/sqs/sqs.ts';
import { sts } from './services/sts/sts.ts';
import type { ServiceEmulation } from './wire/handler.ts';
import type { World } from './world.ts';

export const emulations: readonly ((world: World) => ServiceEmulation)[] = [
  cloudwatch,
  ec2,
  elbv2,
  rds,
  route53,
  sqs,
  sts,
];
