import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../../src/domain/drill.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import { targetTypes } from '../../../src/plan/targets/index.ts';
import type { TestLab } from '../../actions/support/lab.ts';
import { active, openTestLab, passive } from '../../actions/support/lab.ts';

const database = { host: 'db.example', port: '5432', database: 'orders', engine: 'postgres' };

describe('targets of a lab', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await openTestLab((world) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
  });
  afterAll(() => lab.close());

  test('a database comes with what its successor must get', async () => {
    const { items } = await lab.resolve('rds/instance', active, { id: 'orders-db', login: 'env:X' });
    expect(items[0]).toMatchObject({
      id: 'orders-db',
      arn: 'arn:aws:rds:eu-central-1:000000000000:db:orders-db',
      facts: {
        engine: 'postgres',
        port: 5432,
        multiAz: true,
        parameterGroup: 'orders-db',
        subnetGroup: 'orders',
        securityGroups: [expect.stringMatching(/^sg-/) as string],
        tags: { app: 'orders' },
      },
    });
    const other = await lab.resolve('rds/instance', passive, { id: 'orders-db' });
    expect(other.items[0]!.facts['replicaOf']).toBe(items[0]!.arn);
  });

  test('subnets are found by tag, zone and count, each with the ACL it has', async () => {
    const { items } = await lab.resolve('ec2/subnets', active, {
      tags: { app: 'orders' },
      az: 'eu-central-1b',
      max: '3',
    });
    expect(items).toHaveLength(3);
    for (const { facts } of items) {
      expect(facts).toMatchObject({ az: 'eu-central-1b', aclId: expect.stringMatching(/^acl-/) as string });
    }
  });

  test('more than the bound is an error that lists them', async () => {
    const search = lab.resolve('ec2/subnets', active, { tags: { app: 'orders' }, max: '8' });
    await expect(search).rejects.toMatchObject({
      code: 'target-too-many',
      message: expect.stringContaining('9 found') as string,
      found: expect.stringContaining('subnet-') as string,
    });
  });

  test('picking takes the first of them, always the same', async () => {
    const select = { tags: { app: 'orders' }, max: '9', pick: '2' };
    const [one, two] = await Promise.all([
      lab.resolve('ec2/subnets', active, select),
      lab.resolve('ec2/subnets', active, select),
    ]);
    expect(one.items).toHaveLength(2);
    expect(one.items).toEqual(two.items);
  });

  test.each([
    ['autoscaling/group', { id: 'nobody' }],
    ['cloudwatch/alarm', { id: 'nobody' }],
    ['ec2/instances', { tags: { app: 'nobody' }, max: '1' }],
    ['ec2/image', { id: 'ami-nobody' }],
    ['ec2/image', { name: 'nobody-*' }],
    ['ec2/image', { name: '*', owner: 'nobody' }],
    ['ec2/launch-template', { id: 'nobody' }],
    ['ec2/launch-template', { id: 'lt-nobody' }],
    ['ec2/security-group', { id: 'nobody' }],
    ['ec2/security-group', { id: 'sg-nobody' }],
    ['elbv2/load-balancer', { id: 'nobody' }],
    ['elbv2/target-group', { id: 'nobody' }],
    ['rds/instance', { id: 'nobody' }],
    ['route53/record', { name: 'nobody.orders.test' }],
  ])('%s: none found says what was searched, and where', async (type, select) => {
    await expect(lab.resolve(type, active, select)).rejects.toMatchObject({
      code: 'target-not-found',
      expected: expect.stringMatching(/nobody.* in account 000000000000, eu-central-1$/) as string,
    });
  });

  test('none found is no error where it may be so', async () => {
    const target: Target = {
      name: 't',
      type: 'rds/instance',
      location: 'active',
      select: { id: 'nobody' },
      mayBeEmpty: true,
    };
    const type = targetTypes.find((known) => known.spec.type === target.type)!;
    expect(await type.resolve(lab.aws, target, active)).toEqual([]);
  });

  test.each([
    ['autoscaling/group', { id: 'orders-web' }, { min: 6, desired: 6, max: 9 }],
    ['cloudwatch/alarm', { id: 'orders-down' }, { metric: 'HealthyHostCount' }],
    ['ec2/image', { name: 'orders-*' }, { name: 'orders-web', owner: '000000000000', architecture: 'x86_64' }],
    ['ec2/launch-template', { id: 'orders-web' }, { name: 'orders-web', version: '1', instanceType: 't3.small' }],
    [
      'ec2/security-group',
      { id: 'orders-app' },
      { name: 'orders-app', egress: [{ protocol: '-1', cidr: '0.0.0.0/0' }] },
    ],
    ['sql/database', database, { endpoint: 'db.example', port: 5432, database: 'orders', engine: 'postgres' }],
    ['elbv2/load-balancer', { id: 'orders' }, { dnsName: expect.stringContaining('elb') as string }],
    ['elbv2/target-group', { id: 'orders-web' }, { port: 8080 }],
    ['route53/record', { name: 'www.orders.test' }, { zoneName: 'orders.test.', recordType: 'A' }],
  ])('%s is found with its facts', async (type, select, facts) => {
    const { items } = await lab.resolve(type, active, select);
    expect(items).toHaveLength(1);
    expect(items[0]!.facts).toMatchObject(facts);
  });
});
