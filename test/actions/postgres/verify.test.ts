/** The ladder on real PostgreSQL servers, with every sabotage of a restore that a verifier can see. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import { climb, databaseAt, env, inputOf, now } from '../verify/support/climb.ts';
import type { Climb, Climbed } from '../verify/support/climb.ts';
import { documentedSql, statementsOf } from '../verify/support/documented.ts';
import { shop, startPostgres } from '../verify/support/postgres.ts';
import type { TestServer } from '../verify/support/postgres.ts';

let source: TestServer;
let copy: TestServer;
let began: Mark;
beforeAll(async () => {
  source = await startPostgres();
  await source.sql('postgres', 'create database shop');
  await source.sql('shop', ...shop);
  began = now();
  copy = await startPostgres();
  await copy.sql('postgres', 'create database shop');
  // The same rows with the same times, as a restore brings them.
  await copy.sql('shop', ...shop, 'truncate canary');
  for (const row of await source.sql('shop', 'select n, written_at::text as at from canary')) {
    await copy.sql('shop', `insert into canary values (${Number(row['n'])}, '${String(row['at'])}')`);
  }
});
afterAll(async () => {
  await copy?.close();
  await source?.close();
});

const contents = {
  tables: {
    orders: { minRows: '100', rows: 'equal', checksum: ['id', 'customer_id', 'total', 'note'] },
    customers: { minRows: '50', checksum: 'all' },
    returns: { empty: 'true' },
  },
};
const everything = {
  ...contents,
  source: 'source',
  version: '18',
  schema: 'source',
  freshness: { table: 'canary', column: 'written_at', within: '1h' },
  queries: [
    { sql: 'select count(*) from orders where total < 0', answer: '0' },
    { sql: 'select max(note) from orders where id < 0', answer: 'NULL' },
    { sql: 'select id, name from customers order by id limit 2', answer: '1|c1\n2|c2' },
  ],
  performance: [{ sql: 'select count(*) from orders', first: '5m', warm: '5m' }],
};

const verify = (params: Record<string, unknown>, database = 'shop', more: Partial<Climb> = {}): Promise<Climbed> =>
  climb(verifyPostgres, {
    params,
    began,
    targets: {
      db: databaseAt(copy.port, database),
      source: databaseAt(source.port, 'shop', 'postgres', { name: 'orders-db', login: 'env:OWNER' }),
    },
    ...more,
  });

/** A database of its own, like the good one but for what the statements do to it. */
async function sabotaged(name: string, ...statements: string[]): Promise<string> {
  await copy.sql('postgres', `create database ${name} template shop`);
  await copy.sql(name, ...statements);
  return name;
}

