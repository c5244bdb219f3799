/** Commands that only look, stopped at any moment: their store's Postgres doesn't stay behind. */
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { looking } from '../../src/cli/looking.ts';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { findServer } from '../../src/postgres/server.ts';
import { temporaryHome } from '../postgres/temporary.ts';

let temporary: Awaited<ReturnType<typeof temporaryHome>>;

beforeAll(async () => {
  temporary = await temporaryHome();
});
afterAll(() => temporary.remove());

/** The server of the store, if it runs. */
const server = async () => findServer(await locateBinaries(temporary.home), join(temporary.home, 'store'));

const leave = (why: Error): never => {
  throw why;
};

function command<T>(work: Parameters<typeof looking<T>>[1]) {
  const on = new EventEmitter();
  let said = '';
  const env = { FIREDRILL_HOME: temporary.home, FIREDRILL_LOG_LEVEL: 'silent' };
  const result = looking({ env, err: (text) => void (said += text), leave }, work, { on });
  return { result, on, send: (signal: NodeJS.Signals) => on.emit(signal, signal), said: () => said };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends a look that takes long, and the store with it',
  async (signal) => {
    let begun = (): void => undefined;
    const beginning = new Promise<void>((resolve) => (begun = resolve));
    const { result, send, said, on } = command(() => {
      begun();
      return new Promise(() => undefined);
    });
    await beginning;
    expect(await server()).toBeDefined();
    send(signal);
    await expect(result).rejects.toMatchObject({ code: 'stopped' });
    expect(said()).toContain('nothing has been touched');
    expect({ server: await server(), listening: on.eventNames() }).toEqual({ server: undefined, listening: [] });
  },
);

it('one that is stopped while the store starts doesn’t begin to look', async () => {
  let looked = false;
  const { result, send } = command(() => {
    looked = true;
    return Promise.resolve();
  });
  send('SIGINT');
  await expect(result).rejects.toMatchObject({ code: 'stopped' });
  expect({ looked, server: await server() }).toEqual({ looked: false, server: undefined });
});

it('one that nobody stops gives what it saw, and lets signals be', async () => {
  const { result, on } = command(async ({ log }) => (await log.runs()).length);
  expect(await result).toBe(0);
  expect({ server: await server(), listening: on.eventNames() }).toEqual({ server: undefined, listening: [] });
});

it('what was under way when it was stopped says nothing any more', async () => {
  let end = (): void => undefined;
  const awaited = new Promise<void>((resolve) => (end = resolve));
  let begun = (): void => undefined;
  const beginning = new Promise<void>((resolve) => (begun = resolve));
  let said = '';
  const { result, send } = command(async (_, unlessStopped) => {
    begun();
    await unlessStopped(awaited);
    said = 'the plan';
  });
  await beginning;
  send('SIGINT');
  end();
  await expect(result).rejects.toMatchObject({ code: 'stopped' });
  expect(said).toBe('');
});
