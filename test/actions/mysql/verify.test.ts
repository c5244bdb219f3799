/** The ladder on real MariaDB servers, where one is installed; what needs no server is tried everywhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mysqlEngine } from '../../../src/actions/mysql/engine.ts';
import { verifyMysql } from '../../../src/actions/mysql/verify.ts';
import type { ReadSession } from '../../../src/actions/verify/engine.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import { climb, databaseAt, env, inputOf, now } from '../verify/support/climb.ts';
import type { Climb, Climbed } from '../verify/support/climb.ts';
import { documentedSql, statementsOf } from '../verify/support/documented.ts';
import { opened } from '../verify/support/opened.ts';
import { serverBinary, startMariadb } from '../verify/support/mariadb.ts';
import type { TestServer } from '../verify/support/mariadb.ts';

const shop = [
  'create table customers (id int primary key, name varchar(80) not null, mail varchar(80)) character set latin1',
  `create table orders (id bigint auto_increment primary key, customer_id int not null, total decimal(10, 2) not null,
     note text, weight float, seal varbinary(8), placed_at datetime(3) not null, key orders_customer (customer_id),
     constraint orders_of foreign key (customer_id) references customers (id))`,
  'create table returns (order_id bigint primary key, reason text)',
  'create table canary (n int primary key, written_at timestamp(3) null)',
  'create view totals as select customer_id, sum(total) as total from orders group by customer_id',
  ...fill(50, (n) => `insert into customers values (${n}, 'cé${n}', ${n % 3 === 0 ? 'null' : `'${n}@example.org'`})`),
  ...fill(
    120,
    (n) => `insert into orders (customer_id, total, note, weight, seal, placed_at) values
      (${1 + (n % 50)}, ${n * 1.5}, ${n % 7 === 0 ? 'null' : `'note ${n}'`}, ${n} / 3, unhex('00ff${10 + (n % 80)}'), '2026-01-01 00:00:${10 + (n % 50)}')`,
  ),
];

function fill(n: number, statement: (n: number) => string): string[] {
  return Array.from({ length: n }, (_, index) => statement(index + 1));
}

const tables = {
  orders: { minRows: '100', rows: 'equal', checksum: 'all' },
  customers: { minRows: '50', checksum: ['id', 'name', 'mail'] },
  returns: { empty: 'true' },
};
const contents = { tables: { orders: { checksum: 'all' } }, source: 'source' };
const everything = {
  tables,
  source: 'source',
  schema: 'source',
  freshness: { table: 'canary', column: 'written_at', within: '1h' },
  queries: [
    { sql: 'select count(*) from orders where total < 0', answer: '0' },
    { sql: 'select count(*) from customers where name = "cé7"', answer: '1' },
    { sql: 'select max(note) from orders where id < 0', answer: 'NULL' },
    { sql: 'select id, name from customers order by id limit 2', answer: '1|cé1\n2|cé2' },
  ],
  performance: [{ sql: 'select count(*) from orders', first: '5m', warm: '5m' }],
};

if (serverBinary === undefined) {
  test('real servers are not tried here: neither mariadbd nor mysqld is installed', () => {
    process.stderr.write('mysql/verify was not tried on a real server: install mariadb-server to do so.\n');
    expect(serverBinary).toBeUndefined();
  });
} else {
  describe('on a real server', onRealServers);
}

function onRealServers(): void {
  let source: TestServer;
  let copy: TestServer;
  let began: Mark;
  let newest: string;
  beforeAll(async () => {
    source = await startMariadb();
    began = now();
    copy = await startMariadb();
    newest = new Date(Date.now() - 30_000).toISOString();
    for (const server of [source, copy]) {
      await server.sql('mysql', 'create database shop');
      await server.sql(
        'shop',
        "set time_zone = '+00:00'",
        ...shop,
        `insert into canary values (1, '${newest.replace('T', ' ').replace('Z', '')}'), (2, null)`,
      );
    }
  });
  afterAll(async () => {
    await copy?.close();
    await source?.close();
  });

  const verify = (params: Record<string, unknown>, more: Partial<Climb> = {}): Promise<Climbed> =>
    climb(verifyMysql, {
      params,
      began,
      targets: {
        db: databaseAt(copy.port, 'shop', 'mysql'),
        source: databaseAt(source.port, 'shop', 'mysql', { name: 'orders-db', login: 'env:OWNER' }),
      },
      ...more,
    });
  /** Does something to the copy, looks, and takes it back. */
  const sabotaged = async (there: string[], back: string[], params: Record<string, unknown>): Promise<Climbed> => {
    await copy.sql('shop', ...there);
    try {
      return await verify(params);
    } finally {
      await copy.sql('shop', ...back);
    }
  };

  test('a complete restore passes every rung, each with its figures', async () => {
    const { checks, outputs, broken } = await verify(everything);
    expect(broken).toEqual({});
    expect(Object.keys(checks)).toHaveLength(10);
    expect(checks['connects']!.said).toBe(`shop at 127.0.0.1:${copy.port} lets verifier in, read only.`);
    expect(checks['negative-control']!.said).toMatch(/One altered value of customers and a floor of 51 rows/);
    expect(outputs).toMatchObject({ rows: { orders: 120, customers: 50, returns: 0 } });
    const age = Date.now() - Date.parse(outputs['recoveryPointAt'] as string);
    expect(age).toBeGreaterThan(29_000);
    expect(age).toBeLessThan(1_500_000);
  });

  test.each([
    ['a text', "update orders set note = 'x' where id = 77", 'update orders set note = null where id = 77'],
    [
      'a float',
      'update orders set weight = 25.6666671 where id = 77',
      'update orders set weight = 77 / 3 where id = 77',
    ],
    [
      'bytes',
      "update orders set seal = unhex('00fe87') where id = 77",
      "update orders set seal = unhex('00ff87') where id = 77",
    ],
    [
      'a time',
      "update orders set placed_at = '2026-01-01 00:00:37.001' where id = 77",
      "update orders set placed_at = '2026-01-01 00:00:37' where id = 77",
    ],
  ])('one altered value is found, and its row told: %s', async (_, there, back) => {
    const { broken } = await sabotaged([there], [back], contents);
    expect(broken['checksums']).toMatch(/with as many rows \(120\); compared with the source: 1 altered \(key 77\)\.$/);
  });

  test('rows that are gone, a table that is gone, and one that is empty are found', async () => {
    const gone = await sabotaged(
      ['create table kept as select * from canary', 'delete from canary', 'rename table returns to sent_back'],
      ['insert into canary select * from kept', 'drop table kept', 'rename table sent_back to returns'],
      everything,
    );
    expect(gone.broken['rows']).toContain('returns is missing: in the source 0 rows');
    expect(gone.broken['rows']).toContain('canary has no row, expected the source 2 rows: 2 fewer (100 %)');
    expect(gone.broken['freshness']).toContain('canary has no row');
    expect(gone.broken['schema']).toMatch(/table returns is missing; table kept is extra; table sent_back is extra\.$/);
  });

  test('a changed column, index and key are told one by one', async () => {
    const { broken } = await sabotaged(
      ['alter table orders drop foreign key orders_of', 'alter table customers modify name varchar(90)'],
      [
        'alter table orders add constraint orders_of foreign key (customer_id) references customers (id)',
        'alter table customers modify name varchar(80) not null',
      ],
      everything,
    );
    expect(broken['schema']).toContain('foreign key orders.orders_of is missing');
    expect(broken['schema']).toMatch(
      /column customers.name changed: expected varchar\(80\) latin1\w* not null, found varchar\(90\) latin1\w+/,
    );
  });

  test('the documented statements make what it is compared with: schema and checksum', async () => {
    const [made] = await source.sql('shop', ...statementsOf(documentedSql('json_quote')));
    const [summed] = await source.sql('shop', ...statementsOf(documentedSql('orders', 'conv(')));
    const file = () => made![0] as string;
    const asked = {
      tables: { orders: { checksum: ['id', 'customer_id', 'total'], minRows: '1' } },
      source: 'source',
      schema: 'shop.json',
    };
    const { outputs, broken } = await verify(asked, { more: { file } });
    expect(broken).toEqual({});
    expect(outputs['checksums']).toEqual({ orders: summed![1] });
  });

  test('what an answer was not given from is told: a table without rows behind a view, none but the system’s, or no table', async () => {
    const queries = [{ sql: 'select count(*) from totals t where t.total < 0', answer: '0' }];
    const there = ['create table kept as select * from orders', 'delete from orders'];
    const back = ['insert into orders select * from kept', 'drop table kept'];
    const hollow = await sabotaged(there, back, { queries });
    expect(hollow.checks['queries']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: expect.stringContaining('of what it asks orders has no row') as string,
    });
    expect((await verify({ queries })).broken).toEqual({});
    await copy.sql(
      'mysql',
      "create user blunt@'127.0.0.1' identified by 'lookbook'",
      "grant select on shop.* to blunt@'127.0.0.1'",
    );
    expect((await verify({ queries, tables: { orders: { minRows: '1' } }, user: 'blunt' })).broken).toEqual({});
    expect((await verify({ queries, user: 'blunt' })).checks['queries']).toMatchObject({ provesNothing: true });
    await copy.sql('mysql', "grant select on mysql.proxies_priv to blunt@'127.0.0.1'");
    const nothing = [
      'select 1 from dual',
      'select count(*) > 0 from information_schema.tables',
      'select count(*) > 0 from mysql.proxies_priv',
    ];
    const idle = await verify({ queries: nothing.map((sql) => ({ sql, answer: '1' })), user: 'blunt' });
    expect(idle.checks['queries']).toMatchObject({
      holds: false,
      provesNothing: true,
      said: expect.stringMatching(/^no query is seen to read a table/) as string,
    });
  });

  test('a view in a table’s place holds no rows of its own', async () => {
    const there = ['rename table canary to elsewhere', 'create view canary as select * from elsewhere'];
    const back = ['drop view canary', 'rename table elsewhere to canary'];
    const { broken } = await sabotaged(there, back, { tables: { canary: { minRows: '1' } } });
    expect(broken['rows']).toContain('canary is a view: it holds no rows of its own');
  });

  test('what a list of tables and columns does not show is part of the schema, too', async () => {
    const make = [
      'create table log (at int not null) partition by range (at) (partition p0 values less than (10), partition p1 values less than (20))',
      'alter table returns add constraint given check (order_id > 0)',
      'create function shout(t text) returns text deterministic return upper(t)',
    ];
    const drop = ['drop table log', 'alter table returns drop constraint given', 'drop function shout'];
    const schema = { tables: { orders: { minRows: '1' } }, source: 'source', schema: 'source' };
    await source.sql('shop', ...make);
    try {
      const there = [
        ...make,
        'alter table log drop partition p1',
        'alter table returns drop constraint given, add constraint given check (order_id > 1)',
        'alter database shop character set utf32',
      ];
      const { broken } = await sabotaged(there, [...drop, 'alter database shop character set default'], schema);
      expect(broken['schema']).toContain('partition log.p1 is missing');
      expect(broken['schema']).toMatch(/check returns.given changed: expected .*> 0.*, found .*> 1/);
      expect(broken['schema']).toMatch(/database text changed: expected \w+ \w+, found utf32/);
    } finally {
      await source.sql('shop', ...drop);
    }
  });

  test('a wrong password stops at once, and so does a verification of the source', async () => {
    const failure = await verify({ tables, source: 'source', password: 'env:WRONG' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'login-refused', provesNothing: true });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(`'${env.WRONG}'`);
    const original = databaseAt(source.port, 'shop', 'mysql', { name: 'orders-db', login: 'env:OWNER' });
    const targets = { db: databaseAt(source.port, 'shop', 'mysql'), source: original };
    await expect(verify({ tables, source: 'source' }, { targets })).rejects.toMatchObject({ code: 'verifies-source' });
  });

  test('the version may be given in part or in full; another one says which way', async () => {
    const queries = [{ sql: 'select count(*) from customers', answer: '50' }];
    const { outputs } = await verify({ queries });
    const [major] = (outputs['engineVersion'] as string).split('.');
    expect((await verify({ queries, version: major })).broken).toEqual({});
    expect((await verify({ queries, version: '99' })).broken['version']).toMatch(
      /expected|Expected MySQL 99, found .*older/,
    );
  });

  test('a role that could write is told of, and writes nothing even so', async () => {
    await copy.sql(
      'mysql',
      "create user heavy@'127.0.0.1' identified by 'lookbook'",
      "grant all on *.* to heavy@'127.0.0.1'",
    );
    const input = inputOf(verifyMysql, {
      params: { user: 'heavy', tables: { customers: { minRows: '1' } } },
      targets: { db: databaseAt(copy.port, 'shop', 'mysql') },
      began,
    });
    const [connects] = await verifyMysql.parts(input);
    if (connects?.shape !== 'observe') throw new Error('not an observation');
    const { signal } = new AbortController();
    await expect
      .poll(() => connects.poll({ key: 'k', signal }))
      .toMatchObject({
        check: { said: expect.stringContaining('the role holds ALL PRIVILEGES') as string },
      });
    const at = { host: '127.0.0.1', address: '127.0.0.1', port: copy.port, database: 'shop', tls: 'off' as const };
    const session = await opened(
      mysqlEngine,
      { ...at, user: 'heavy', password: 'lookbook' },
      { statementMs: 60_000, signal },
    );
    await expect(session.query('delete from customers')).rejects.toThrow(/READ ONLY/);
    await expect(session.query('select 1; select 2')).rejects.toThrow(/syntax/);
    await session.close();
  });

  test('equal values have the checksum that they have in PostgreSQL', async () => {
    await copy.sql(
      'shop',
      'create table alike (n int, a text, b text) character set utf8mb4',
      "insert into alike values (2, null, 'é'), (1, 'a', null)",
    );
    const { outputs } = await verify({ tables: { alike: { checksum: 'all' } }, source: 'source' });
    await copy.sql('shop', 'drop table alike');
    expect(outputs['checksums']).toEqual({ alike: '17782c6a09531fcaaa2fb27bcb0752d2' });
  });

  test('a query that takes too long is given up', async () => {
    const signal = new AbortController().signal;
    const at = { host: '127.0.0.1', address: '127.0.0.1', port: copy.port, database: 'shop', tls: 'off' as const };
    const session = await opened(
      mysqlEngine,
      { ...at, user: 'verifier', password: 'lookbook' },
      { statementMs: 200, signal },
    );
    const failure = await session
      .query(
        "select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c where sha2(concat(a.column_name, b.column_name, c.column_name), 512) = ''",
      )
      .catch((error: unknown) => error);
    expect(mysqlEngine.troubleOf(failure)).toBe('slow');
    await session.close();
  });
}

