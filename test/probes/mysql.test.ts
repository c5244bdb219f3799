/** `mysql/canary` on a real server, where one is installed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Probe } from '../../src/domain/drill.ts';
import { openProbe } from '../../src/probes/index.ts';
import { serverBinary, startMariadb } from '../actions/verify/support/mariadb.ts';
import type { TestServer } from '../actions/verify/support/mariadb.ts';
import { clock, planOf, probeOf, runId } from './support/run.ts';

const env = { LOGIN: 'owner:secret' };
const soon = () => AbortSignal.timeout(60_000);
const canary = (port: number, connection: Probe['connection'] = 'fresh'): Probe =>
  probeOf(
    'write',
    'mysql/canary',
    { host: '127.0.0.1', port: `${port}`, name: 'shop', login: 'env:LOGIN' },
    { connection },
  );
const open = (probe: Probe) => openProbe(probe, { runId, plan: planOf([probe]), clock, env });

if (serverBinary === undefined) {
  test('a real server is not tried here: neither mariadbd nor mysqld is installed', () => {
    process.stderr.write('mysql/canary was not tried on a real server: install mariadb-server to do so.\n');
    expect(serverBinary).toBeUndefined();
  });
} else {
  describe('on a real server', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startMariadb();
      await server.sql('mysql', 'create database shop');
    });
    afterAll(() => server?.close());

    test.each(['fresh', 'pooled'] as const)(
      'writes, reads back and removes its rows over %s connections',
      async (connection) => {
        const live = open(canary(server.port, connection));
        for (const n of [7, 8, 9]) expect(await live.ask(n, soon())).toEqual({ outcome: 'good' });
        expect((await live.readBack!(soon())).sort()).toEqual([7, 8, 9]);
        await live.cleanUp!(soon());
        expect(await live.readBack!(soon())).toEqual([]);
        live.close();
      },
    );

    test('tells a database that takes no writes from one that is slow to answer', async () => {
      const live = open(canary(server.port));
      await live.ask(1, soon());
      await server.sql('shop', 'set global tx_read_only = 1');
      expect(await live.ask(2, soon())).toEqual({ outcome: 'bad', why: 'read-only' });
      await server.sql('shop', 'set session tx_read_only = 0', 'set global tx_read_only = 0');

      const states = 'select state from information_schema.processlist';
      const blocked = server.sql('shop', 'lock table firedrill_canary write', 'do sleep(600)');
      const sleeps = `select id from information_schema.processlist where info = 'do sleep(600)'`;
      await expect.poll(() => server.sql('shop', sleeps)).toHaveLength(1);
      const asking = new AbortController();
      const answer = live.ask(3, asking.signal);
      await expect.poll(async () => String(await server.sql('shop', states))).toMatch(/metadata lock/);
      asking.abort();
      expect(await answer).toEqual({ outcome: 'indeterminate', why: 'timeout' });
      const [[id] = []] = await server.sql('shop', sleeps);
      await server.sql('shop', `kill query ${String(id)}`);
      await blocked;
      await live.cleanUp!(soon());
      live.close();
    });

    test('counts a write as in doubt that the server broke off, and as bad one that it refused', async () => {
      const live = open(canary(server.port));
      await live.ask(1, soon());
      expect(await live.ask(1, soon())).toEqual({ outcome: 'bad', why: 'ER_DUP_ENTRY' });

      const blocked = server.sql('shop', 'lock table firedrill_canary write', 'select sleep(600)');
      blocked.catch(() => undefined); // it is ended below
      const idOf = async (query: string): Promise<unknown> => {
        const running = `select id from information_schema.processlist where info like '${query}%'`;
        return (await server.sql('shop', running))[0]?.[0];
      };
      await expect.poll(() => idOf('select sleep')).toBeDefined();
      const asked = live.ask(2, soon());
      await expect.poll(() => idOf('insert into firedrill')).toBeDefined();
      await server.sql('shop', `kill query ${String(await idOf('insert into firedrill'))}`);
      expect(await asked).toEqual({ outcome: 'indeterminate', why: 'ER_QUERY_INTERRUPTED' });
      await server.sql('shop', `kill ${String(await idOf('select sleep'))}`);
      await expect(blocked).rejects.toThrow();
      await live.cleanUp!(soon());
      live.close();
    });
  });
}
