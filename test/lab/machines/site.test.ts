import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDnsServer, type DnsServer } from '../../../src/lab/machines/dns-server.ts';
import type { BalancerSpec, NetworkTable } from '../../../src/lab/machines/machines.ts';
import { processEntry } from '../../../src/lab/machines/process-table.ts';
import { RealMachines } from '../../../src/lab/machines/real.ts';
import { takeDirectory, takeNetwork, workshop } from './parts.ts';

/** Two regions as drills meet them: 12 instances behind two balancers, a database, and its replica. */
const net = await takeNetwork();
const directory = await takeDirectory();
const at = (rest: string) => `127.${net.network}.${rest}`;
const open: NetworkTable = { cutSubnets: [], noIngress: [], replicationSurvives: false };
const activeCut: NetworkTable = { ...open, cutSubnets: [1, 2, 3, 4, 5, 6, 7].map((subnet) => at(String(subnet))) };

let dns: DnsServer;
let machines: RealMachines;
let pids: number[];
/** Address that the database's name has, per region. */
const names = new Map<string, string>();

const database = {
  port: 5432,
  masterUser: 'orders',
  masterPassword: 'secret',
  database: 'orders',
  settings: {},
  multiAz: false,
};
const zones = [1, 2, 3];
const instancesOf = (first: number) =>
  zones.flatMap((zone) =>
    [4, 5].map((host) => ({ id: `i-${first + zone}-${host}`, address: at(`${first + zone}.${host}`), port: 8080 })),
  );
const active = instancesOf(3);
const passive = instancesOf(13);

const balancer = (id: string, first: number, targets: BalancerSpec['targets']): BalancerSpec => ({
  id,
  nodes: zones.map((zone) => ({ zone: String(zone), address: at(`${first + zone}.4`) })),
  port: 8080,
  targets,
  health: { path: '/health', intervalMs: 200, timeoutMs: 500, healthyCount: 2, unhealthyCount: 2 },
});

interface Reply {
  status: number;
  body: unknown;
}

function call(method: string, address: string, path: string, timeoutMs = 60_000): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const out = request({ method, host: address, port: 8080, path, timeout: timeoutMs, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const json = response.headers['content-type'] === 'application/json';
        resolve({ status: response.statusCode ?? 0, body: json ? JSON.parse(text) : text });
      });
    });
    out.on('timeout', () => out.destroy(new Error('hangs')));
    out.on('error', reject);
    out.end();
  });
}
const healthy = (id: string) => machines.targetHealth(id).filter(({ state }) => state === 'healthy').length;
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { interval: 20, timeout: 60_000 });

/** On a busy machine an answer may be that the database took too long. */
const answers = (method: string, address: string, path: string, reply: object) =>
  eventually(async () => expect(await call(method, address, path)).toMatchObject(reply));

beforeAll(async () => {
  dns = await openDnsServer({
    host: at('0.3'),
    port: 5354,
    answer: (name, type) => {
      const data = names.get(name);
      const answers = data !== undefined && type === 'A' ? [{ name, type, ttlSeconds: 1, value: data }] : [];
      return { rcode: data === undefined ? 'NXDOMAIN' : 'NOERROR', answers, authority: [] };
    },
  });
  const shop = await workshop(net.network, directory.path);
  ({ pids } = shop);
  machines = new RealMachines({
    network: net.network,
    directory: directory.path,
    programs: fileURLToPath(new URL('../../../dist/lab/programs', import.meta.url)),
    resolver: `${dns.host}:${dns.port}`,
    binaries: shop.binaries,
    reaping: shop.reaping,
    report: shop.report,
  });
  await machines.createDatabase({ ...database, id: 'db', address: at('7.4') });
  const client = new Client({ host: at('7.4'), user: 'orders', password: 'secret', database: 'orders' });
  await client.connect();
  await client.query(`
    CREATE TABLE customers (id int PRIMARY KEY, name text);
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int, item text, quantity int, cents int, placed_at timestamptz);
    CREATE TABLE canary (run text, n bigint, PRIMARY KEY (run, n));
    INSERT INTO customers VALUES (1, 'Ada');
    INSERT INTO orders VALUES (1, 1, 'tea', 2, 950, '2025-01-01T00:00:00Z');
  `);
  await client.end();
  await machines.createReplica({ ...database, id: 'replica', address: at('17.4'), source: 'db', delayMs: 0 });
  names.set('db.active.test', at('7.4')).set('db.passive.test', at('17.4'));
  const env = { DB_PORT: '5432', DB_USER: 'orders', DB_PASSWORD: 'secret', DB_NAME: 'orders' };
  const start = (name: string) => (spec: (typeof active)[number]) =>
    machines.startInstance({ ...spec, program: 'orders', env: { ...env, DB_HOST: name } });
  await Promise.all([...active.map(start('db.active.test')), ...passive.map(start('db.passive.test'))]);
  await machines.setBalancer(balancer('active', 0, active));
  await machines.setBalancer(balancer('passive', 10, passive));
  await eventually(() => expect([healthy('active'), healthy('passive')]).toEqual([6, 6]));
});
beforeEach(() => machines.setNetwork(open));
afterAll(async () => {
  await machines.close();
  await dns.close();
  await net.release();
  await directory.remove();
});

