/** A two-region estate on machines that only remember, behind a real endpoint, at a time that tests move. */
import { noMachines } from '../../../src/lab/machines/none.ts';
import type { NoMachines, NoMachinesState } from '../../../src/lab/machines/none.ts';
import { autoscaling } from '../../../src/lab/services/autoscaling/index.ts';
import { cloudwatch } from '../../../src/lab/services/cloudwatch/index.ts';
import { ec2 } from '../../../src/lab/services/ec2/index.ts';
import { elbv2 } from '../../../src/lab/services/elbv2/index.ts';
import { rds } from '../../../src/lab/services/rds/index.ts';
import { route53 } from '../../../src/lab/services/route53/index.ts';
import { openEndpoint } from '../../../src/lab/wire/endpoint.ts';
import { layOutRegion } from '../../../src/lab/estates/orders-region.ts';
import type { OrdersRegion } from '../../../src/lab/estates/orders-region.ts';
import { newWorldState, openWorld } from '../../../src/lab/world.ts';
import type { Profile, World, WorldState } from '../../../src/lab/world.ts';
import type { HttpProbeResult, ProbeHttp } from '../../../src/lab/world/probe-http.ts';
import { refOf } from '../../../src/lab/world/rds.ts';
import type { DbInstance } from '../../../src/lab/world/rds.ts';
import {
  createDbBackup,
  createDbInstance,
  createDbReplica,
  createRecord,
  createZone,
} from '../../../src/lab/world/seed.ts';
import type { HostedZone } from '../../../src/lab/world/route53.ts';
import type { Clock } from '../../../src/domain/clock.ts';

const account = '111122223333';
export const active = { account, region: 'eu-central-1' };
export const passive = { account, region: 'eu-west-1' };

/** Stands still until it is moved. Counts whole microseconds, so that two of them can't drift apart. */
class SteppedClock implements Clock {
  readonly clockId = 'stepped';
  private nowUs = 0;

  monoNs(): bigint {
    return BigInt(this.nowUs) * 1_000n;
  }

  wall(): Date {
    return new Date(Date.UTC(2026, 0, 1) + Math.floor(this.nowUs / 1_000));
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('time is stepped here, nobody sleeps'));
  }

  advance(ms: number): void {
    this.nowUs += Math.max(0, Math.round(ms * 1_000));
  }
}

export interface TestWorld {
  world: World;
  machines: NoMachines;
  /** Lets time pass, stopping at every timer on the way. */
  pass(ms: number): Promise<void>;
}

export interface Written {
  state: WorldState;
  machines: NoMachinesState;
  nowMs: number;
}

export const emulations = [autoscaling, cloudwatch, ec2, elbv2, rds, route53];

/** Opens a world, new or as it was written down; all services stand ready. */
export function openTestWorld(
  from: { profile: Profile } | Written = { profile: 'fast' },
  probeHttp: ProbeHttp = (): Promise<HttpProbeResult> => Promise.resolve({ error: 'nobody is there' }),
): TestWorld {
  const clock = new SteppedClock();
  const machines = noMachines('state' in from ? from.machines : undefined);
  const state = 'state' in from ? from.state : newWorldState({ profile: from.profile, network: 9 });
  if ('state' in from) clock.advance(from.nowMs);
  const world = openWorld(state, { clock, machines, probeHttp });
  const pass = async (ms: number): Promise<void> => {
    const end = world.nowMs() + ms;
    for (let due = world.nextDueMs(); due !== undefined && due <= end; due = world.nextDueMs()) {
      clock.advance(due - world.nowMs());
      await world.advance();
    }
    clock.advance(end - world.nowMs());
  };
  return { world, machines, pass };
}

/** The world and its machines, by way of JSON. */
export const writeDown = ({ world, machines }: TestWorld): Written =>
  JSON.parse(JSON.stringify({ state: world.state, machines: machines.state, nowMs: world.nowMs() })) as Written;

export interface TestEstate {
  home: OrdersRegion;
  away: OrdersRegion;
  primary: DbInstance;
  replica: DbInstance;
  zone: HostedZone;
}

/** Both regions of the order service: six instances each, a Multi-AZ primary at home, its replica away, a name for users. */
export async function buildEstate(world: World): Promise<TestEstate> {
  const [home, away] = [layOutRegion(world, active), layOutRegion(world, passive)];
  await Promise.all([home.startInstances(), away.startInstances()]);
  const login = { masterUser: 'postgres', masterPassword: 'secret', database: 'orders' };
  const primary = await createDbInstance(world, active, { ...home.database, ...login, multiAz: true });
  await createDbBackup(world, active, primary);
  const replica = await createDbReplica(world, passive, { ...away.database, source: refOf(active, primary) });
  const zone = createZone(world, active, { name: 'orders.test' });
  const { hostedZoneId, dnsName } = home.balancer;
  const alias = { hostedZoneId, dnsName, evaluateTargetHealth: false };
  createRecord(zone, { name: 'www.orders.test', type: 'A', alias });
  return { home, away, primary, replica, zone };
}

export interface TestLab extends TestWorld, TestEstate {
  /** What SDK clients are built with. */
  config(region?: string): {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  close(): Promise<void>;
}

export async function openTestLab(profile: Profile = 'fast', probeHttp?: ProbeHttp): Promise<TestLab> {
  const opened = openTestWorld({ profile }, probeHttp);
  const { world } = opened;
  const services = emulations.map((emulation) => emulation(world));
  const estate = await buildEstate(world);
  await world.advance();
  const defects: unknown[] = [];
  const endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    services,
    accountOf: (accessKeyId) => accessKeyId,
    onDefect: (error) => defects.push(error),
  });
  return {
    ...opened,
    ...estate,
    config: (region = active.region) => ({
      endpoint: endpoint.url,
      region,
      credentials: { accessKeyId: account, secretAccessKey: 'secret' },
      maxAttempts: 1,
    }),
    async close() {
      await endpoint.close();
      if (defects.length > 0) throw new AggregateError(defects, 'the emulation failed');
    },
  };
}
