import { beforeAll, describe, expect, it } from 'vitest';
import { labClock } from '../../../src/lab/lab-clock.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import type { Built } from '../../../src/lab/estates/estate.ts';
import { noMachines } from '../../../src/lab/machines/none.ts';
import { autoScalingState } from '../../../src/lab/world/autoscaling.ts';
import { cloudWatchState } from '../../../src/lab/world/cloudwatch.ts';
import { secretsOf } from '../../../src/lab/services/secretsmanager/state.ts';
import { parametersOf } from '../../../src/lab/services/ssm/state.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import { elbv2State } from '../../../src/lab/world/elbv2.ts';
import { rdsState } from '../../../src/lab/world/rds.ts';
import { route53State } from '../../../src/lab/world/route53.ts';
import { newWorldState, openWorld, type World } from '../../../src/lab/world.ts';

const account = '000000000000';
const active = { account, region: 'eu-central-1' };
const passive = { account, region: 'eu-west-1' };
const both = [active, passive];

let world: World;
let built: Built;
beforeAll(async () => {
  world = openWorld(newWorldState({ profile: 'fast', network: 1 }), {
    clock: labClock,
    machines: noMachines(),
    probeHttp: async () => ({ error: 'nobody probes here' }),
  });
  built = await multiRegion.build(world, { replicaLagMs: 40, origin: 'http://127.1.0.1:4566' });
});

describe('the multi-region estate', () => {
  it.each(both)('has nine tagged subnets in $region, three tiers in each of three zones', (scope) => {
    const { subnets, tags } = ec2State(world, scope);
    const places = Object.values(subnets).map(({ id, zone }) => `${zone} ${tags[id]?.['tier']} ${tags[id]?.['app']}`);
    const expected = ['a', 'b', 'c'].flatMap((zone) =>
      ['alb', 'app', 'db'].map((tier) => `${scope.region}${zone} ${tier} orders`),
    );
    expect(places.toSorted()).toEqual(expected);
  });

  it.each(both)('runs two instances in each zone of $region, registered with its balancer', (scope) => {
    const group = autoScalingState(world, scope).groups['orders-web'];
    const zones = group?.members.map(({ zone }) => zone.slice(-1)).toSorted();
    expect(zones).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    const [targetGroup] = Object.values(elbv2State(world, scope).targetGroups);
    expect(targetGroup?.targets).toHaveLength(6);
    expect(cloudWatchState(world, scope).alarms['orders-down']).toMatchObject({ state: 'OK', missing: 'breaching' });
  });

  it('gives no address twice', () => {
    const addresses = both.flatMap((scope) =>
      Object.values(ec2State(world, scope).interfaces).map(({ address }) => address),
    );
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('has a Multi-AZ database in the active region and its replica, as late as asked, in the passive one', () => {
    const [primary] = Object.values(rdsState(world, active).instances);
    const [replica] = Object.values(rdsState(world, passive).instances);
    expect(primary).toMatchObject({ identifier: 'orders-db', multiAz: true, parameterGroup: { name: 'orders-db' } });
    expect(replica).toMatchObject({
      identifier: 'orders-db',
      source: { region: 'eu-central-1', resourceId: primary?.resourceId },
      replicationDelayMs: 40,
    });
  });

  it('has a fresh automated snapshot of the active database, and a log that goes on from it', () => {
    const { snapshots, instances } = rdsState(world, active);
    const [primary] = Object.values(instances);
    expect(Object.values(snapshots)).toMatchObject([
      {
        identifier: expect.stringMatching(/^rds:orders-db-\d{4}-\d{2}-\d{2}-\d{2}-\d{2}$/),
        type: 'automated',
        status: 'available',
        origin: { resourceId: primary?.resourceId },
      },
    ]);
    expect(primary).toMatchObject({ backupRetentionDays: 7, latestRestorableAt: expect.stringMatching(/Z$/) });
    expect(rdsState(world, passive).snapshots).toEqual({});
  });

  it.each(both)('has in $region what a copy is restored into, so that it can not act', (scope) => {
    const group = Object.values(ec2State(world, scope).groups).find(({ name }) => name === 'orders-restore');
    expect(group?.egress).toEqual([]);
    expect(group?.ingress.map(({ fromPort }) => fromPort)).toEqual([5432, 5432]);
    expect(rdsState(world, scope).parameterGroups['orders-restore']?.values).toEqual({
      max_logical_replication_workers: '0',
      shared_preload_libraries: 'pg_stat_statements',
    });
  });

  it('leads its users to the active region, and drills to a queue in the passive one', () => {
    const [zone] = Object.values(route53State(world, { account }).zones);
    const www = zone?.served.find(({ name }) => name === 'www.orders.test.');
    const [balancer] = Object.values(elbv2State(world, active).loadBalancers);
    expect(www?.alias).toMatchObject({ dnsName: `${balancer?.dnsName.toLowerCase()}.` });
    expect(built).toMatchObject({
      url: 'http://www.orders.test:8080',
      login: expect.stringMatching(/^\w+:.+/),
      eventsQueueUrl: `http://127.1.0.1:4566/${account}/firedrill-events.fifo`,
    });
  });

  it('is the same world after it was written down and read', () => {
    expect(JSON.parse(JSON.stringify(world.state))).toEqual(world.state);
  });

  it.each(both)('keeps the password of the verifying role in both of AWS’s stores in $region', (scope) => {
    expect(Object.keys(secretsOf(world, scope))).toEqual(['orders/drill-verifier']);
    expect(Object.keys(parametersOf(world, scope))).toEqual(['/orders/drill-verifier']);
  });
});
