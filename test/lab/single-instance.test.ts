import { spawn, type ChildProcess } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inhabitantsOf } from '../../src/lab/machines/inhabitants.ts';

/** The lab as users start it, compiled, and the script that ships with the restore drill. */
const program = fileURLToPath(new URL('../../dist/lab/main.js', import.meta.url));
const script = fileURLToPath(new URL('../../drills/scripts/restore-postgres.sh', import.meta.url));
const Bucket = 'orders-backups';
/** A second or two, and as long as this where many processes share the computer. */
const restoreMs = 120_000;

let home: string;
let lab: ChildProcess;
let env: Record<string, string>;
let s3: S3Client;
let ec2: EC2Client;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'firedrill-single-'));
  await chmod(home, 0o711);
  const config = { estate: 'single-instance', profile: 'fast', home, attached: true };
  lab = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(lab, 'exit').then(() => Promise.reject(new Error('the lab ended')));
  const line = once(createInterface(lab.stdout!), 'line').then(([text]) => String(text));
  ({ env } = JSON.parse(await Promise.race([line, ended])) as { env: Record<string, string> });
  ended.catch(() => undefined);
  const config3 = {
    endpoint: env['AWS_ENDPOINT_URL'],
    region: 'eu-central-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'lab' },
  };
  s3 = new S3Client({ ...config3, requestChecksumCalculation: 'WHEN_REQUIRED' });
  ec2 = new EC2Client(config3);
});
afterAll(async () => {
  s3.destroy();
  ec2.destroy();
  lab.stdin?.end();
  await once(lab, 'exit');
  expect(inhabitantsOf(home)).toEqual([]);
  await vi.waitFor(async () => expect(await readdir(home)).toEqual([]), { timeout: 60_000 });
  await rm(home, { recursive: true });
});

const instances = async () =>
  ((await ec2.send(new DescribeInstancesCommand({}))).Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);

async function query(
  host: string,
  text: string,
  user = 'drill_verifier',
  password = env['FIREDRILL_LAB_VERIFIER_PASSWORD'],
) {
  const client = new Client({ host, port: 5432, database: 'orders', user, password });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

interface Manifest {
  takenAt: string;
  tables: Record<string, { rows: number }>;
}
const object = async (Key: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
};
const json = async <T>(key: string) => JSON.parse(Buffer.from(await object(key)).toString()) as T;
const dumps = async () => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'nightly/' }));
  return Contents.map(({ Key = '' }) => Key).filter((key) => key.endsWith('.copydump'));
};

/** Launches the template with the shipped script as a drill does. Resolves with the signal and the instance. */
async function restore(key: string): Promise<{ id: string; address: string; signal: Record<string, unknown> }> {
  const signalKey = `signals/${Math.random().toString(36).slice(2)}.json`;
  const signed = { expiresIn: 600 };
  const dumpUrl = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: key }), signed);
  const signalUrl = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: signalKey }), signed);
  const [first, ...rest] = (await readFile(script, 'utf8')).split('\n');
  const exported = [`export DUMP_URL='${dumpUrl}'`, `export FIREDRILL_SIGNAL_URL='${signalUrl}'`];
  const UserData = Buffer.from([first, ...exported, ...rest].join('\n')).toString('base64');
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: 'orders-restore' },
      MinCount: 1,
      MaxCount: 1,
      UserData,
    }),
  );
  const { InstanceId: id = '', PrivateIpAddress: address = '' } = Instances?.[0] ?? {};
  const signal = await vi.waitFor(() => json<Record<string, unknown>>(signalKey), {
    timeout: restoreMs,
    interval: 100,
  });
  return { id, address, signal };
}

describe('the single-instance lab', { timeout: restoreMs + 120_000 }, () => {
  it('serves users by name, from a database on the same instance', async () => {
    const resolver = new Resolver();
    resolver.setServers([env['FIREDRILL_RESOLVER'] ?? '']);
    const [address = ''] = await resolver.resolve4('www.orders.test');
    const [instance] = await instances();
    expect(address).toBe(instance?.PrivateIpAddress);
    // On a busy machine an answer may be that the database took too long.
    const order = async () => (await fetch(`http://${address}:8080/orders/7`)).json();
    await expect.poll(order).toMatchObject({ id: 7 });
    const put = async () => (await fetch(`http://${address}:8080/canary/run-1/1`, { method: 'PUT' })).status;
    await expect.poll(put).toBe(200);
    const [counted] = await query(address, 'SELECT count(*)::int AS rows FROM orders');
    await expect(query(address, 'DELETE FROM orders')).rejects.toThrow(/permission denied/);
    const manifest = await json<Manifest>(`${(await dumps()).at(-1)}.manifest.json`);
    expect(manifest.tables['orders']?.rows).toBe(counted?.['rows']);
  });

  it('has backups whose recovery point is told, each older with fewer orders', async () => {
    const keys = await dumps();
    expect(keys).toHaveLength(3);
    const manifests = await Promise.all(keys.map((key) => json<Manifest>(`${key}.manifest.json`)));
    const orders = manifests.map(({ tables }) => tables['orders']?.rows ?? 0);
    expect(orders.toSorted((a, b) => a - b)).toEqual(orders);
    expect(new Set(orders).size).toBe(3);
    for (const [i, Key] of keys.entries()) {
      const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      expect(Metadata).toEqual({ 'recovery-point': manifests[i]?.takenAt });
      expect(Key).toBe(`nightly/orders-${manifests[i]?.takenAt.slice(0, 10)}.copydump`);
    }
  });

  it('restores a backup onto a fresh instance with the shipped script, and loses it with the instance', async () => {
    const key = (await dumps()).at(-2) ?? '';
    const { id, address, signal } = await restore(key);
    expect(signal).toEqual({
      status: 'ready',
      message: 'restored orders',
      database: { engine: 'postgres', port: 5432, name: 'orders' },
    });
    const manifest = await json<Manifest>(`${key}.manifest.json`);
    expect(await query(address, 'SELECT count(*)::int AS rows FROM orders')).toEqual([
      { rows: manifest.tables['orders']?.rows },
    ]);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await vi.waitFor(() => expect(query(address, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/), { timeout: 60_000 });
  });

  it('tells through the signal what went wrong with a dump that is cut off', async () => {
    const whole = await object((await dumps()).at(-1) ?? '');
    const Key = 'nightly/cut.copydump';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: whole.subarray(0, whole.length - 100) }));
    const { address, signal } = await restore(Key);
    expect(signal).toEqual({
      status: 'failed',
      message: expect.stringMatching(/ended with status 1\n[\s\S]*the dump is cut off/),
    });
    await expect(query(address, 'SELECT count(*) FROM orders')).rejects.toThrow();
  });

  it('tells through the signal that there is no dump', async () => {
    const { signal } = await restore('nightly/nothing "quoted" \\ .copydump');
    expect(signal).toMatchObject({ status: 'failed', message: expect.stringMatching(/404[\s\S]*NoSuchKey/) });
  });

  it('loses application and database with the instance', async () => {
    const orders = (await instances()).find(({ Tags }) => Tags?.some(({ Value }) => Value === 'orders'));
    const address = orders?.PrivateIpAddress ?? '';
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [orders?.InstanceId ?? ''] }));
    await vi.waitFor(() => expect(fetch(`http://${address}:8080/health`)).rejects.toThrow(), { timeout: 60_000 });
    await vi.waitFor(() => expect(query(address, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/), { timeout: 60_000 });
  });
});
