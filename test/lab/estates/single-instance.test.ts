import { beforeAll, describe, expect, it } from 'vitest';
import { labClock } from '../../../src/lab/lab-clock.ts';
import type { Built } from '../../../src/lab/estates/estate.ts';
import { singleInstance } from '../../../src/lab/estates/single-instance.ts';
import { noMachines } from '../../../src/lab/machines/none.ts';
import { buckets, type ObjectVersion } from '../../../src/lab/services/s3/state.ts';
import { secretsOf, versionAt } from '../../../src/lab/services/secretsmanager/state.ts';
import { parametersOf } from '../../../src/lab/services/ssm/state.ts';
import { storageClassOf } from '../../../src/lab/services/s3/lifecycle.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import { s3PrefixListOf } from '../../../src/lab/world/prefix-lists.ts';
import { route53State } from '../../../src/lab/world/route53.ts';
import { newWorldState, openWorld, type World } from '../../../src/lab/world.ts';

const home = { account: '000000000000', region: 'eu-central-1' };
/** A moment before midnight, on the day on which clocks are put forward where they are. */
const now = new Date('2026-03-29T23:59:59.900Z');
let world: World;
let built: Built;
beforeAll(async () => {
  world = openWorld(newWorldState({ profile: 'fast', network: 1 }), {
    clock: { ...labClock, wall: () => now },
    machines: noMachines(),
    probeHttp: async () => ({ error: 'nobody probes here' }),
  });
  built = await singleInstance.build(world, { replicaLagMs: 0, origin: 'http://127.1.0.1:4566' });
});

const day = (ago: number) => new Date(now.getTime() - ago * 86_400_000).toISOString().slice(0, 10);
const versions = (key: string): ObjectVersion[] => buckets(world)['orders-backups']?.objects[key] ?? [];
const classes = (key: string) => {
  const bucket = buckets(world)['orders-backups'];
  return versions(key).map((version) => bucket && storageClassOf(world, bucket, key, version));
};

describe('the single-instance estate', () => {
  it('has one instance with everything on it, which users reach by name', () => {
    const [instance, ...others] = Object.values(ec2State(world, home).instances);
    expect(others).toEqual([]);
    expect(instance).toMatchObject({ state: 'running', port: 8080, furtherPorts: [5432] });
    expect(ec2State(world, home).tags[instance?.id ?? '']).toEqual({ Name: 'orders', app: 'orders' });
    const [zone] = Object.values(route53State(world, home).zones);
    const www = zone?.served.find(({ name }) => name === 'www.orders.test.');
    expect(www).toMatchObject({ type: 'A', values: [instance?.address] });
    expect(built).toMatchObject({
      url: 'http://www.orders.test:8080',
      region: 'eu-west-1',
      login: 'firedrill:lab-drills',
      verifierPassword: 'lab-verifier',
      eventsQueueUrl: 'http://127.1.0.1:4566/000000000000/firedrill-events.fifo',
    });
  });

  it('has a launch template for restores, whose copies answer and reach nothing but S3', () => {
    const { templates, groups, subnets, tags } = ec2State(world, home);
    const template = Object.values(templates).find(({ name }) => name === 'orders-restore');
    expect(template).toMatchObject({ program: 'restore-image', port: 5432, instanceProfile: 'orders-restore' });
    expect(template?.tags).toEqual({ Name: 'orders-restore' });
    const group = groups[template?.groups[0] ?? ''];
    expect(group).toMatchObject({
      name: 'orders-restore',
      ingress: [{ fromPort: 5432, cidr: '127.0.0.0/8' }],
      egress: [{ fromPort: 443, prefixListId: s3PrefixListOf(home) }],
    });
    expect(Object.keys(subnets).map((id) => tags[id])).toEqual([{ app: 'orders', tier: 'app' }]);
  });

  it('has backups of some nights, each with a manifest: current, taken again, expired', () => {
    const keys = [8, 2, 1, 0].map((ago) => `nightly/orders-${day(ago)}.copydump`);
    const known = Object.keys(buckets(world)['orders-backups']?.objects ?? {});
    expect(known.toSorted()).toEqual(keys.flatMap((key) => [key, `${key}.manifest.json`]).toSorted());
    const [expired = '', again = '', yesterday = '', today = ''] = keys;
    expect(versions(expired).map(({ deleteMarker }) => deleteMarker)).toEqual([true, undefined]);
    expect(classes(expired)[1]).toBe('GLACIER');
    expect(versions(again)).toHaveLength(2);
    expect(versions(again)[1]).toMatchObject({ noncurrentSince: versions(again)[0]?.modifiedAt });
    expect([classes(yesterday), classes(today)]).toEqual([['STANDARD'], ['STANDARD']]);
    expect(versions(yesterday)[0]?.metadata).toEqual({ 'recovery-point': `${day(1)}T02:00:00.000Z` });
  });

  it('is the same world after it was written down and read', () => {
    expect(JSON.parse(JSON.stringify(world.state))).toEqual(world.state);
  });

  it('keeps the password of the verifying role in both of AWS’s stores, where copies are', () => {
    const secret = secretsOf(world, home)['orders/drill-verifier'];
    const login = { username: 'drill_verifier', password: built.verifierPassword };
    expect(JSON.parse((secret && versionAt(secret, 'AWSCURRENT')?.text) ?? '')).toEqual(login);
    const parameter = parametersOf(world, home)['/orders/drill-verifier'];
    expect(parameter).toMatchObject({ type: 'SecureString', versions: [{ value: built.verifierPassword }] });
  });
});
