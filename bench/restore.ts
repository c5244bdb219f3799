/**
 * The restore of a dump by a drill in the lab, against the same rows copied bare into a Postgres that is started by hand, and whether
 * memory stays flat in the dump's size. FIREDRILL_BENCH_RESTORE_MB says how large the dump is.
 */
import { once } from 'node:events';
import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Client } from 'pg';
import type { RunRecord } from '../src/domain/record.ts';
import { copyIn } from '../src/lab/programs/copydump/copy.ts';
import { localSettings } from '../src/lab/programs/local-postgres.ts';
import { locateBinaries } from '../src/postgres/binaries.ts';
import { initCluster, makeServerDir } from '../src/postgres/cluster.ts';
import { freePort, startServer } from '../src/postgres/server.ts';
import { after, before, copyText, readRows, roles, writeDump } from './big-dump.ts';
import { peaksOf } from './peaks.ts';
import { drillFor, script } from './restore-drill.ts';
import type { Row } from './table.ts';

const smallMb = 64;
const lookMs = 50;
const program = 'dist/cli/main.js';
const bucket = 'orders-backups';

export async function restore(): Promise<Row[]> {
  const largeMb = Number(process.env['FIREDRILL_BENCH_RESTORE_MB'] ?? 256);
  const home = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  await chmod(home, 0o711); // As root, Postgres runs as somebody else, who must be able to pass.
  try {
    const env = await labUp(home);
    const small = await measure(home, env, smallMb);
    const large = await measure(home, env, largeMb);
    const ratio = (large.restoreS / large.bareS - 1) * 100;
    const growth = (of: 'commandKb' | 'toolKb') =>
      `${small[of] / 1024} -> ${large[of] / 1024}`.replaceAll(/\.\d+/g, '');
    return [
      { what: `bare copy of ${largeMb} MiB, with initdb and start`, figure: `${large.bareS.toFixed(1)} s` },
      { what: 'the restore, from the launch to its report', figure: `${large.restoreS.toFixed(1)} s` },
      { what: 'as the drill measures it, looking every second', figure: `${large.drillS.toFixed(1)} s` },
      { what: 'the restore, more than the bare copy', figure: `${ratio.toFixed(1)} %`, aim: '< 10 % of 1 GiB' },
      {
        what: `peak memory of the command, ${smallMb} -> ${largeMb} MiB`,
        figure: `${growth('commandKb')} MB`,
        aim: 'flat',
      },
      {
        what: `peak memory of the restore tool, ${smallMb} -> ${largeMb} MiB`,
        figure: `${growth('toolKb')} MB`,
        aim: 'flat',
      },
    ];
  } finally {
    await command(['lab', 'down'], { FIREDRILL_HOME: home });
    await rm(home, { recursive: true, force: true });
  }
}

interface Measured {
  bareS: number;
  /** From the launch to the script's report. */
  restoreS: number;
  /** As the drill says, which looks every second. */
  drillS: number;
  commandKb: number;
  toolKb: number;
}

