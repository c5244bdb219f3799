/** The AWS services that a lab serves. */
import { autoscaling } from './services/autoscaling/index.ts';
import { cloudwatch } from './services/cloudwatch/index.ts';
import { ec2 } from './services/ec2/index.ts';
import { elbv2 } from './services/elbv2/index.ts';
import { rds } from './services/rds/index.ts';
import { route53 } from './services/route53/index.ts';
import type { Bodies } from './services/s3/bodies.ts';
import { s3 } from './services/s3/s3.ts';
import { secretsmanager } from './services/secretsmanager/index.ts';
import { sqs } from './services/sqs/sqs.ts';
import { ssm } from './services/ssm/index.ts';
import { sts } from './services/sts/sts.ts';
import type { ServiceEmulation } from './wire/handler.ts';
import type { World } from './world.ts';

/** @param bodies where the bytes of S3 objects lie */
export const emulationsOf = (world: World, bodies: Bodies): ServiceEmulation[] =>
  [autoscaling, cloudwatch, ec2, elbv2, rds, route53, s3(bodies), secretsmanager, sqs, ssm, sts].map((emulation) =>
    emulation(world),
  );