test('a complete restore passes every rung, each with its figures', async () => {
  const { checks, outputs, broken } = await verify(everything);
  expect(broken).toEqual({});
  expect(Object.keys(checks)).toEqual([
    'connects',
    'not-the-source',
    'version',
    'schema',
    'rows',
    'checksums',
    'sequences',
    'freshness',
    'queries',
    'performance',
    'negative-control',
  ]);
  expect(checks['connects']!.said).toBe(`shop at 127.0.0.1:${copy.port} lets verifier in, read only.`);
  expect(checks['not-the-source']!.said).toMatch(
    /started .* ago, after recovery began .*another process than orders-db/,
  );
  expect(checks['rows']!.said).toBe('orders has 200 rows; customers has 50 rows; returns is empty, as declared.');
  expect(checks['negative-control']!.said).toMatch(/One altered value of customers and a floor of 51 rows.*found out/);
  expect(outputs).toMatchObject({
    engineVersion: expect.stringMatching(/^18/) as string,
    rows: { orders: 200, customers: 50, returns: 0 },
    checksums: { orders: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    performance: [{ sql: 'select count(*) from orders', firstMs: expect.any(Number) as number }],
  });
  expect(Date.parse(outputs['recoveryPointAt'] as string)).toBeLessThan(Date.now());
});

test('the negative control of a large table tries its first rows', async () => {
  const database = await sabotaged('large', 'create table big as select n as id from generate_series(1, 120000) n');
  await copy.sql(database, 'alter table big add primary key (id)');
  const { checks, broken } = await verify({ tables: { big: { minRows: '120000' } } }, database);
  expect(broken).toEqual({});
  expect(checks['negative-control']!.said).toContain('One altered value of the first 100000 rows of big');
});

test('what a drill does not ask for is left out, and the negative control never is', async () => {
  const { checks } = await verify({ tables: { orders: { minRows: '1' } } });
  expect(Object.keys(checks)).toEqual([
    'connects',
    'not-the-source',
    'version',
    'rows',
    'sequences',
    'negative-control',
  ]);
});

test('the documented statements make what it is compared with: schema and checksum', async () => {
  const [made] = await source.sql('shop', ...statementsOf(documentedSql('jsonb_object_agg')));
  const [summed] = await source.sql('shop', ...statementsOf(documentedSql('orders', 'bit(64)')));
  const file = (path: string) => (path === 'shop.json' ? String(Object.values(made!)[0]) : '');
  const params = {
    tables: { orders: { checksum: ['id', 'customer_id', 'total'], minRows: '1' } },
    source: 'source',
    schema: 'shop.json',
  };
  const { checks, outputs, broken } = await verify(params, 'shop', { more: { file } });
  expect(broken).toEqual({});
  expect(checks['schema']!.said).toMatch(/^All \d+ parts of the schema are as shop.json says\.$/);
  expect(outputs['checksums']).toEqual({ orders: summed!['value'] });
});

describe('a manifest', () => {
  const manifestOf = (tables: object): Partial<Climb>['more'] => {
    const Body = {
      transformToString: () => Promise.resolve(JSON.stringify({ takenAt: '2026-11-21T03:00:00Z', tables })),
    };
    const s3 = { getObject: () => Promise.resolve({ Body }) };
    return { aws: { in: () => ({ s3 }) } as never };
  };
  const manifest = {
    name: 'm',
    type: 's3/object',
    items: [{ id: 'm', facts: { bucket: 'b', key: 'k.manifest.json' } }],
  };
  const held = (tables: object, params: object, database = 'shop') =>
    verify({ manifest: 'manifest', ...params }, database, {
      more: manifestOf(tables),
      targets: { db: databaseAt(copy.port, database), manifest: manifest as never },
    });
  const columns = ['id', 'customer_id', 'total', 'note'];

  test('is compared with exactly, whatever the source has become', async () => {
    const { outputs } = await verify({ tables: { orders: { minRows: '1', checksum: columns } }, source: 'source' });
    const value = (outputs['checksums'] as { orders: string }).orders;
    const tables = { orders: { rows: 200, checksum: { columns, value } }, customers: { rows: 50 } };
    const asked = { tables: { orders: { rows: 'equal', checksum: ['note', ...columns.slice(0, 3)] } } };
    expect((await held(tables, asked)).broken).toEqual({});

    const other = {
      ...tables,
      orders: { rows: 201, checksum: { columns, value: 'ff' } },
      returns: { rows: 4 },
      gone: { rows: 1 },
    };
    const { broken } = await held(other, asked);
    expect(broken['rows']).toBe(
      'orders has 200 rows, the manifest of 2026-11-21 03:00:00 UTC 201 rows: 1 fewer (0.50 %); returns has no row, expected the manifest of 2026-11-21 03:00:00 UTC 4 rows: 4 fewer (100 %); one that may be empty must be declared so; gone is missing: in the manifest of 2026-11-21 03:00:00 UTC 1 row.',
    );
    expect(broken['checksums']).toContain('differs from the manifest of 2026-11-21 03:00:00 UTC: expected checksum ff');
  });

  test('that says nothing of what is asked blames the drill, and says what it lacks', async () => {
    const asked = { tables: { orders: { rows: 'equal', checksum: ['id', 'note'] } } };
    const { checks } = await held({ customers: { rows: 50 } }, asked);
    expect(checks['rows']).toMatchObject({
      provesNothing: true,
      said: 'orders can not be compared: the manifest says nothing of it.',
    });
    expect(checks['checksums']).toMatchObject({
      provesNothing: true,
      said: 'the manifest says nothing of orders, so it has no checksum to compare with.',
    });
    const without = await held({ orders: { rows: 200 } }, asked);
    expect(without.broken['checksums']).toBe('the manifest has no checksum of orders.');
    const others = await held({ orders: { rows: 200, checksum: { columns, value: 'ff' } } }, asked);
    expect(others.broken['checksums']).toBe(
      "the manifest's checksum of orders is over id, customer_id, total, note, not over id, note.",
    );
  });

  test('tells of tables that the drill does not name, too, to the row', async () => {
    const tables = { orders: { rows: 200 }, customers: { rows: 50 }, canary: { rows: 31 }, returns: { rows: 0 } };
    const asked = { tables: { orders: { rows: 'equal' } } };
    const { broken } = await held(tables, asked);
    expect(broken['rows']).toBe('canary has 30 rows, the manifest of 2026-11-21 03:00:00 UTC 31 rows: 1 fewer (3 %).');
    const { checks } = await held({ ...tables, canary: { rows: 30 } }, asked);
    expect(checks['rows']).toEqual({
      holds: true,
      said: 'orders has 200 rows; returns, not declared, is empty, as in the manifest of 2026-11-21 03:00:00 UTC; 2 other tables have the rows that it says.',
    });
  });

  test('tells of what is no table in a list of them: partitions, materialized views, tables of an extension', async () => {
    const database = await sabotaged(
      'unlisted',
      'create table log (at int) partition by range (at)',
      'create table log_1 partition of log for values from (0) to (10)',
      'create table log_2 partition of log for values from (10) to (20)',
      'insert into log values (1), (2)',
      'create materialized view sums as select count(*) from orders',
      'create table places (id int)',
      'insert into places values (1), (2), (3)',
      'alter extension plpgsql add table places',
    );
    const asked = { tables: { orders: { rows: 'equal' } } };
    const right = {
      orders: { rows: 200 },
      'public.log_1': { rows: 2 },
      log_2: { rows: 0 },
      sums: { rows: 1 },
      places: { rows: 3 },
    };
    const { checks } = await held(right, asked, database);
    expect(checks['rows']).toEqual({
      holds: true,
      said: 'orders has 200 rows; log_2, not declared, is empty, as in the manifest of 2026-11-21 03:00:00 UTC; 3 other tables have the rows that it says.',
    });
    const wrong = { ...right, log_2: { rows: 5 }, places: { rows: 4 }, totals: { rows: 50 }, log_3: { rows: 1 } };
    expect((await held(wrong, asked, database)).broken['rows']?.split('; ')).toEqual([
      'log_2 has no row, expected the manifest of 2026-11-21 03:00:00 UTC 5 rows: 5 fewer (100 %)',
      'one that may be empty must be declared so',
      expect.stringMatching(/^totals is a view: it holds no rows of its own/),
      'log_3 is missing: in the manifest of 2026-11-21 03:00:00 UTC 1 row',
      'places has 3 rows, the manifest of 2026-11-21 03:00:00 UTC 4 rows: 1 fewer (25 %).',
    ]);
  });

  test('speaks for the emptiness of the tables that it knows, and of no others', async () => {
    const database = await sabotaged('silent', 'truncate returns');
    const asked = {
      tables: { orders: { rows: 'equal' } },
      queries: [{ sql: 'select count(*) from returns where reason is null', answer: '0' }],
    };
    const known = await held({ orders: { rows: 200 }, returns: { rows: 0 } }, asked, database);
    expect(known.broken).toEqual({});
    const { checks } = await held({ orders: { rows: 200 } }, asked, database);
    expect(checks['queries']).toMatchObject({ holds: false, provesNothing: true });
  });

  test('that says nothing of what is asked blames the drill', async () => {
    const { checks } = await held(
      { customers: { rows: 50 } },
      { tables: { orders: { checksum: columns, rows: 'equal' } } },
    );
    expect(checks['checksums']).toMatchObject({ holds: false, provesNothing: true });
    expect(checks['rows']).toMatchObject({ holds: false, provesNothing: true });
  });
});

describe('a source that has grown since the recovery point', () => {
  const asked = { rows: 'equal', checksum: ['id', 'customer_id', 'total', 'note'] };
  const whole = { source: 'source', tables: { orders: asked } };
  // The newest order that the copy has; the rows after it came when the backup was taken already.
  const upTo = { source: 'source', asOf: '2026-01-01T00:03:20Z', tables: { orders: { ...asked, upTo: 'placed_at' } } };
  const grown = 'grown';
  beforeAll(async () => {
    await source.sql('postgres', `create database ${grown} template shop`);
    await source.sql(
      grown,
      "insert into orders (customer_id, total, placed_at) select 1, 5, '2026-02-01' from generate_series(1, 7)",
    );
  });
  const against = (params: object, database = 'shop') =>
    verify({ ...params }, database, {
      targets: {
        db: databaseAt(copy.port, database),
        source: databaseAt(source.port, grown, 'postgres', { name: 'orders-db', login: 'env:OWNER' }),
      },
    });

  test('differs from the copy as a whole', async () => {
    const { broken } = await against(whole);
    expect(broken['rows']).toContain('orders has 200 rows, the source 207 rows: 7 fewer');
    expect(broken['checksums']).toContain('7 missing');
  });

  test('is like the copy up to then', async () => {
    const { broken, checks } = await against(upTo);
    expect(broken).toEqual({});
    expect(checks['checksums']!.said).toContain('200 rows, as in the source up to 2026-01-01 00:03:20 UTC, checksum');
  });

  test('still shows what the copy lacks of the time before', async () => {
    const database = await sabotaged('behind', 'delete from orders where id = 17');
    const { broken } = await against(upTo, database);
    expect(broken['rows']).toContain('orders has 199 rows, up to 2026-01-01 00:03:20 UTC the source 200 rows: 1 fewer');
    expect(broken['checksums']).toContain('1 missing (key 17)');
  });

  test('shows a table that the copy lacks, as the fault of the restore', async () => {
    const database = await sabotaged('without', 'drop table orders cascade');
    const { checks } = await against(upTo, database);
    expect(checks['rows']).toMatchObject({
      holds: false,
      said: expect.stringContaining('orders is missing') as string,
    });
    expect(checks['rows']!.provesNothing).toBeUndefined();
    expect(checks['checksums']!.said).toBe('orders is missing, so it has no checksum.');
  });

  test('can not be bounded by what is no time', async () => {
    await expect(against({ ...upTo, asOf: 'yesterday' })).rejects.toThrow('not a time');
    const tables = { orders: { ...asked, upTo: 'note' } };
    await expect(against({ ...upTo, tables })).rejects.toMatchObject({ code: 'no-such-time', provesNothing: true });
  });
});

describe('a restore that is', () => {
  test('empty does not pass for a drill that only asks queries, which hold of nothing', async () => {
    const database = await sabotaged('nothing', 'truncate orders, customers, returns, canary');
    const queries = [{ sql: 'select count(*) from orders where total < 0', answer: '0' }];
    expect((await verify({ queries }, database)).broken['negative-control']).toContain(
      'No table of the restored database',
    );
    const { checks } = await verify({ queries }, database);
    expect(checks['queries']).toEqual({
      holds: false,
      provesNothing: true,
      said: "'select count(*) from orders where total < 0' gives 0, but of what it asks orders has no row; one that may be empty must be declared so.",
    });
  });

  test('empty never passes, neither where rows are declared nor where nobody declared the table', async () => {
    const database = await sabotaged('hollow', 'truncate orders, customers, returns, canary');
    const { broken } = await verify({ ...everything, tables: { orders: { maxRows: '1000' } } }, database);
    expect(broken['rows']).toContain('orders has no row, expected the source 200 rows: 200 fewer (100 %)');
    expect(broken['rows']).toContain('customers has no row, expected the source 50 rows: 50 fewer (100 %)');
    expect(broken['freshness']).toBe('canary has no row, so nothing tells how fresh the data is.');
    const alone = await verify({ tables: { orders: { maxRows: '1000' } } }, database);
    expect(alone.broken['rows']).toBe(
      'orders has no row, expected some; one that may be empty must be declared so; not declared and empty: canary, customers, returns.',
    );
  });

  test('lacking a table says so once, not part by part', async () => {
    const database = await sabotaged('lacking', 'drop table returns', 'drop view totals');
    const { broken } = await verify(everything, database);
    expect(broken['schema']).toContain('table returns is missing; view totals is missing.');
    expect(broken['schema']).toMatch(/^2 of \d+ parts/);
    expect(broken['rows']).toContain('returns is missing: in the source 0 rows');
  });

  test('different in one value fails its checksum and names the row, never its contents', async () => {
    const database = await sabotaged('altered', "update orders set note = 'tampered' where id = 77");
    const { broken } = await verify(everything, database);
    expect(Object.keys(broken)).toEqual(['checksums']);
    expect(broken['checksums']).toMatch(
      /orders \(id, customer_id, total, note\) differs from the source: expected checksum \w{32}, found \w{32}, with as many rows \(200\); compared with the source: 1 altered \(key 77\)\./,
    );
    expect(broken['checksums']).not.toContain('tampered');
  });

  test('shifted by a time zone fails the checksum of that column', async () => {
    const database = await sabotaged('elsewhen', "update orders set placed_at = placed_at + interval '2 hours'");
    const tables = { orders: { rows: 'equal', checksum: ['id', 'placed_at'] } };
    const { broken } = await verify({ tables, source: 'source' }, database);
    expect(broken['checksums']).toMatch(/orders \(id, placed_at\) differs from the source: .* altered/);
  });

  test('lacking rows and holding others says which', async () => {
    const database = await sabotaged(
      'shifted',
      'delete from orders where id in (5, 6, 7)',
      'insert into orders (customer_id, total) values (1, 1)',
    );
    const { broken } = await verify(everything, database);
    expect(broken['rows']).toContain('orders has 198 rows, the source 200 rows: 2 fewer (1 %)');
    expect(broken['rows']).toContain('the source is live and may have changed since the recovery point');
    expect(broken['checksums']).toContain('3 missing (key 5, 6, 7), 1 extra (key 201)');
  });

  test('there twice is told as that, and floors alone would not see it', async () => {
    const database = await sabotaged(
      'doubled',
      'alter table orders drop constraint orders_pkey',
      'alter table orders alter id drop identity',
      'insert into orders select * from orders',
    );
    const { broken } = await verify({ ...everything, tables: { orders: { minRows: '100' } } }, database);
    expect(broken['rows']).toBe(
      'orders has 400 rows, exactly twice the source 200 rows: every row is there twice, as if restored twice; the source is live and may have changed since the recovery point: a manifest taken with the backup would tell.',
    );
    expect(broken['schema']).toContain('primary key orders.orders_pkey is missing');
    expect(broken['schema']).toContain(
      'column orders.id changed: expected bigint not null generated always as identity',
    );
  });

  test('stale says how much too old', async () => {
    const database = await sabotaged('stale', "update canary set written_at = now() - interval '27 hours 10 minutes'");
    const within = { freshness: { table: 'canary', column: 'written_at', within: '26h' } };
    const { broken } = await verify({ ...everything, ...within }, database);
    expect(broken['freshness']).toMatch(/old when recovery began; expected at most 26 h: 1 h \d+ min too old\./);
  });

  test('dated in the future, or not at all, dates nothing', async () => {
    const future = await sabotaged('future', "insert into canary values (99, now() + interval '2 hours')");
    const first = await verify(everything, future);
    expect(first.broken['freshness']).toMatch(/in the future: it dates nothing\.$/);
    expect(first.outputs['recoveryPointAt']).toBeUndefined();
    const undated = await sabotaged('undated', 'update canary set written_at = null');
    expect((await verify(everything, undated)).broken['freshness']).toBe('canary.written_at is NULL in all 30 rows.');
    const number = await verify({ ...everything, freshness: { table: 'canary', column: 'n' } });
    expect(number.checks['freshness']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: 'canary.n is of type integer, which is no point of time.',
    });
  });

  test('of another version says which way', async () => {
    expect((await verify({ ...contents, source: 'source', version: '17' })).broken['version']).toMatch(
      /^Expected PostgreSQL 17, found 18[.\w]*: newer\.$/,
    );
  });

  test('slow says by how much', async () => {
    const performance = [{ sql: 'select pg_sleep(0.05)', first: '10ms', warm: '20ms' }];
    const { broken } = await verify({ tables: { orders: { minRows: '1' } }, performance });
    expect(broken['performance']).toMatch(
      /first \d.*?, expected at most 10 ms: \d[^;]* slower; .*warm \d.*?, expected at most 20 ms: \d.* slower/,
    );
  });

  test('wrong in an answer gives both answers', async () => {
    const queries = [
      { sql: 'select count(*) from orders', answer: '190' },
      { sql: 'select nothing from orders', answer: '1' },
      { sql: "select distinct 'fine' from orders", answer: 'fine' },
    ];
    const { broken } = await verify({ queries });
    expect(broken['queries']).toBe(
      `'select count(*) from orders': expected 190, found 200: 10 more; 'select nothing from orders' failed: column "nothing" does not exist.`,
    );
  });
});

