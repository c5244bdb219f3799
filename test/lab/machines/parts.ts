/** What tests of machines need: a network of their own, a directory, and the end of everything. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateBinaries } from '../../../src/postgres/binaries.ts';
import { processEntry } from '../../../src/lab/machines/process-table.ts';
import type { Workshop } from '../../../src/lab/machines/database-server.ts';

/** Takes a 127.N.0.0/16 that no lab and no other test has. */
export async function takeNetwork(): Promise<{ network: number; release(): Promise<void> }> {
  for (let network = 100; network < 250; network += 1) {
    const lock = createServer();
    lock.listen(5354, `127.${network}.0.2`);
    try {
      await once(lock, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    return {
      network,
      async release() {
        lock.close();
        await once(lock, 'close');
      },
    };
  }
  throw new Error('every network is taken');
}

/** A directory that the unprivileged user of the machines can reach. */
export async function takeDirectory(label = 'machines'): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `firedrill-${label}-`));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** What machines are made from, and which of the processes that were started are there still. */
export type TestWorkshop = Workshop & { pids: number[]; left(): number[] };

export async function workshop(network: number, directory: string): Promise<TestWorkshop> {
  const pids: number[] = [];
  // The kernel gives numbers out again: a process is known by when it began, too.
  const began = new Map<number, string | undefined>();
  const record = (pid: number) => {
    pids.push(pid);
    began.set(pid, processEntry(pid)?.startTime);
  };
  let hidden = 0;
  return {
    pids,
    left: () => pids.filter((pid) => began.get(pid) !== undefined && processEntry(pid)?.startTime === began.get(pid)),
    binaries: await locateBinaries(),
    directory,
    reaping: { record, close: async () => undefined },
    hiddenEndpoint: () => ({ host: `127.${network}.200.${(hidden += 1)}`, port: 5432 }),
    admin: { user: 'rdsadmin', password: 'admin' },
    report: (error) => {
      throw error;
    },
  };
}
