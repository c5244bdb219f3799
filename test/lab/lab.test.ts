import { spawn, type ChildProcess } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { processTable, type ProcessEntry } from '../../src/lab/machines/process-table.ts';

/** The process as users start it, compiled. */
const program = fileURLToPath(new URL('../../dist/lab/main.js', import.meta.url));

interface Facts {
  awsEndpoint: string;
  dns: { host: string; port: number };
  url: string;
  env: Record<string, string>;
  pid: number;
}

interface State {
  databases: {
    region: string;
    identifier: string;
    id: string;
    takesWrites: boolean;
    replication?: { streaming: boolean; lagSeconds: number };
  }[];
  instances: { pid?: number }[];
  balancers: { region: string; addresses: string[]; targets: { state: string }[] }[];
}

let home: string;
const started: ChildProcess[] = [];

function start(config: object): { child: ChildProcess; output: Promise<string>; errors: Promise<string> } {
  const child = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  const collect = async (stream: NodeJS.ReadableStream | null) => {
    let text = '';
    for await (const chunk of stream ?? []) text += String(chunk);
    return text;
  };
  return { child, output: collect(child.stdout), errors: collect(child.stderr) };
}

async function startLab(): Promise<{ child: ChildProcess; facts: Facts; output: Promise<string> }> {
  const { child, output, errors } = start({ estate: 'multi-region', profile: 'fast', home, attached: true });
  const line = once(createInterface(child.stdout!), 'line').then(([text]) => String(text));
  const failed = once(child, 'exit').then(async () => Promise.reject(new Error(await errors)));
  return { child, output, facts: JSON.parse(await Promise.race([line, failed])) as Facts };
}

const descendants = (pid: number): ProcessEntry[] => {
  const table = processTable();
  const found = new Set([pid]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const entry of table) if (found.has(entry.parent)) found.add(entry.pid);
  }
  return table.filter((entry) => found.has(entry.pid));
};
const livingOf = (known: ProcessEntry[]) => {
  const now = new Map(processTable().map((entry) => [entry.pid, entry.startTime]));
  return known.filter(({ pid, startTime }) => now.get(pid) === startTime);
};
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 50 });
const stateOf = async ({ awsEndpoint }: Facts) => (await (await fetch(`${awsEndpoint}/_lab/state`)).json()) as State;

function visit(method: string, host: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      { method, host, port: 8080, path, agent: false, headers: { host: 'www.orders.test' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    call.on('error', reject).end();
  });
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'firedrill-lab-'));
  await chmod(home, 0o711);
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await vi.waitFor(async () => expect(await readdir(home)).toEqual([]), { timeout: 60_000 });
  await rm(home, { recursive: true });
});