test('a replica is known by what MariaDB tells everybody, or MySQL those who may know', async () => {
  const session = (status: [string, string][], receiving: [string][] | Error): ReadSession => ({
    query: (sql) => {
      if (sql.startsWith('show')) return Promise.resolve(status);
      return receiving instanceof Error ? Promise.reject(receiving) : Promise.resolve(receiving);
    },
    close: () => Promise.resolve(),
  });
  const denied = Object.assign(new Error('denied'), { code: 'ER_TABLEACCESS_DENIED_ERROR' });
  expect(await mysqlEngine.replication(session([['Slave_running', 'ON']], []))).toBe('follows');
  expect(await mysqlEngine.replication(session([], [['1']]))).toBe('follows');
  expect(await mysqlEngine.replication(session([], denied))).toBeUndefined();
  await expect(mysqlEngine.replication(session([], new TypeError('a defect')))).rejects.toThrow('a defect');
});

test('errors of servers and sockets are told apart', () => {
  expect(mysqlEngine.troubleOf({ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 })).toBe('login-refused');
  expect(mysqlEngine.troubleOf({ code: 'ER_BAD_DB_ERROR', errno: 1049 })).toBe('no-database');
  expect(mysqlEngine.troubleOf({ code: 'ECONNREFUSED' })).toBe('unreachable');
  expect(mysqlEngine.troubleOf({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })).toBe('tls');
  expect(mysqlEngine.troubleOf({ code: 'ER_TABLEACCESS_DENIED_ERROR' })).toBe('denied');
  expect(mysqlEngine.troubleOf({ code: 'ER_NO_SUCH_TABLE' })).toBe('refused');
  expect(mysqlEngine.troubleOf(new TypeError('a defect'))).toBe('unknown');
});
