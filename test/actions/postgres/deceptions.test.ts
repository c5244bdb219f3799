/** Restored PostgreSQL databases that look right from most sides: what a verifier that believes its eyes would let pass. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import { climb, databaseAt, inputOf, now } from '../verify/support/climb.ts';
import type { Climb, Climbed } from '../verify/support/climb.ts';
import { documentedSql, statementsOf } from '../verify/support/documented.ts';
import { shop, startPostgres } from '../verify/support/postgres.ts';
import type { TestServer } from '../verify/support/postgres.ts';
import { startStandby } from '../verify/support/standby.ts';

let copy: TestServer;
let began: Mark;
beforeAll(async () => {
  began = now();
  copy = await startPostgres();
  await copy.sql('postgres', 'create database shop', 'create role shop_app login');
  await copy.sql('shop', ...shop);
});
afterAll(() => copy?.close());

const verify = (params: Record<string, unknown>, database = 'shop', more: Partial<Climb> = {}): Promise<Climbed> =>
  climb(verifyPostgres, { params, began, targets: { db: databaseAt(copy.port, database) }, ...more });

/** A database of its own, like the good one but for what the statements do to it. */
async function deceptive(name: string, ...statements: string[]): Promise<string> {
  await copy.sql('postgres', `create database ${name} template shop`);
  await copy.sql(name, ...statements);
  return name;
}

const orders = { tables: { orders: { minRows: '1' } } };

test('rows that a policy hides from the verifier are not taken for rows that are gone', async () => {
  const database = await deceptive(
    'guarded',
    'alter table orders enable row level security',
    'create policy few on orders to verifier using (id <= 3)',
  );
  const { checks } = await verify(orders, database);
  expect(checks['rows']).toMatchObject({
    holds: false,
    provesNothing: true,
    said: expect.stringContaining(
      'row-level security policy for table "orders"; where policies hide rows, it needs BYPASSRLS.',
    ) as string,
  });
});

test('what holds no rows of its own is no table that was restored', async () => {
  const database = await deceptive(
    'seeming',
    'alter table canary rename to elsewhere',
    'create view canary as select * from elsewhere',
    'create foreign data wrapper wire',
    'create server far foreign data wrapper wire',
    'create foreign table remote (id int) server far',
  );
  const tables = { canary: { minRows: '1' }, remote: { minRows: '1' } };
  const { broken } = await verify({ tables, freshness: { table: 'canary', column: 'written_at' } }, database);
  expect(broken['rows']).toMatch(
    /canary is a view: it holds no rows.*; remote is a foreign table: its rows lie on another/,
  );
  expect(broken['freshness']).toContain('canary is a view');
});

describe('an answer', () => {
  test('from a view over a table without rows proves nothing, nor does one from no table', async () => {
    const database = await deceptive('hollow', 'truncate orders, returns');
    const sql = 'select count(*) from totals where total < 0';
    const { checks } = await verify({ queries: [{ sql, answer: '0' }] }, database);
    expect(checks['queries']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: expect.stringContaining('of what it asks orders has no row') as string,
    });
    const constant = await verify({ queries: [{ sql: 'select 1 from generate_series(1, 1)', answer: '1' }] }, database);
    expect(constant.checks['queries']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: expect.stringContaining('no query is seen to read a table') as string,
    });
  });

  test("from the system's own tables is none from rows that were restored", async () => {
    const sql = "select count(*) from pg_tables where schemaname = 'public'";
    const catalogue = [{ sql, answer: '4' }];
    const { checks } = await verify({ queries: catalogue });
    expect(checks['queries']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: expect.stringContaining('no query is seen to read a table') as string,
    });
    const features = "select count(*) > 0 from information_schema.sql_features where feature_id = 'B012'";
    expect((await verify({ queries: [{ sql: features, answer: 't' }] })).checks['queries']).toMatchObject({
      provesNothing: true,
    });
    const beside = { sql: 'select count(*) from customers', answer: '50' };
    expect((await verify({ queries: [...catalogue, beside] })).broken).toEqual({});
  });

  test('over a table that is declared empty, or over a partition without rows, is an answer', async () => {
    const database = await deceptive(
      'parted',
      'create table log (at int) partition by range (at)',
      'create table log_1 partition of log for values from (0) to (10)',
      'create table log_2 partition of log for values from (10) to (20)',
      'insert into log values (1)',
    );
    const queries = [
      { sql: 'select count(*) from log where at < 0 or at > 20', answer: '0' },
      { sql: 'select count(*) from log', answer: '1' },
      { sql: 'select count(*) from orders o join returns r on r.order_id = o.id', answer: '0' },
    ];
    const tables = { returns: { empty: 'true' } };
    expect((await verify({ queries, tables }, database)).broken).toEqual({});
  });
});

