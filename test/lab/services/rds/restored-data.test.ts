import {
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { readdir } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { labClock } from '../../../../src/lab/lab-clock.ts';
import { RealMachines } from '../../../../src/lab/machines/real.ts';
import { rds } from '../../../../src/lab/services/rds/index.ts';
import { openEndpoint, type Endpoint } from '../../../../src/lab/wire/endpoint.ts';
import { newWorldState, openWorld, runWorld, type World } from '../../../../src/lab/world.ts';
import { ec2State, zonesOf } from '../../../../src/lab/world/ec2.ts';
import { defaultParameterGroup, rdsState } from '../../../../src/lab/world/rds.ts';
import {
  createDbBackup,
  createDbInstance,
  createDbSubnetGroup,
  createSecurityGroup,
  createSubnet,
  createVpc,
} from '../../../../src/lab/world/seed.ts';
import { takeDirectory, takeNetwork, workshop } from '../../machines/parts.ts';

/** The whole way, with the SDK's client and real servers: what AWS's calls bring back is what was committed. */
const account = '111122223333';
const home = { account, region: 'eu-central-1' };
const away = { account, region: 'eu-west-1' };
const login = { masterUser: 'postgres', masterPassword: 'secret', database: 'orders' };

const net = await takeNetwork();
const directory = await takeDirectory();
const shop = await workshop(net.network, directory.path);
const failures: unknown[] = [];
const stop = new AbortController();
let machines: RealMachines;
let world: World;
let endpoint: Endpoint;
let ticking: Promise<void>;
let address: string;
const clients = new Map<string, RDSClient>();

beforeAll(async () => {
  machines = new RealMachines({
    network: net.network,
    directory: directory.path,
    programs: '/nonexistent',
    resolver: `127.${net.network}.0.2:5354`,
    binaries: shop.binaries,
    reaping: shop.reaping,
    report: (error) => failures.push(error),
  });
  world = openWorld(newWorldState({ profile: 'fast', network: net.network }), {
    clock: labClock,
    machines,
    probeHttp: async () => ({ error: 'nobody probes here' }),
  });
  endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    services: [rds(world)],
    accountOf: (accessKeyId) => accessKeyId,
    onDefect: (error) => failures.push(error),
  });
  for (const { region } of [home, away])
    clients.set(
      region,
      new RDSClient({
        region,
        endpoint: endpoint.url,
        maxAttempts: 1,
        credentials: { accessKeyId: account, secretAccessKey: 'secret' },
      }),
    );
  for (const scope of [home, away]) {
    const { vpcId } = createVpc(world, scope);
    const subnetIds = zonesOf(scope.region).map((zone) => createSubnet(world, scope, { vpcId, zone }));
    createDbSubnetGroup(world, scope, { name: 'orders', vpcId, subnetIds });
    // Everyone may come in, unlike into members of the default group.
    createSecurityGroup(world, scope, { vpcId, name: 'open', ingress: [{ port: 5432, cidr: '0.0.0.0/0' }] });
  }
  const primary = await createDbInstance(world, home, {
    ...login,
    identifier: 'orders-db',
    subnetGroup: 'orders',
    parameterGroup: defaultParameterGroup.name,
    groups: [openGroup(home)],
    multiAz: false,
  });
  ({ address } = primary);
  await query(address, 'CREATE TABLE t (n int)');
  await createDbBackup(world, home, primary);
  ticking = runWorld(world, stop.signal, (error) => failures.push(error));
});
afterAll(async () => {
  for (const client of clients.values()) client.destroy();
  stop.abort();
  await ticking;
  await endpoint.close();
  await machines.close();
  await net.release();
  await directory.remove();
  expect(failures).toEqual([]);
  // One that has just ended is still to be collected.
  await vi.waitFor(() => expect(shop.left()).toEqual([]), { timeout: 60_000 });
});

const rdsIn = ({ region }: { region: string }): RDSClient => {
  const client = clients.get(region);
  if (client === undefined) throw new Error(`no client in ${region}`);
  return client;
};