describe('two labs side by side', () => {
  let one: Awaited<ReturnType<typeof startLab>>;
  let two: Awaited<ReturnType<typeof startLab>>;
  beforeAll(async () => {
    [one, two] = await Promise.all([startLab(), startLab()]);
  });

  it('stand on networks of their own and serve the estate by name', async () => {
    expect(one.facts.awsEndpoint).not.toBe(two.facts.awsEndpoint);
    for (const { facts } of [one, two]) {
      const resolver = new Resolver();
      resolver.setServers([facts.env['FIREDRILL_RESOLVER'] ?? '']);
      const url = new URL(facts.url);
      const addresses = await resolver.resolve4(url.hostname);
      const state = await stateOf(facts);
      const active = state.balancers.find(({ region }) => region === 'eu-central-1');
      expect(addresses.toSorted()).toEqual(active?.addresses.toSorted());
      await soon(async () =>
        expect(await visit('GET', addresses[0] ?? '', '/orders/1')).toMatchObject({ status: 200 }),
      );
    }
  });

  it('have one database that takes writes, a replica that streams, and twelve healthy instances', async () => {
    await soon(async () => {
      const { databases, instances, balancers } = await stateOf(one.facts);
      expect(databases.map(({ region, identifier, takesWrites }) => [region, identifier, takesWrites])).toEqual([
        ['eu-central-1', 'orders-db', true],
        ['eu-west-1', 'orders-db', false],
      ]);
      expect(databases[1]?.replication).toMatchObject({ streaming: true });
      expect(instances.filter(({ pid }) => pid !== undefined)).toHaveLength(12);
      expect(balancers.flatMap(({ targets }) => targets.map(({ state }) => state))).toEqual(Array(12).fill('healthy'));
    });
  });

  it('fail calls and make replication late when asked by the side door, and name what is wrong with a demand', async () => {
    const { awsEndpoint } = one.facts;
    const demand = (method: string, path: string, body: object) =>
      fetch(`${awsEndpoint}/_lab/${path}`, { method, body: JSON.stringify(body) });
    const rds = new RDSClient({
      region: 'eu-west-1',
      endpoint: awsEndpoint,
      maxAttempts: 1,
      credentials: { accessKeyId: '000000000000', secretAccessKey: 'lab' },
    });
    const describe = () => rds.send(new DescribeDBInstancesCommand({}));
    const fault = { kind: 'error', code: 'Throttling', status: 400, message: 'Rate exceeded' };
    expect((await demand('POST', 'faults', { service: 'rds', times: 1, fault })).status).toBe(200);
    await expect(describe()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
    expect((await describe()).DBInstances).toHaveLength(1);
    rds.destroy();

    const [, replica] = (await stateOf(one.facts)).databases;
    expect((await demand('POST', 'replication', { database: replica?.id, delayMs: 60_000 })).status).toBe(200);
    const active = (await stateOf(one.facts)).balancers[0]?.addresses[0] ?? '';
    await soon(async () => expect(await visit('PUT', active, '/canary/late/1')).toMatchObject({ status: 200 }));
    await vi.waitFor(
      async () => {
        const { databases } = await stateOf(one.facts);
        expect(databases[1]?.replication?.lagSeconds).toBeGreaterThan(1);
      },
      { timeout: 60_000, interval: 100 },
    );

    const wrong = await demand('POST', 'faults', { fault: { kind: 'explode' } });
    expect([wrong.status, await wrong.json()]).toEqual([400, { error: expect.stringContaining('kind') }]);
    expect((await demand('POST', 'nothing', {})).status).toBe(404);
  });

  it('leave nothing when killed outright, and the other stays', async () => {
    const known = descendants(one.facts.pid);
    expect(known.length).toBeGreaterThan(20);
    one.child.kill('SIGKILL');
    await vi.waitFor(() => expect(livingOf(known)).toEqual([]), { timeout: 60_000, interval: 50 });
    await vi.waitFor(async () => expect(await readdir(home)).toHaveLength(1), { timeout: 60_000, interval: 50 });
    // Its network is free: a lab of somebody else's may stand there already.
    const there: State['instances'] = await stateOf(one.facts).then(
      ({ instances }) => instances,
      () => [],
    );
    expect(there.filter(({ pid }) => known.some((each) => each.pid === pid))).toEqual([]);
    expect((await stateOf(two.facts)).instances).toHaveLength(12);
  });

  it('end in good order with the input of the process that started them', async () => {
    const known = descendants(two.facts.pid);
    const ended = once(two.child, 'exit');
    two.child.stdin?.end();
    expect(await ended).toEqual([0, null]);
    expect((await two.output).trim().split('\n')).toHaveLength(1);
    expect(livingOf(known)).toEqual([]);
    expect(await readdir(home)).toEqual([]);
  });
});

describe('a lab that can not be', () => {
  it.each([
    ['an estate that there is not', { estate: 'moon', home: '/tmp' }, /^unknown-estate: .*"moon".*multi-region/],
    ['a setting that there is not', { estate: 'multi-region', home: '/tmp', lag: 1 }, /^lab-config: .*lag/],
  ])('says in one line what is wrong with %s, and exits 2', async (_what, config, message) => {
    const { child, output, errors } = start(config);
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, await output]).toEqual([2, '']);
    const text = await errors;
    expect(text).toMatch(message);
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});
