/**
 * The restore of a dump by a drill in the lab, against what it takes to do the same by hand (by-hand.ts), in turns; and whether memory
 * stays flat in the dump's size. FIREDRILL_BENCH_RESTORE_MB says how large the dump is.
 */
import { once } from 'node:events';
import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { RunRecord } from '../src/domain/record.ts';
import { writeDump } from './big-dump.ts';
import { copyRows, startInstance } from './by-hand.ts';
import { peaksOf } from './peaks.ts';
import { drillFor, restoreSeconds, script } from './restore-drill.ts';
import type { Row } from './table.ts';

const smallMb = 64;
/** Odd, so that one is in the middle. */
const rounds = 3;
const program = 'dist/cli/main.js';
const bucket = 'orders-backups';

export async function restore(): Promise<Row[]> {
  const largeMb = Number(process.env['FIREDRILL_BENCH_RESTORE_MB'] ?? 256);
  const home = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  await chmod(home, 0o711); // As root, Postgres runs as somebody else, who must be able to pass.
  try {
    const lab = await labUp(home);
    const [small] = await measure(lab, smallMb, 1);
    const large = await measure(lab, largeMb, rounds);
    const middle = (of: (each: Measured) => number): number =>
      large.map(of).toSorted((a, b) => a - b)[(rounds - 1) / 2]!;
    const peak = (of: 'commandKb' | 'toolKb') =>
      `${Math.round(small![of] / 1024)} -> ${Math.round(middle((each) => each[of]) / 1024)} MB`;
    const more = middle(({ startS, copyS, restoreS }) => restoreS / (startS + copyS) - 1) * 100;
    return [
      { what: 'by hand: start of an instance', figure: `${middle(({ startS }) => startS).toFixed(1)} s` },
      {
        what: `by hand: ${largeMb} MiB copied from the bucket, with initdb`,
        figure: `${middle(({ copyS }) => copyS).toFixed(1)} s`,
      },
      {
        what: 'the restore, from launch until its script is done',
        figure: `${middle(({ restoreS }) => restoreS).toFixed(1)} s`,
      },
      {
        what: `the restore, more than by hand, middle of ${rounds}`,
        figure: `${more.toFixed(1)} %`,
        aim: '< 10 % of 1 GiB',
      },
      { what: `peak memory of the command, ${smallMb} -> ${largeMb} MiB`, figure: peak('commandKb'), aim: 'flat' },
      { what: `peak memory of the restore tool, ${smallMb} -> ${largeMb} MiB`, figure: peak('toolKb'), aim: 'flat' },
    ];
  } finally {
    await command(['lab', 'down'], { FIREDRILL_HOME: home });
    await rm(home, { recursive: true, force: true });
  }
}

interface Lab {
  home: string;
  env: Readonly<Record<string, string>>;
  s3: S3Client;
  ec2: EC2Client;
}

interface Measured {
  startS: number;
  copyS: number;
  restoreS: number;
  commandKb: number;
  toolKb: number;
}

async function measure(lab: Lab, mb: number, times: number): Promise<Measured[]> {
  const dir = join(lab.home, `restore-${mb}`);
  await mkdir(join(dir, 'scripts'), { recursive: true, mode: 0o711 });
  const files = { dump: join(dir, 'dump'), rows: join(dir, 'rows') };
  const drill = join(dir, 'drill.yaml');
  const rowsKey = `rows/${mb}`;
  const rows = await writeDump(files, mb * 1024 * 1024);
  await put(lab.s3, `bench/${mb}/orders.copydump`, files.dump);
  await put(lab.s3, rowsKey, files.rows);
  await Promise.all(Object.values(files).map((file) => rm(file)));
  await writeFile(drill, await drillFor(`bench/${mb}/`, rows));
  await writeFile(join(dir, 'scripts', 'restore-postgres.sh'), await script());
  const measured: Measured[] = [];
  for (let time = 0; time < times; time += 1) {
    await flush();
    const startS = await startInstance(lab.s3, lab.ec2, bucket);
    const url = await getSignedUrl(lab.s3, new GetObjectCommand({ Bucket: bucket, Key: rowsKey }));
    const copyS = await copyRows(join(dir, 'by-hand'), url, rows);
    await rm(join(dir, 'by-hand'), { recursive: true });
    await flush();
    measured.push({ startS, copyS, ...(await runDrill(lab, drill)) });
  }
  return measured;
}

async function runDrill(
  { home, env }: Lab,
  drill: string,
): Promise<Pick<Measured, 'restoreS' | 'commandKb' | 'toolKb'>> {
  const { printed, ...peaks } = await command(
    ['run', drill, '--values', 'lab', '--json'],
    { ...env, FIREDRILL_HOME: home },
    home,
  );
  const record = JSON.parse(printed) as RunRecord;
  if (record.verdict !== 'pass') throw new Error(`the restore did not pass: ${record.reasons.join(' ')}`);
  return { restoreS: restoreSeconds(record), ...peaks };
}

async function labUp(home: string): Promise<Lab> {
  const { printed } = await command(['lab', 'up', '--estate', 'single-instance', '--json'], { FIREDRILL_HOME: home });
  const { env } = JSON.parse(printed) as { env: Record<string, string> };
  const settings = {
    endpoint: env['AWS_ENDPOINT_URL'],
    region: 'eu-central-1',
    credentials: { accessKeyId: env['AWS_ACCESS_KEY_ID']!, secretAccessKey: env['AWS_SECRET_ACCESS_KEY']! },
  };
  const s3 = new S3Client({ ...settings, requestChecksumCalculation: 'WHEN_REQUIRED' });
  return { home, env, s3, ec2: new EC2Client(settings) };
}

async function put(s3: S3Client, Key: string, file: string): Promise<void> {
  const { size: ContentLength } = await stat(file);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: createReadStream(file), ContentLength }));
}

/** What was written before shall not be in the way of what is measured. */
const flush = (): Promise<unknown> => promisify(execFile)('sync');

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
