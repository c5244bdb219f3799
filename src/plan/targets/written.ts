/**
 * How AWS writes ids and names that targets are selected by. What can be none is told while the definition is read, where it
 * stands; whether there is one of that name, only AWS knows. All that AWS takes, or ever took, is let through.
 */
import { z } from 'zod';

const written = (form: RegExp, otherwise: string) => (description: string) =>
  z.string().regex(form, otherwise).meta({ kind: 'text', description });

const id = (prefix: string) =>
  written(new RegExp(`^${prefix}-[0-9a-z]+$`), `not an id like ${prefix}-0a1b2c3d4e5f67890`);

export const instanceId = id('i');
export const subnetId = id('subnet');
export const vpcId = id('vpc');
export const imageId = id('ami');

/** Source: EC2 user guide, security groups: letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`; no name begins with `sg-`. */
export const securityGroupName = written(
  /^(sg-[0-9a-z]+|(?!sg-|arn:aws)[\w .:/()#,@[\]+=&;{}!$*-]{1,255})$/,
  'not a security group: its name, or its id like sg-0a1b2c3d4e5f67890',
);

/** Source: EC2 API reference, CreateLaunchTemplate: 3 to 128 of these. */
export const launchTemplateName = written(
  /^(lt-[0-9a-z]+|(?!lt-)[\w()./-]{3,128})$/,
  'not a launch template: its name, or its id like lt-0a1b2c3d4e5f67890',
);

/** Source: EC2 API reference, DescribeLaunchTemplateVersions. */
export const launchTemplateVersion = written(
  /^(\d+|\$Latest|\$Default)$/,
  'not a version of a launch template: its number, $Latest or $Default',
);

/** Source: EC2 API reference, DescribeImages: accounts, and words like amazon. */
export const imageOwner = written(
  /^(\d{12}|[a-z][a-z-]*)$/,
  'not an owner of images: an account of 12 digits, self, amazon',
);

/** Source: RDS API reference, CreateDBInstance. */
export const dbInstanceId = written(
  /^[A-Za-z](?!.*--)([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
  'not an identifier of a DB instance (letters, digits and single hyphens), like orders-db',
);

/** Source: ELB API reference, CreateLoadBalancer and CreateTargetGroup. */
export const loadBalancerName = written(
  /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
  'not a name of a load balancer (letters, digits and hyphens, not its ARN), like shop',
);
export const targetGroupName = written(
  /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
  'not a name of a target group (letters, digits and hyphens, not its ARN), like shop-web',
);

/** Nearly everything is a name of these; an ARN isn't, although many tools show nothing else. */
export const groupName = written(/^(?!arn:aws).+$/, 'not a name of an Auto Scaling group, like shop-web: no ARN');
export const alarmName = written(/^(?!arn:aws).+$/, 'not a name of an alarm, like shop-down: no ARN');

/**
 * Also buckets of before 2018 in us-east-1, with capitals and underscores, and access points by their ARN.
 * Source: S3 user guide, bucket naming rules.
 */
export const bucketName = written(
  /^([\w.-]{1,255}|arn:.*[:/]accesspoint[:/].+)$/,
  'not a name of a bucket, like shop-backups: no URL, no ARN, and what keys begin with goes into prefix',
);

/** Those that RDS and AWS Backup take have a colon. Source: RDS API reference, CreateDBSnapshot. */
export const dbSnapshotId = written(
  /^[A-Za-z][A-Za-z0-9:/-]*$/,
  'not an identifier of a DB snapshot (letters, digits and hyphens), like before-upgrade or rds:orders-db-2026-11-21-03-00',
);

/** Source: Route 53 developer guide, DNS domain name format: nearly every character; a space stands as \040. */
export const domainName = written(
  /^(?![A-Za-z]+:\/\/)(\*|[^\s.]{1,63})(\.[^\s.]{1,63})*\.?$/,
  'not a domain name, like www.shop.example',
);

/** A name, or an address of either version. */
export const host = written(
  /^([^\s/:@[\]]+|[\dA-Fa-f:.]*:[\dA-Fa-f:.]*:[\dA-Fa-f:.]*(%\w+)?)$/,
  'not a host, like db.shop.example or 10.0.0.5: without scheme and port',
);
