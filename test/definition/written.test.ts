/** What a definition says of ids and names that can be none, and of those that AWS takes. */
import { expect, it } from 'vitest';
import { lineAndColumn, validate } from './samples.ts';

const drill = (target: string): string => `apiVersion: firedrill/v1
name: written
title: What is written is what is meant
locations:
  home: { account: "111122223333", region: eu-central-1 }
targets:
  it: ${target}
`;

/** What is said of the target alone: a drill without steps has other mistakes, below it. */
const saidOf = (target: string) =>
  validate(drill(target)).diagnostics.filter(({ code }) => code === 'invalid-value' || code === 'not-a-count');

it.each([
  ['type: ec2/subnets, id', 'sn-0a1b', 'not an id like subnet-0a1b2c3d4e5f67890'],
  ['type: ec2/subnets, id', 'eu-central-1a', 'not an id like subnet-'],
  ['type: ec2/subnets, vpc', 'main', 'not an id like vpc-'],
  ['type: ec2/instances, id', 'web-1', 'not an id like i-'],
  ['type: ec2/image, id', 'ubuntu', 'not an id like ami-'],
  ['type: ec2/image, owner', '"1234"', 'an account of 12 digits'],
  ['type: ec2/security-group, id', 'sg-closed_door', 'not a security group: its name, or its id like sg-'],
  ['type: ec2/security-group, id', 'arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1', 'not a security group'],
  [
    'type: ec2/launch-template, id',
    'arn:aws:ec2:eu-central-1:111122223333:launch-template/lt-1',
    'its name, or its id',
  ],
  ['type: ec2/launch-template, version', 'newest', 'its number, $Latest or $Default'],
  ['type: rds/instance, id', 'orders_db', 'not an identifier of a DB instance'],
  ['type: rds/instance, id', 'arn:aws:rds:eu-central-1:111122223333:db:orders', 'like orders-db'],
  ['type: rds/instance, id', 'orders-db.abc.eu-central-1.rds.amazonaws.com', 'like orders-db'],
  ['type: rds/snapshot, of', 'orders--db', 'not an identifier of a DB instance'],
  ['type: rds/snapshot, id', 'before upgrade', 'not an identifier of a DB snapshot'],
  ['type: elbv2/load-balancer, id', 'arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/x/5', 'not its ARN'],
  ['type: elbv2/target-group, id', 'shop_web', 'not a name of a target group'],
  ['type: autoscaling/group, id', 'arn:aws:autoscaling:eu-central-1:1:autoScalingGroup:x', 'no ARN'],
  ['type: cloudwatch/alarm, id', 'arn:aws:cloudwatch:eu-central-1:1:alarm:x', 'no ARN'],
  ['type: s3/objects, bucket', 's3://shop-backups', 'no URL'],
  ['type: s3/objects, bucket', 'arn:aws:s3:::shop-backups', 'no ARN'],
  ['type: s3/objects, bucket', 'shop-backups/nightly', 'goes into prefix'],
  ['type: route53/record, name', 'https://www.shop.example', 'not a domain name, like www.shop.example'],
  ['type: route53/record, name', 'www..shop.example', 'not a domain name'],
  ['type: sql/database, host', 'db.example:5432', 'without scheme and port'],
  ['type: sql/database, host', 'postgres://db.example', 'without scheme and port'],
  ['type: sql/database, port', '0', 'is none: 1 to 65535'],
  ['type: sql/database, port', '99999', 'is none: 1 to 65535'],
])('%s: %s can be none, and is refused where it stands', (before, wrong, says) => {
  const target = `{ ${before}: ${wrong} }`;
  const found = saidOf(target);
  expect(found.map(({ line, column }) => `${line}:${column}`)).toEqual([lineAndColumn(drill(target), `${wrong} }`)]);
  expect(found[0]!.message).toContain(says);
});

it.each([
  'type: ec2/subnets, ids: [subnet-0a1b2c3d, subnet-0a1b2c3d4e5f67890], vpc: vpc-0a1b2c3d',
  'type: ec2/instances, id: i-0a1b2c3d4e5f67890',
  'type: ec2/image, name: al2023-ami-*, owner: amazon',
  'type: ec2/image, name: golden-?, owner: "099720109477"',
  'type: ec2/image, name: golden, owner: aws-marketplace',
  'type: ec2/image, id: ami-0a1b2c3d',
  'type: ec2/security-group, id: "web (public), v2: a/b #1"',
  'type: ec2/security-group, id: sg-0a1b2c3d, vpc: vpc-1',
  'type: ec2/launch-template, id: shop/restore_(v2).1, version: 12',
  'type: ec2/launch-template, id: lt-0a1b2c3d4e5f67890, version: $Latest',
  'type: rds/instance, id: O',
  `type: rds/instance, id: ${'o'.repeat(63)}`,
  'type: rds/snapshot, id: rds:orders-db-2026-11-21-03-00',
  'type: rds/snapshot, id: awsbackup:job-0a1b2c3d-4e5f',
  'type: rds/snapshot, of: Orders-DB',
  'type: elbv2/load-balancer, id: 4shop',
  'type: autoscaling/group, id: "Web servers: blue|green+@2"',
  'type: cloudwatch/alarm, id: "Größe > 5 (prod) / db: lag"',
  'type: s3/objects, bucket: Old_Bucket.of.2012',
  'type: s3/objects, bucket: arn:aws:s3:eu-central-1:111122223333:accesspoint/backups',
  'type: s3/objects, bucket: shop-backups, prefix: /nightly//',
  'type: route53/record, name: "*.shop.example."',
  'type: route53/record, name: _dmarc.shop.example',
  String.raw`type: route53/record, name: '\052.shop.example'`,
  'type: route53/record, name: a(b)/c:d@e.example',
  'type: sql/database, host: 10.0.0.5, port: 65535',
  'type: sql/database, host: "2001:db8::5", port: 1',
  'type: sql/database, host: "fe80::1%eth0"',
  'type: sql/database, host: db_1.internal.',
])('%s is taken, as AWS or the resolver takes it', (target) => {
  expect(saidOf(`{ ${target} }`)).toEqual([]);
});

it('what only the plan will know is not judged before', () => {
  expect(saidOf('{ type: ec2/subnets, id: $(targets.other.subnetId), vpc: $(targets.other.vpcId) }')).toEqual([]);
});