describe('a site in two regions', () => {
  it('answers reads in both, and writes where the database takes them', async () => {
    const order = { status: 200, body: expect.objectContaining({ id: 1, customer: 'Ada', item: 'tea' }) };
    await answers('GET', at('1.4'), '/orders/1', order);
    await answers('GET', at('12.4'), '/orders/1', order);
    await answers('GET', at('1.4'), '/orders/999', { status: 404 });
    await answers('PUT', at('1.4'), '/canary/run-1/1', { status: 200 });
    await answers('PUT', at('2.4'), '/canary/run-1/2', { status: 200 });
    await answers('GET', at('3.4'), '/canary/run-1', { status: 200, body: [1, 2] });
    const refusal = { status: 503, body: { error: expect.stringMatching(/read-only/) as string } };
    await answers('PUT', at('11.4'), '/canary/run-1/3', refusal);
    await answers('DELETE', at('1.4'), '/canary/run-1', { status: 200 });
    await answers('GET', at('1.4'), '/canary/run-1', { status: 200, body: [] });
  });

  it('hangs while the region is cut, its targets count as unhealthy, and it heals by itself', async () => {
    machines.setNetwork(activeCut);
    await expect(call('GET', at('1.4'), '/health', 500)).rejects.toThrow('hangs');
    await answers('GET', at('11.4'), '/health', { status: 200 });
    await eventually(() => expect(healthy('active')).toBe(0));
    // Of an instance alone: its database has bounds of its own, which a busy machine may exceed.
    const waiting = call('GET', at('1.4'), '/health');
    await sleep(100);
    machines.setNetwork(open);
    expect(await waiting).toMatchObject({ status: 200 });
    await answers('GET', at('1.4'), '/orders/1', { status: 200 });
    await eventually(() => expect(healthy('active')).toBe(6));
  });

  it('answers 503 within its bound when only the database is out of reach, and stays in service', async () => {
    machines.setNetwork({ ...open, cutSubnets: [at('7')] });
    // By itself: its database would keep it waiting for ever, until the balancer gives up (504).
    await answers('GET', at('1.4'), '/orders/1', { status: 503 });
    await answers('GET', at('1.4'), '/health', { status: 200 });
    machines.setNetwork(open);
    await eventually(async () => expect(await call('GET', at('1.4'), '/orders/1')).toMatchObject({ status: 200 }));
  });

  it('refuses connections to a killed instance, and routes around it', async () => {
    const [dead] = active;
    await machines.killInstance(dead?.id ?? '');
    await expect(call('GET', dead?.address ?? '', '/health')).rejects.toThrow(/ECONNREFUSED/);
    // Twice around, so that each target would have its turn. On a busy machine healthy ones may count as dead for a moment.
    await eventually(async () => {
      expect(healthy('active')).toBe(5);
      const replies = await Promise.all(Array.from({ length: 12 }, () => call('GET', at('1.4'), '/health')));
      expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    });
    await machines.startInstance({
      id: dead?.id ?? '',
      address: dead?.address ?? '',
      port: 8080,
      program: 'orders',
      env: { DB_HOST: 'db.active.test', DB_PORT: '5432', DB_USER: 'orders', DB_PASSWORD: 'secret', DB_NAME: 'orders' },
    });
    await eventually(() => expect(healthy('active')).toBe(6));
  });

  it("runs an instance's script at its first boot alone, as a user without rights, and ends what it left running", async () => {
    const address = at('4.9');
    const env = { DB_HOST: 'db.active.test', DB_PORT: '5432', DB_USER: 'u', DB_PASSWORD: 'p', DB_NAME: 'orders' };
    const userData = '#!/bin/sh\nid -u >> whoami; pwd >> whoami; echo $$ > pid; sleep 1000\n';
    const spec = { id: 'i-script', address, port: 8080, program: 'orders', env, userData };
    const file = (name: string) => readFile(join(directory.path, 'i-script', name), 'utf8');
    await machines.startInstance(spec);
    await eventually(async () => expect(await file('pid')).toMatch(/\d+\n/));
    const [user, place] = (await file('whoami')).split('\n');
    expect(Number(user)).not.toBe(0);
    expect(place).toBe(join(directory.path, 'i-script'));
    const pid = Number(await file('pid'));
    expect(processEntry(pid)).toBeDefined();
    await machines.killInstance('i-script');
    await eventually(() => expect(processEntry(pid)).toBeUndefined());
    await machines.startInstance(spec);
    expect(await call('GET', address, '/health')).toMatchObject({ status: 200 });
    expect((await file('whoami')).trim().split('\n')).toHaveLength(2);
    await machines.killInstance('i-script');
  });

  it('says why an instance did not come up', async () => {
    const spec = { id: 'i-broken', address: at('4.10'), port: 8080, program: 'orders', env: {} };
    await expect(machines.startInstance(spec)).rejects.toThrow(/i-broken ended at once: .*DB_HOST is missing/s);
  });

  it('follows the name of its database to another one', async () => {
    await machines.promoteDatabase('replica');
    await answers('PUT', at('11.4'), '/canary/moved/1', { status: 200 });
    names.set('db.active.test', at('17.4'));
    await eventually(async () => {
      expect(await call('GET', at('1.4'), '/canary/moved')).toEqual({ status: 200, body: [1] });
    });
  });

  it('answers 502 where every target is dead, for a balancer then tries them all', async () => {
    await Promise.all(active.map(({ id }) => machines.killInstance(id)));
    await eventually(() => expect(healthy('active')).toBe(0));
    expect(await call('GET', at('1.4'), '/health')).toMatchObject({ status: 502 });
    await machines.setBalancer(balancer('active', 0, []));
    expect(await call('GET', at('1.4'), '/health')).toMatchObject({ status: 503 });
    expect(pids.length).toBeGreaterThan(12);
  });
});
