/** What is proven by SQL, on a real server. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitLag, parsePosition } from '../../../src/actions/rds/await-lag.ts';
import { fencePrimary } from '../../../src/actions/rds/fence-primary.ts';
import { promoteReplica } from '../../../src/actions/rds/promote-replica.ts';
import type { ActionInput } from '../../../src/actions/action.ts';
import type { SqlPort, SqlSession } from '../../../src/actions/sql-port.ts';
import { lookBySql } from '../../../src/actions/sql.ts';
import type { Progress } from '../../../src/domain/part.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import type { TestStore } from '../../postgres/temporary.ts';
import { temporaryStore } from '../../postgres/temporary.ts';
import type { TestLab } from '../support/lab.ts';
import { active, openTestLab, passive } from '../support/lab.ts';
import { doStep, inputFor, lookOnce } from '../support/step.ts';

let store: TestStore;
let lab: TestLab;
let replica: ResolvedTarget;
let primary: ResolvedTarget;
beforeAll(async () => {
  store = await temporaryStore();
  lab = await openTestLab((world) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
  replica = await lab.resolve('rds/instance', passive, { id: 'orders-db' }, 'env:LOGIN');
  primary = await lab.resolve('rds/instance', active, { id: 'orders-db' }, 'env:LOGIN');
});
afterAll(async () => {
  await lab.close();
  await store.close();
});

/** Sessions to the test's own server, whatever the lab says where the database is. */
const sql: SqlPort = async () => {
  const client = new pg.Client({ connectionString: store.url });
  await client.connect();
  return {
    query: async (text, values) => (await client.query(text, values?.slice())).rows as never,
    close: () => client.end(),
  };
};

async function query(...statements: string[]): Promise<void> {
  const session = await sql(primary, { host: '', port: 0 });
  for (const statement of statements) await session.query(statement);
  await session.close();
}

describe('a promotion', () => {
  test('counts once a write has been committed', async () => {
    await query("alter system set default_transaction_read_only = 'on'", 'select pg_reload_conf()');
    const input = inputFor({
      lab,
      action: promoteReplica,
      params: { replica: 'db' },
      targets: { db: replica },
      more: { sql },
    });
    const [part] = await promoteReplica.parts(input);
    if (part?.shape !== 'change') throw new Error('not a change');
    const attempt = { key: 'k', signal: new AbortController().signal };
    await part.write({ replicaOf: null }, { replicaOf: 'x' }, attempt);
    const settled = (): Promise<Progress> => part.settled({ replicaOf: null }, attempt);
    await expect.poll(async () => JSON.stringify(await settled())).toContain('read-only transaction');

    await query('alter system reset default_transaction_read_only', 'select pg_reload_conf()');
    await expect.poll(settled).toMatchObject({ done: true, outputs: { provenBy: 'sql-write' } });
  });
});

describe('a read-only fence', () => {
  test('holds once the transactions that began before it have ended', async () => {
    const older = new pg.Client({ connectionString: store.url });
    await older.connect();
    await older.query('begin');
    await older.query('select 1');
    await query("alter system set default_transaction_read_only = 'on'", 'select pg_reload_conf()');

    const params = { database: 'db', mode: 'read-only' };
    const input = inputFor({ lab, action: fencePrimary, params, targets: { db: primary }, more: { sql } });
    const [part] = await fencePrimary.parts(input);
    if (part?.shape !== 'change') throw new Error('not a change');
    const attempt = { key: 'k', signal: new AbortController().signal };
    const settled = (): Promise<Progress> => part.settled({ value: '1' }, attempt);
    await expect.poll(settled).toEqual({ done: false, saw: '1 older transactions of orders-db have not ended' });

    await older.query('commit');
    await expect.poll(settled).toEqual({ done: true, outputs: { confirmed: true } });
    await older.end();
    await query('alter system reset default_transaction_read_only', 'select pg_reload_conf()');
  });
});