describe('a schema', () => {
  const rich = [
    "create type size as enum ('small', 'large')",
    'create domain cents as int check (value >= 0)',
    "create function shout(t text) returns text language sql immutable as 'select upper(t)'",
    "create function stamp() returns trigger language plpgsql as 'begin return new; end'",
    'create trigger stamped before update on orders for each row execute function stamp()',
    'create table log (at int, size size) partition by range (at)',
    'create table log_1 partition of log for values from (0) to (10)',
    "alter table customers add constraint named check (name <> '')",
    'grant select, insert on orders to shop_app',
    'alter table returns enable row level security',
    'create policy own on returns to shop_app using (reason = current_user)',
  ];
  const poor = [
    "alter type size add value 'huge'",
    'alter domain cents drop constraint cents_check',
    "create or replace function shout(t text) returns text language sql immutable as 'select lower(t)'",
    'alter table orders disable trigger stamped',
    'alter table log detach partition log_1',
    'alter table customers drop constraint named',
    "alter table customers add constraint named check (name <> '') not valid",
    'revoke insert on orders from shop_app',
    'alter table canary set unlogged',
    'drop policy own on returns',
    'alter table returns disable row level security',
    'alter table returns alter reason type text collate "C"',
    'alter table returns owner to shop_app',
    "update pg_index set indisvalid = false where indexrelid = 'orders_customer'::regclass",
  ];
  const differences: Readonly<Record<string, string>> = {
    'check customers.named': ' NOT VALID',
    'column returns.reason': 'text collate "C"',
    'function shout(text)': 'definition with MD5',
    'index orders.orders_customer': ' INVALID',
    'rights orders.shop_app': 'INSERT, SELECT',
    'table canary': 'unlogged table',
    'table log_1': 'partition of log FOR VALUES FROM (0) TO (10)',
    'table returns': ' with row security',
    'trigger orders.stamped': ' DISABLED',
    'type cents': 'CHECK',
    'type size': "'huge'",
  };

  test('is different in what a list of tables and columns does not show', async () => {
    const rows = async (database: string): Promise<Map<string, string>> => {
      const [made] = await copy.sql(database, ...statementsOf(documentedSql('jsonb_object_agg')));
      return new Map(Object.entries(JSON.parse(String(Object.values(made!)[0])) as Record<string, string>));
    };
    const good = await deceptive('rich', ...rich);
    const expected = await rows(good);
    await copy.sql('postgres', `create database poor template ${good}`);
    await copy.sql('poor', ...poor);
    const found = await rows('poor');
    for (const [what, sign] of Object.entries(differences)) {
      expect([what, expected.get(what) === found.get(what)]).toEqual([what, false]);
      expect(`${expected.get(what)} ${found.get(what)}`).toContain(sign);
    }
    expect(expected.get('database text')).toBe('UTF8 sorted by C, classified by C');

    const asked = { ...orders, schema: 'rich.json' };
    const file = () => JSON.stringify(Object.fromEntries(expected));
    expect((await verify(asked, good, { more: { file } })).broken).toEqual({});
    const { broken } = await verify(asked, 'poor', { more: { file } });
    expect(broken['schema']).toContain(
      'policy returns.own is missing; rights returns.owner is missing; rights returns',
    );
  });
});

describe('a server that goes on receiving', () => {
  test('what another one has shows the source and not the backup, and before that it shows the past', async () => {
    const standby = await startStandby(copy);
    try {
      const targets = { db: databaseAt(standby.port, 'shop') };
      const parts = await verifyPostgres.parts(inputOf(verifyPostgres, { params: orders, began, targets }));
      const rung = parts.find(({ name }) => name === 'not-the-source');
      if (rung?.shape !== 'observe') throw new Error('it does not observe');
      const look = () => rung.poll({ key: 'k', signal: new AbortController().signal });
      await expect.poll(look).toEqual({
        done: false,
        saw: `127.0.0.1:${standby.port} has not come to the end of its log: what it holds is still older`,
      });
      await standby.follow();
      const refusal = () =>
        look().then(
          () => undefined,
          (error: unknown) => error,
        );
      await expect.poll(refusal, { timeout: 60_000 }).toMatchObject({
        code: 'verifies-source',
        provesNothing: true,
        found: 'it replicates from another server, which goes on sending',
      });
    } finally {
      await standby.close();
    }
  });

  test('what it has subscribed to, too', async () => {
    const database = await deceptive(
      'subscribed',
      "create subscription news connection 'host=127.0.0.1 port=1' publication all_of_it with (connect = false)",
      "alter subscription news set (slot_name = 'news')",
      'alter subscription news enable',
    );
    try {
      await expect(verify(orders, database)).rejects.toMatchObject({ code: 'verifies-source' });
    } finally {
      await copy.sql(database, 'alter subscription news disable', 'alter subscription news set (slot_name = none)');
      await copy.sql(database, 'drop subscription news');
    }
  });
});

test('a target that the drill says it restores onto is taken for the copy, and no other one of that name', async () => {
  const onto = { ...databaseAt(copy.port, 'shop'), name: 'spare', select: { host: 'spare.internal' } };
  const more = { targets: { db: onto }, more: { targets: [onto] } };
  expect((await verify(orders, 'shop', more)).broken).toEqual({});
  const other = { ...onto, select: { host: 'live.internal' } };
  await expect(verify(orders, 'shop', { ...more, more: { targets: [other] } })).rejects.toMatchObject({
    code: 'verifies-source',
  });
});

test('a role whose statements are cut short by a setting of its own looks at its leisure', async () => {
  await copy.sql(
    'postgres',
    "create role hasty login password 'lookbook'",
    'grant pg_read_all_data to hasty',
    "alter role hasty set statement_timeout = '20ms'",
  );
  const queries = [{ sql: 'select count(pg_sleep(0.0005)) from orders', answer: '200' }];
  expect((await verify({ ...orders, user: 'hasty', queries })).broken).toEqual({});
});
