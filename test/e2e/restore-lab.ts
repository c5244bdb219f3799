/**
 * The single-instance lab for restores: its bucket, a copy of the shipped drill for every case, and what must hold whatever a case
 * did. Cases share the lab and may run side by side, because each has a prefix of its own in the bucket.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { Filter } from '@aws-sdk/client-ec2';
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { StorageClass } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { inhabitantsOf } from '../../src/lab/machines/inhabitants.ts';
import type { Inhabitant } from '../../src/lab/machines/inhabitants.ts';
import { Home } from './cli.ts';
import type { Running } from './cli.ts';
import { Estate } from './estate.ts';
import { labUp, listeners } from './lab.ts';
import type { LabUp } from './lab.ts';
import { patientQueries, shippedDrill } from './shipped.ts';

export const bucket = 'orders-backups';
const drillName = 'restore-dump-to-fresh-instance';
const scriptFile = 'restore-postgres.sh';
const shippedScript = fileURLToPath(new URL(`../../drills/scripts/${scriptFile}`, import.meta.url));

/** A backup as it lies in the bucket, and the manifest beside it. */
export interface Backup {
  dump: Buffer;
  manifest?: Buffer | undefined;
  /** ISO 8601. */
  takenAt: string;
  storageClass?: StorageClass;
}

/** What a case changes; the rest is as shipped. */
export interface Changes {
  drill?: (text: string) => string;
  script?: (text: string) => string;
  /** Under the case's prefix; none leaves it empty. Default: last night's. */
  backups?: readonly Backup[];
}

export interface LabInstance {
  id: string;
  address: string;
}

interface Before {
  estate: unknown;
  objects: readonly string[];
  listeners: readonly string[];
  /** Directories of instances. */
  disks: readonly string[];
  inhabitants: number;
}

export class RestoreLab {
  readonly home: Home;
  readonly lab: LabUp;
  readonly s3: S3Client;
  readonly ec2: EC2Client;
  readonly #estate: Estate;
  #before: Before | undefined;

  private constructor(home: Home, lab: LabUp) {
    this.home = home;
    this.lab = lab;
    const place = {
      region: 'eu-central-1',
      endpoint: lab.awsEndpoint,
      credentials: { accessKeyId: lab.env['AWS_ACCESS_KEY_ID']!, secretAccessKey: lab.env['AWS_SECRET_ACCESS_KEY']! },
    };
    this.s3 = new S3Client({ ...place, requestChecksumCalculation: 'WHEN_REQUIRED' });
    this.ec2 = new EC2Client(place);
    this.#estate = new Estate(lab);
  }

  static async open(): Promise<RestoreLab> {
    const home = await Home.make();
    try {
      const stage = new RestoreLab(home, await labUp(home, '--estate', 'single-instance'));
      stage.#before = await stage.#lookTwice();
      return stage;
    } catch (error) {
      await home.remove();
      throw error;
    }
  }

  /** @throws when the lab's end leaves anything */
  async close(): Promise<void> {
    this.s3.destroy();
    this.ec2.destroy();
    try {
      expect(await this.home.run('lab', 'down')).toMatchObject({ code: 0 });
      expect(await this.home.leftovers()).toEqual([]);
    } finally {
      await this.home.remove();
    }
  }

