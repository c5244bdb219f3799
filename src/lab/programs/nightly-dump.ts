/**
 * The script that backs the orders database up: dumps it to a file, then puts that and its manifest into the bucket. To a file first,
 * because S3 wants to know the length, and because a dump that failed half-way must not become an object.
 */
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from './commands.ts';
import { dumpTo } from './copydump/dump.ts';
import type { LocalPostgres } from './local-postgres.ts';
import { putFile } from './s3.ts';
import { required } from './settings.ts';

export const nightlyDump = (env: NodeJS.ProcessEnv, { connect }: LocalPostgres): Command => {
  let running = Promise.resolve();
  const dump: Command = async ([option, time], say) => {
    if (option !== undefined && option !== '--as-of') throw new Error(`${option} is not known; --as-of TIME is`);
    const [bucket, file] = [required(env, 'BACKUP_BUCKET'), join(required(env, 'HOME'), 'orders.copydump')];
    const manifestFile = `${file}.manifest.json`;
    const target = await open(file, 'w', 0o600);
    const client = await connect(required(env, 'DB_NAME'));
    try {
      const write = async (bytes: Buffer) => void (await target.write(bytes));
      const manifest = await dumpTo({ client, write, asOf: time });
      await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
      const key = `nightly/orders-${manifest.takenAt.slice(0, 10)}.copydump`;
      // The manifest last: where it is, the dump is too.
      const metadata = { 'recovery-point': manifest.takenAt };
      await putFile(env, file, { bucket, key, metadata });
      await putFile(env, manifestFile, { bucket, key: `${key}.manifest.json`, metadata });
      say(`s3://${bucket}/${key}`);
    } finally {
      await client.end();
      await target.close();
      for (const path of [file, manifestFile]) await rm(path, { force: true });
    }
  };
  // One at a time: they share a file.
  return (args, say) => {
    const mine = running.then(() => dump(args, say));
    running = mine.catch(() => undefined);
    return mine;
  };
};