describe('a verification that could prove nothing', () => {
  test('with a wrong password stops at once and says nothing of the password', async () => {
    const failure = await verify({ ...contents, source: 'source', password: 'env:WRONG' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'login-refused', provesNothing: true });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(env.WRONG);
  });

  test('without the secret that it refers to is told which', async () => {
    const failure = verify({ ...contents, source: 'source', password: 'env:NOWHERE' });
    await expect(failure).rejects.toMatchObject({ code: 'secret-missing', provesNothing: true });
  });

  test('of the source itself is stopped: by its address, its process, or its age', async () => {
    const at = databaseAt(source.port, 'shop');
    const sourceTarget = databaseAt(source.port, 'shop', 'postgres', { name: 'orders-db', login: 'env:OWNER' });
    const asked = { ...contents, source: 'source' };
    const targets = { db: at, source: sourceTarget };
    await expect(verify(asked, 'shop', { targets, more: { targets: [sourceTarget] } })).rejects.toMatchObject({
      code: 'verifies-source',
      provesNothing: true,
      found: `127.0.0.1:${source.port} is the address of target orders-db`,
    });
    await expect(verify(asked, 'shop', { targets })).rejects.toMatchObject({
      code: 'verifies-source',
      found: expect.stringContaining('the same server process as orders-db') as string,
    });
    // However long the look takes, the server is older than a recovery that is still to begin.
    const later: Mark = { ...began, ns: String(BigInt(now().ns) + 60_000_000_000n) };
    await expect(
      verify({ tables: { orders: { minRows: '1' } } }, 'shop', { targets, began: later }),
    ).rejects.toMatchObject({
      code: 'verifies-source',
      found: expect.stringMatching(/has been running for .*, longer than the .* since recovery began/) as string,
    });
  });

  test('of a database that is not there is a failure of the restore', async () => {
    const failure = verify({ ...contents, source: 'source' }, 'nowhere');
    await expect(failure).rejects.toMatchObject({ code: 'no-such-database', provesNothing: false });
  });

  test('waits for a server that is not up yet', async () => {
    const input = inputOf(verifyPostgres, {
      params: { tables: { orders: { minRows: '1' } } },
      targets: { db: databaseAt(1, 'shop') },
      began,
    });
    const [connects] = await verifyPostgres.parts(input);
    if (connects?.shape !== 'observe') throw new Error('not an observation');
    expect(await connects.poll({ key: 'k', signal: new AbortController().signal })).toMatchObject({
      done: false,
      saw: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  test('of a table that the role may not read blames the drill', async () => {
    const database = await sabotaged('closed', 'create table hidden (id int)');
    await copy.sql('postgres', "create role narrow login password 'lookbook'");
    await copy.sql(database, 'grant select on orders to narrow');
    const { checks } = await verify({ user: 'narrow', tables: { customers: { minRows: '1' } } }, database);
    expect(checks['rows']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: expect.stringContaining(
        'may not do this on the restored database: permission denied for table customers; it needs SELECT on the whole table,',
      ) as string,
    });
    const note = await verify({ user: 'narrow', tables: { orders: { minRows: '1' } } }, database);
    expect(note.checks['rows']!.said).toContain(
      'not declared and not readable for this role: canary, customers, hidden, returns',
    );
  });
});

test('a role that could write is told of, and writes nothing even so', async () => {
  await copy.sql('postgres', "create role heavy superuser login password 'lookbook'");
  const queries = [{ sql: 'with gone as (delete from customers returning 1) select count(*) from gone', answer: '0' }];
  const { checks, broken } = await verify({
    user: 'heavy',
    queries,
    tables: { customers: { rows: 'equal' } },
    source: 'source',
  });
  expect(checks['connects']!.said).toContain('the role is a superuser: one that may only read is enough');
  expect(broken['queries']).toContain('in a read-only transaction');
  expect(checks['rows']!.holds).toBe(true);
});

test('the password may lie in JSON, as Secrets Manager keeps it', async () => {
  expect((await verify({ ...contents, source: 'source', password: 'env:SECRET_JSON' })).broken).toEqual({});
});

test('one statement is one statement, whatever the text says', async () => {
  const sql = "select distinct ';' from orders";
  expect((await verify({ queries: [{ sql, answer: ';' }] })).broken).toEqual({});
});
