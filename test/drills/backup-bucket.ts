/** A directory that the backup scripts take for a bucket, and how a verification reads a manifest from it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ActionInput } from '../../src/actions/action.ts';
import type { ResolvedTarget } from '../../src/domain/plan.ts';
import { databaseAt } from '../actions/verify/support/climb.ts';

export interface Put {
  /** Where the objects are, by the last part of their key. */
  bucket: string;
  files: string[];
  /** Arguments of every call of the AWS CLI, in order. */
  calls: string[];
  manifest: string;
}

export interface Backups {
  directory: string;
  /** Has the script find this program before the one that is installed. */
  instead(program: string, lines: string): Promise<void>;
  /** Runs a backup script; it puts to s3://backups/nightly/shop.dump. */
  run(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Put>;
  /** What the buckets of all runs hold. */
  buckets(): Promise<string[][]>;
  remove(): Promise<void>;
}

export async function openBackups(): Promise<Backups> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-backup-'));
  const bin = join(directory, 'bin');
  await mkdir(bin);
  const instead: Backups['instead'] = (program, lines) =>
    writeFile(join(bin, program), `#!/bin/sh\nset -eu\n${lines}\n`, { mode: 0o755 });
  await instead('aws', 'echo "$@" >>"$BUCKET/calls"; cp "$4" "$BUCKET/${5##*/}"');
  return {
    directory,
    instead,
    async run(script, args, env) {
      const bucket = await mkdtemp(join(directory, 'bucket-'));
      await promisify(execFile)(script, args, { env: { ...env, PATH: `${bin}:${env['PATH']}`, BUCKET: bucket } });
      const read = (name: string): Promise<string> => readFile(join(bucket, name), 'utf8');
      return {
        bucket,
        files: (await readdir(bucket)).sort(),
        calls: (await read('calls')).trim().split('\n'),
        manifest: await read('shop.dump.manifest.json'),
      };
    },
    async buckets() {
      const names = (await readdir(directory)).filter((name) => name.startsWith('bucket-'));
      return Promise.all(names.map((name) => readdir(join(directory, name))));
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A manifest as the output of a step gives it. */
export const manifestObject: ResolvedTarget = {
  ...databaseAt(0, 'manifest'),
  type: 's3/object',
  items: [{ id: 'm', facts: { bucket: 'backups', key: 'nightly/shop.dump.manifest.json' } }],
};

/** The funnel to a bucket in which every object is this. */
export const bucketWith = (content: string): ActionInput['aws'] =>
  ({
    in: () => ({ s3: { getObject: async () => ({ Body: { transformToString: async () => content } }) } }),
  }) as never;