  /** Backups that the estate's own script took, oldest first. */
  async backups(): Promise<Backup[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'nightly/' }));
    const keys = Contents.map(({ Key = '' }) => Key).filter((key) => key.endsWith('.copydump'));
    return Promise.all(
      keys.map(async (key) => {
        const [dump, manifest] = await Promise.all([this.#read(key), this.#read(`${key}.manifest.json`)]);
        return { dump, manifest, takenAt: (JSON.parse(manifest.toString()) as { takenAt: string }).takenAt };
      }),
    );
  }

  async #read(Key: string): Promise<Buffer> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  }

  /** Puts the backups, and writes the drill that finds them. @returns its file */
  async prepare(name: string, { drill, script, backups }: Changes): Promise<string> {
    const prefix = `cases/${name}/`;
    for (const [n, backup] of (backups ?? [(await this.backups()).at(-1)!]).entries()) {
      await this.put(`${prefix}orders-${n}.copydump`, backup);
    }
    const dir = join(this.home.dir, name);
    await mkdir(join(dir, 'scripts'), { recursive: true });
    const [text, scriptText] = await Promise.all([
      readFile(shippedDrill(drillName), 'utf8'),
      readFile(shippedScript, 'utf8'),
    ]);
    const file = join(dir, 'drill.yaml');
    const own = patientQueries(text.replace('prefix: nightly/', `prefix: ${prefix}`));
    await writeFile(file, drill ? drill(own) : own);
    await writeFile(join(dir, 'scripts', scriptFile), script ? script(scriptText) : scriptText);
    return file;
  }

  async put(key: string, { dump, manifest, takenAt, storageClass }: Backup): Promise<void> {
    const Metadata = { 'recovery-point': takenAt };
    const put = (Key: string, Body: Buffer, StorageClass?: StorageClass) =>
      this.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, Metadata, StorageClass }));
    await put(key, dump, storageClass);
    if (manifest) await put(`${key}.manifest.json`, manifest);
  }

  start(file: string): Running {
    return this.home.start('run', file, '--values', 'lab', '--json');
  }

  /** What holds after every run: nothing that it made is there, and its record says so. */
  async expectNothingLeft(record: RunRecord): Promise<void> {
    expect(record.resources.filter(({ state }) => state !== 'deleted')).toEqual([]);
    expect(await this.instancesOf(record.runId)).toEqual([]);
    expect(await this.objectsNamed(record.runId)).toEqual([]);
  }

  /** The instances that a run launched and that are not terminated. */
  instancesOf(runId: string): Promise<LabInstance[]> {
    return this.#instances({ Name: 'tag:firedrill:run', Values: [runId] });
  }

  /** All instances that were not there in the beginning. */
  async launched(): Promise<LabInstance[]> {
    const before = this.#before!.disks;
    return (await this.#instances()).filter(({ id }) => !before.includes(id));
  }

  async #instances(...filters: readonly Filter[]): Promise<LabInstance[]> {
    const alive = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
    const { Reservations = [] } = await this.ec2.send(new DescribeInstancesCommand({ Filters: [alive, ...filters] }));
    return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId, PrivateIpAddress }) => ({
      id: InstanceId!,
      address: PrivateIpAddress!,
    }));
  }

  async copyOf(runId: string): Promise<LabInstance> {
    const [copy] = await this.instancesOf(runId);
    return copy!;
  }

  async terminate(id: string): Promise<void> {
    await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  }

  /** The instance that everything was backed up from. */
  async source(): Promise<LabInstance> {
    const [source] = await this.#instances({ Name: 'tag:Name', Values: ['orders'] });
    return source!;
  }

  /** Keys and versions with a run's id in them. */
  async objectsNamed(runId: string): Promise<string[]> {
    return (await this.#objects()).filter((each) => each.includes(runId));
  }

  /** When no run is on: the estate, its objects, ports and processes are those of the beginning. */
  async expectAsBefore(): Promise<void> {
    await expect.poll(() => this.#look(), { timeout: 120_000, interval: 500 }).toEqual(this.#before);
  }

  /** What a lab that has just come up still settles is not what the end is held to. */
  async #lookTwice(): Promise<Before> {
    for (let before = await this.#look(); ;) {
      const now = await this.#look();
      if (isDeepStrictEqual(now, before)) return now;
      before = now;
    }
  }

  async #look(): Promise<Before> {
    const [estate, objects, ports, disks] = await Promise.all([
      this.#estate.describe(),
      this.#objects(),
      listeners(this.lab),
      this.#disks(),
    ]);
    return {
      estate,
      objects: objects.filter((each) => !each.startsWith('cases/')),
      // Behind an instance's own address is another one, new at every start.
      listeners: ports.map(({ address }) => address.replace(/\.200\.\d+:/, '.200.x:')).sort(),
      disks,
      inhabitants: standing(inhabitantsOf(this.home.dir)).length,
    };
  }

  /** Directory of an instance. */
  async diskOf(id: string): Promise<string> {
    return join(await this.#labDir(), id);
  }

  async #disks(): Promise<string[]> {
    return (await readdir(await this.#labDir())).filter((name) => name.startsWith('i-')).sort();
  }

  async #labDir(): Promise<string> {
    const name = (await readdir(this.home.dir)).find((each) => each.startsWith('lab-'))!;
    return join(this.home.dir, name);
  }

  async #objects(): Promise<string[]> {
    const { Versions = [], DeleteMarkers = [] } = await this.s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${Key} ${VersionId}`).sort();
  }
}

/** Without the processes that a database server starts for its sessions: they come and go with those of the application. */
function standing(inhabitants: readonly Inhabitant[]): Inhabitant[] {
  const servers = new Set(inhabitants.filter(({ endsOn }) => endsOn !== undefined).map(({ pid }) => pid));
  return inhabitants.filter(({ parent }) => !servers.has(parent));
}