async function query<T extends object>(host: string, text: string): Promise<T[]> {
  const client = new Client({ host, user: 'postgres', password: 'secret', database: 'orders' });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}
const write = (n: number) => query(address, `INSERT INTO t VALUES (${n})`);
const soon = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 60_000, interval: 25 });

const instance = async (scope: typeof home, DBInstanceIdentifier: string) => {
  const { DBInstances } = await rdsIn(scope).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return DBInstances?.[0] ?? {};
};
const snapshotAvailable = (scope: typeof home, DBSnapshotIdentifier: string) =>
  soon(async () => {
    const { DBSnapshots } = await rdsIn(scope).send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier }));
    expect(DBSnapshots?.[0]?.Status).toBe('available');
  });
/** Awaits a restored instance. @returns what is in it */
async function contents(scope: typeof home, identifier: string): Promise<number[]> {
  await soon(async () => expect((await instance(scope, identifier)).DBInstanceStatus).toBe('available'));
  const db = Object.values(rdsState(world, scope).instances).find((each) => each.identifier === identifier);
  const rows = await query<{ n: number }>(db?.address ?? '', 'SELECT n FROM t ORDER BY n');
  await query(db?.address ?? '', 'INSERT INTO t VALUES (1000)');
  return rows.map(({ n }) => n);
}
const openGroup = (scope: typeof home): string =>
  Object.values(ec2State(world, scope).groups).find(({ name }) => name === 'open')?.id ?? '';
const placeIn = (scope: typeof home) => ({
  DBSubnetGroupName: 'orders',
  VpcSecurityGroupIds: [openGroup(scope)],
  BackupRetentionPeriod: 0,
});

it('brings back what was committed: by a snapshot, by its copy in another region, by any moment', async () => {
  await write(1);
  await rdsIn(home).send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'orders-db', DBSnapshotIdentifier: 'before' }),
  );
  await snapshotAvailable(home, 'before');
  await write(2);
  const RestoreTime = new Date(Date.now() + 1);
  await query(address, 'SELECT pg_sleep(0.01)');
  await write(3);
  const archivedBy = Date.now();

  await rdsIn(away).send(
    new CopyDBSnapshotCommand({
      SourceDBSnapshotIdentifier: `arn:aws:rds:eu-central-1:${account}:snapshot:before`,
      TargetDBSnapshotIdentifier: 'copied',
      KmsKeyId: 'alias/aws/rds',
    }),
  );
  await rdsIn(home).send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: 'from-snapshot',
      DBSnapshotIdentifier: 'before',
      ...placeIn(home),
    }),
  );
  await soon(async () =>
    expect((await instance(home, 'orders-db')).LatestRestorableTime?.getTime()).toBeGreaterThan(archivedBy),
  );
  const pointInTime = (TargetDBInstanceIdentifier: string, until: object) =>
    rdsIn(home).send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'orders-db',
        TargetDBInstanceIdentifier,
        ...placeIn(home),
        ...until,
      }),
    );
  await pointInTime('at-moment', { RestoreTime });
  await pointInTime('at-latest', { UseLatestRestorableTime: true });
  await snapshotAvailable(away, 'copied');
  await rdsIn(away).send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: 'from-copy',
      DBSnapshotIdentifier: 'copied',
      ...placeIn(away),
    }),
  );

  expect(await contents(home, 'from-snapshot')).toEqual([1]);
  expect(await contents(home, 'at-moment')).toEqual([1, 2]);
  expect(await contents(home, 'at-latest')).toEqual([1, 2, 3]);
  expect(await contents(away, 'from-copy')).toEqual([1]);
  // What was written to copies stays in them.
  expect(await query(address, 'SELECT n FROM t ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it('leaves no data behind once instances and snapshots are deleted', async () => {
  for (const scope of [home, away]) {
    const { DBInstances = [] } = await rdsIn(scope).send(new DescribeDBInstancesCommand({}));
    for (const { DBInstanceIdentifier } of DBInstances)
      await rdsIn(scope).send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
  }
  await rdsIn(home).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'before' }));
  await rdsIn(away).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'copied' }));
  await soon(async () => expect(await readdir(directory.path)).toEqual([]));
});