async function measure(home: string, env: Readonly<Record<string, string>>, mb: number): Promise<Measured> {
  const s3 = s3Of(env);
  const dir = join(home, `restore-${mb}`);
  await mkdir(join(dir, 'scripts'), { recursive: true, mode: 0o711 });
  const files = { dump: join(dir, 'dump'), rows: join(dir, 'rows') };
  try {
    const rows = await writeDump(files, mb * 1024 * 1024);
    await flush();
    const bareS = await bareCopy(join(dir, 'bare'), files.rows, rows);
    await Promise.all(['bare', 'rows'].map((name) => rm(join(dir, name), { recursive: true })));
    await put(s3, `bench/${mb}/orders.copydump`, files.dump);
    const drill = join(dir, 'drill.yaml');
    await writeFile(drill, await drillFor(`bench/${mb}/`, rows));
    await writeFile(join(dir, 'scripts', 'restore-postgres.sh'), await script());
    await flush();
    const over = new AbortController();
    const reported = reportedAt(s3, over.signal);
    const run = await command(['run', drill, '--values', 'lab', '--json'], { ...env, FIREDRILL_HOME: home }, home);
    over.abort();
    const record = JSON.parse(run.printed) as RunRecord;
    if (record.verdict !== 'pass') throw new Error(`the restore did not pass: ${record.reasons.join(' ')}`);
    const launchedAt = Date.parse(record.steps.find(({ id }) => id === 'launch')!.startedAt!);
    const portions = (record.recovery.portions ?? []).filter(({ name }) =>
      ['launch', 'boot', 'restore'].includes(name),
    );
    return {
      bareS,
      restoreS: ((await reported) - launchedAt) / 1000,
      drillS: portions.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000,
      commandKb: run.commandKb,
      toolKb: run.toolKb,
    };
  } finally {
    s3.destroy();
    await rm(dir, { recursive: true, force: true });
  }
}

/** What anybody would do without a drill: initdb, start, and the same rows through the same COPY in one transaction. */
async function bareCopy(dir: string, rowsFile: string, expected: number): Promise<number> {
  const binaries = await locateBinaries();
  await makeServerDir(dir, binaries);
  const from = performance.now();
  const data = join(dir, 'postgres');
  await initCluster({ binaries, dir: data, user: 'postgres', password: 'bench', durable: false });
  const [host, settings] = ['127.0.0.1', localSettings];
  const server = await startServer({ binaries, dir: data, host, port: await freePort(host), settings });
  try {
    await server.ready;
    const login = { user: 'postgres', password: 'bench', database: 'postgres' };
    const client = new Client({ host: server.host, port: server.port, ...login });
    await client.connect();
    try {
      await client.query('BEGIN');
      for (const statement of [...roles, ...before]) await client.query(statement);
      const copy = await copyIn(client, copyText);
      for await (const piece of readRows(rowsFile)) await copy.write(piece);
      if ((await copy.end()) !== expected) throw new Error('the bare copy has other rows than the dump');
      for (const statement of [...after, 'COMMIT', 'ANALYZE']) await client.query(statement);
    } finally {
      await client.end();
    }
    return (performance.now() - from) / 1000;
  } finally {
    await server.stop('immediate');
  }
}

async function labUp(home: string): Promise<Record<string, string>> {
  const { printed } = await command(['lab', 'up', '--estate', 'single-instance', '--json'], { FIREDRILL_HOME: home });
  return (JSON.parse(printed) as { env: Record<string, string> }).env;
}

async function put(s3: S3Client, Key: string, file: string): Promise<void> {
  const { size: ContentLength } = await stat(file);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: createReadStream(file), ContentLength }));
}

/** What was written before shall not be in the way of what is measured. */
const flush = (): Promise<unknown> => promisify(execFile)('sync');

/** When the script reports: its object, made empty before, has something in it. Wall clock, milliseconds; NaN if it never does. */
async function reportedAt(s3: S3Client, over: AbortSignal): Promise<number> {
  while (!over.aborted) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'drills/' }));
    if (Contents.some(({ Size = 0 }) => Size > 0)) return Date.now();
    await sleep(lookMs);
  }
  return Number.NaN;
}

const s3Of = (env: Readonly<Record<string, string>>): S3Client =>
  new S3Client({
    endpoint: env['AWS_ENDPOINT_URL'],
    region: 'eu-central-1',
    credentials: { accessKeyId: env['AWS_ACCESS_KEY_ID']!, secretAccessKey: env['AWS_SECRET_ACCESS_KEY']! },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

/** @param home whose restore tool is watched, too */
async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  home?: string,
): Promise<{ printed: string; commandKb: number; toolKb: number }> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const peaks = peaksOf(child.pid!, home);
  await once(child, 'close');
  return { printed, ...(await peaks.stop()) };
}
