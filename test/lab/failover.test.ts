import { spawn, type ChildProcess } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateNetworkAclCommand,
  DescribeNetworkAclsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
} from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** The lab from outside, as an operator with AWS's own SDK loses a region and goes to the other. */
let home: string;
let lab: ChildProcess;
let env: Record<string, string>;
let options: (region: string) => {
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};
const active = 'eu-central-1';
const passive = 'eu-west-1';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'firedrill-failover-'));
  await chmod(home, 0o711);
  const program = fileURLToPath(new URL('../../dist/lab/main.js', import.meta.url));
  const config = { estate: 'multi-region', profile: 'fast', home, attached: true };
  lab = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(lab.stdout!), 'line')) as [string];
  ({ env } = JSON.parse(line) as { env: Record<string, string> });
  options = (region) => ({
    region,
    endpoint: env['AWS_ENDPOINT_URL'] ?? '',
    credentials: { accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '' },
  });
});
afterAll(async () => {
  const ended = once(lab, 'exit');
  lab.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await readdir(home)).toEqual([]);
  await rm(home, { recursive: true });
});

/** A user's request: by name, on a connection of its own. Undefined when nothing came back in time. */
async function visit(method: string, path: string, timeout = 10_000): Promise<number | undefined> {
  const resolver = new Resolver();
  resolver.setServers([env['FIREDRILL_RESOLVER'] ?? '']);
  const [host] = await resolver.resolve4('www.orders.test');
  return new Promise((resolve) => {
    const call = request({ host, port: 8080, method, path, agent: false, timeout }, (response) => {
      response.resume().once('close', () => resolve(response.statusCode));
    });
    call.on('timeout', () => call.destroy()).on('error', () => resolve(undefined));
    call.end();
  });
}
/** A few seconds each, and minutes where many processes share the computer. */
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 180_000, interval: 50 });

async function cutActiveRegion(): Promise<void> {
  const ec2 = new EC2Client(options(active));
  const byApp = { Filters: [{ Name: 'tag:app', Values: ['orders'] }] };
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand(byApp));
  expect(Subnets).toHaveLength(9);
  const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: Subnets[0]?.VpcId }));
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({}));
  const ids = new Set(Subnets.map(({ SubnetId }) => SubnetId));
  const associations = NetworkAcls.flatMap(({ Associations = [] }) => Associations);
  for (const { NetworkAclAssociationId: AssociationId, SubnetId } of associations) {
    if (!ids.has(SubnetId)) continue;
    const replacement = { AssociationId, NetworkAclId: NetworkAcl?.NetworkAclId };
    await ec2.send(new ReplaceNetworkAclAssociationCommand(replacement));
  }
  ec2.destroy();
}

async function pointAt(region: string): Promise<void> {
  const elb = new ElasticLoadBalancingV2Client(options(region));
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['orders'] }));
  const [balancer] = LoadBalancers;
  const route53 = new Route53Client(options('us-east-1'));
  const { HostedZones = [] } = await route53.send(new ListHostedZonesCommand({}));
  const HostedZoneId = HostedZones.find(({ Name }) => Name === 'orders.test.')?.Id;
  const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const old = ResourceRecordSets.find(({ Name }) => Name === 'www.orders.test.');
  const alias = {
    HostedZoneId: balancer?.CanonicalHostedZoneId,
    DNSName: balancer?.DNSName,
    EvaluateTargetHealth: false,
  };
  const ResourceRecordSet = { Name: 'www.orders.test.', Type: 'A' as const, AliasTarget: alias };
  const Changes = [
    { Action: 'DELETE' as const, ResourceRecordSet: old },
    { Action: 'CREATE' as const, ResourceRecordSet },
  ];
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  elb.destroy();
  route53.destroy();
}

describe('an operator who loses the active region', { timeout: 600_000 }, () => {
  it('sees users hang and the alarm go off, and serves them from the other region after a promotion', async () => {
    await soon(async () => expect(await visit('PUT', '/canary/drill/1')).toBe(200));
    await cutActiveRegion();
    expect(await visit('GET', '/orders/1', 500)).toBeUndefined();
    const cloudWatch = new CloudWatchClient(options(active));
    await soon(async () => {
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['orders-down'] }));
      expect(MetricAlarms[0]?.StateValue).toBe('ALARM');
    });
    cloudWatch.destroy();

    const rds = new RDSClient(options(passive));
    const orders = { DBInstanceIdentifier: 'orders-db' };
    await pointAt(passive);
    await soon(async () => expect(await visit('GET', '/orders/1')).toBe(200));
    await soon(async () => expect(await visit('PUT', '/canary/drill/2')).toBe(503));
    await rds.send(new PromoteReadReplicaCommand(orders));
    await soon(async () => expect(await visit('PUT', '/canary/drill/2')).toBe(200));
    await soon(async () => {
      const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand(orders));
      expect(DBInstances[0]).toMatchObject({ DBInstanceStatus: 'available' });
      expect(DBInstances[0]?.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    });
    rds.destroy();
    await soon(async () => expect(await visit('GET', '/canary/drill')).toBe(200));
  });
});
