/** What resolving a target must be allowed to read is what it says, no less and no more; and it finds the facts that it names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AwsCall } from '../../../src/aws/aws.ts';
import { iamActionOf } from '../../../src/aws/errors.ts';
import type { Target } from '../../../src/domain/drill.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import { createLaunchTemplate } from '../../../src/lab/world/seed.ts';
import { targetTypes } from '../../../src/plan/targets/index.ts';
import type { TestLab } from '../../actions/support/lab.ts';
import { active, openTestLab } from '../../actions/support/lab.ts';

/** One that can be looked for, by type. Where that takes several calls, it is there, so that all of them are made. */
const thereIs: Readonly<Record<string, Target['select']>> = {
  'autoscaling/group': { id: 'orders-web' },
  'cloudwatch/alarm': { id: 'orders-down' },
  'ec2/image': { name: '*' },
  'ec2/instances': { tags: { app: 'orders' }, max: '9' },
  'ec2/launch-template': { id: 'with-room' },
  'ec2/security-group': { id: 'orders-web' },
  'ec2/subnets': { tags: { app: 'orders' }, max: '9' },
  'elbv2/load-balancer': { id: 'orders' },
  'elbv2/target-group': { id: 'orders-web' },
  'rds/instance': { id: 'orders-db' },
  'rds/snapshot': { of: 'orders-db' },
  'route53/record': { name: 'www.orders.test' },
  's3/objects': { bucket: 'orders-signals' },
  'sql/database': { host: 'db.example', port: '5432', database: 'orders', engine: 'postgres' },
};

let lab: TestLab;
beforeAll(async () => {
  lab = await openTestLab(async (world) => {
    const estate = await multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' });
    const { subnets, groups } = ec2State(world, active);
    const room = { subnetId: Object.keys(subnets)[0]!, groups: [Object.keys(groups)[0]!] };
    createLaunchTemplate(world, active, { name: 'with-room', program: 'orders', port: 8080, ...room });
    return estate;
  });
});
afterAll(() => lab.close());

test.each(targetTypes.map((type) => [type.spec.type, type] as const))(
  '%s needs the permissions that it declares',
  async (name, type) => {
    const select = thereIs[name];
    expect(select, 'say above how one of this type is selected').toBeDefined();
    const calls: AwsCall[] = [];
    const watched = lab.aws.for({ countCall: (call) => void calls.push(call) });
    const target: Target = { name, type: name, location: 'active', select: select!, mayBeEmpty: true };
    const items = await type.resolve(watched, target, active);
    const made = calls.filter(({ service }) => service !== 'sts');
    expect(new Set(made.map(iamActionOf))).toEqual(new Set(type.reads));
    expect(made.every(({ read }) => read)).toBe(true);
    if (type.reads.length > 1) expect(items).not.toEqual([]);
  },
);

test.each(targetTypes.map((type) => [type.spec.type, type] as const))(
  '%s has the facts that drills may name',
  async (name, type) => {
    const target: Target = { name, type: name, location: 'active', select: thereIs[name]!, mayBeEmpty: true };
    for (const { facts } of await type.resolve(lab.aws, target, active)) {
      expect(Object.keys(facts)).toEqual(expect.arrayContaining(Object.keys(type.spec.facts ?? {})));
    }
  },
);