describe('a lag of nothing', () => {
  /** The source answers positions from `flushed`, the replica from `replayed`, the last one for ever. */
  const positions = (flushed: string[], replayed: string[]): SqlPort => {
    const next = (list: string[]): string => (list.length > 1 ? list.shift()! : list[0]!);
    return () =>
      Promise.resolve<SqlSession>({
        query: (text) => Promise.resolve([{ lsn: next(text.includes('replay') ? replayed : flushed) }]),
        close: () => Promise.resolve(),
      });
  };
  const setUp = async (port: SqlPort | undefined, max = '0s', login: string | undefined = 'env:LOGIN') => {
    const { aws } = lab;
    const source = await lab.resolve('rds/instance', active, { id: 'orders-db' });
    await aws
      .in(passive)
      .rds.deleteDBInstance({ DBInstanceIdentifier: 'follower', SkipFinalSnapshot: true })
      .catch(() => {});
    await expect
      .poll(() =>
        aws
          .in(passive)
          .rds.describeDBInstances({ DBInstanceIdentifier: 'follower' })
          .catch(() => 'gone'),
      )
      .toBe('gone');
    await aws.in(passive).rds.createDBInstanceReadReplica({
      DBInstanceIdentifier: 'follower',
      SourceDBInstanceIdentifier: source.items[0]!.arn!,
      DBSubnetGroupName: 'orders',
    });
    await expect
      .poll(
        async () =>
          (await aws.in(passive).rds.describeDBInstances({ DBInstanceIdentifier: 'follower' })).DBInstances![0]!
            .DBInstanceStatus,
      )
      .toBe('available');
    const follower = { ...(await lab.resolve('rds/instance', passive, { id: 'follower' })), login };
    const more: Partial<ActionInput> = { sql: port };
    return { lab, action: awaitLag, params: { replica: 'db', max }, targets: { db: follower }, more };
  };

  test('is there when the source stands still and the replica has replayed all of it', async () => {
    const port = positions(['0/100', '0/200', '0/200'], ['0/100', '0/180', '0/200']);
    expect((await doStep(await setUp(port))).outputs).toEqual({ lagSeconds: 0 });
  });

  test('is not there while the source goes on, even if the replica keeps up', async () => {
    let n = 0;
    const port: SqlPort = () =>
      Promise.resolve<SqlSession>({
        query: (text) => Promise.resolve([{ lsn: `0/${(text.includes('replay') ? n : (n += 1)).toString(16)}` }]),
        close: () => Promise.resolve(),
      });
    const setup = await setUp(port);
    const [part] = await awaitLag.parts(inputFor(setup));
    if (part?.shape !== 'observe') throw new Error('not an observation');
    const attempt = { key: 'k', signal: new AbortController().signal };
    for (let looks = 0; looks < 3; looks += 1) expect(await part.poll(attempt)).toMatchObject({ done: false });
  });

  test('can not be proven without a login, which the plan refuses', async () => {
    const setup = await setUp(undefined, '0s', undefined);
    const { login: _, ...without } = setup.targets.db;
    const input = inputFor({ ...setup, targets: { db: without } });
    await expect(lookOnce(awaitLag, input)).rejects.toMatchObject({ code: 'lag-unprovable' });
    expect((await awaitLag.preview!(input)).findings).toMatchObject([{ severity: 'refuse' }]);
  });

  test('positions are 64-bit numbers in two halves', () => {
    expect(parsePosition('16/B374D848')).toBe(0x16b374d848n);
    expect(parsePosition('0/FFFFFFFF') < parsePosition('1/0')).toBe(true);
  });
});

test('sessions log in with what lies behind the reference, and a database that is not there yet is waited for', async () => {
  const { hostname, port, username, password, pathname } = new URL(store.url);
  const env = {
    LOGIN: JSON.stringify({ username, password: decodeURIComponent(password) || 'x', dbname: pathname.slice(1) }),
  };
  const input = {
    ...inputFor({ lab, action: promoteReplica, params: { replica: 'db' }, targets: { db: replica } }),
    env,
  };
  const look = (at: number) =>
    lookBySql(input, replica, { host: hostname, port: at }, async (session) => {
      const [row] = await session.query('select 1 + $1::int as n', [1]);
      return { done: true, outputs: { n: row!['n'] as number } };
    });
  await expect.poll(() => look(Number(port))).toEqual({ done: true, outputs: { n: 2 } });
  expect(await look(1)).toEqual({ done: false, saw: expect.stringContaining('ECONNREFUSED') as string });
  input.env = {} as never;
  await expect(look(Number(port))).rejects.toMatchObject({ code: 'secret-missing' });
});
