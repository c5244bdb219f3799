/** Homes and stores for tests: in a fresh directory that the server's user can reach, gone afterwards. */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { findServer } from '../../src/postgres/server.ts';
import { openStore } from '../../src/postgres/store.ts';
import type { Store } from '../../src/postgres/store.ts';

export interface Temporary {
  home: string;
  /** Also ends a store in it that some test has kept from being stopped. */
  remove(): Promise<void>;
}

export async function temporaryHome(): Promise<Temporary> {
  const home = await mkdtemp(join(tmpdir(), 'firedrill-'));
  await chmod(home, 0o711);
  const store = join(home, 'store');
  const remove = async (): Promise<void> => {
    const left = existsSync(join(store, 'postmaster.pid')) && (await findServer(await locateBinaries(home), store));
    if (left) await left.stop('immediate');
    await rm(home, { recursive: true, force: true });
  };
  return { home, remove };
}

export type TestStore = Store & { home: string };

/** A store of its own; `close` removes it. */
export async function temporaryStore(): Promise<TestStore> {
  const temporary = await temporaryHome();
  const { home } = temporary;
  const store = await openStore({ home });
  const close = async (): Promise<void> => {
    await store.close();
    await temporary.remove();
  };
  return { ...store, home, close };
}
