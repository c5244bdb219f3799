/** Sequences of restored PostgreSQL databases: which of them a restore left behind, and which stood there all the time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import type { Check } from '../../../src/domain/part.ts';
import { bucketWith, manifestObject } from '../../drills/backup-bucket.ts';
import { climb, databaseAt, env, now } from '../verify/support/climb.ts';
import { shop, startPostgres } from '../verify/support/postgres.ts';
import type { TestServer } from '../verify/support/postgres.ts';

let source: TestServer;
let copy: TestServer;
let began: Mark;
beforeAll(async () => {
  source = await startPostgres();
  began = now();
  copy = await startPostgres();
  for (const server of [source, copy]) {
    await server.sql('postgres', 'create database shop');
    await server.sql('shop', ...shop);
  }
});
afterAll(async () => {
  await copy?.close();
  await source?.close();
});

const seeds = [
  'create table countries (id serial primary key, name text)',
  "insert into countries select n, 'land ' || n from generate_series(1, 5) n",
];
const byHand = 'insert into orders (id, customer_id, total) overriding system value values';

/** A database of that name, like the shop but for what the statements do to it. */
async function make(server: TestServer, name: string, statements: readonly string[]): Promise<void> {
  await server.sql('postgres', `create database ${name} template shop`);
  await server.sql(name, ...statements);
}

interface Beside {
  /** What is done to the source. */
  live?: readonly string[];
  /** Where sequences stood when the backup was taken, as its manifest says. */
  stood?: Readonly<Record<string, number | string>>;
}

/** What the rung says of the copy, alone or held against a source or a manifest. */
async function look(name: string, restored: readonly string[], { live, stood }: Beside = {}): Promise<Check> {
  await make(copy, name, restored);
  if (live) await make(source, name, live);
  const of = { name: 'orders-db', login: 'env:OWNER' };
  const { checks } = await climb(verifyPostgres, {
    params: {
      tables: { orders: { minRows: '1' } },
      ...(live && { source: 'source' }),
      ...(stood && { manifest: 'manifest' }),
    },
    began,
    more: { aws: bucketWith(JSON.stringify({ takenAt: '2026-11-21T03:00:00Z', tables: {}, sequences: stood })) },
    targets: {
      db: databaseAt(copy.port, name),
      manifest: manifestObject,
      ...(live && { source: databaseAt(source.port, name, 'postgres', of) }),
    },
  });
  return checks['sequences']!;
}

describe('without a source', () => {
  test('a sequence that was never used over rows that are there is told, and shows nothing', async () => {
    expect(await look('seeded', seeds)).toEqual({
      holds: true,
      notShown: true,
      said: '1 of 2 sequences may stand before the numbers that are there by right, or may be lost: the source would tell; countries_id_seq gives 1 next, and countries.id has numbers up to 5.',
    });
  });

  test('a number close by that somebody wrote by hand is told, and shows nothing', async () => {
    const check = await look('close', [`${byHand} (205, 1, 1)`]);
    expect(check).toMatchObject({ holds: true, notShown: true });
    expect(check.said).toContain('orders_id_seq gives 201 next, and orders.id has numbers up to 205');
  });

  test('a high number that somebody wrote by hand is let be', async () => {
    expect(await look('sentinel', [`${byHand} (2000000000, 1, 1)`])).toEqual({
      holds: true,
      said: '1 sequence stands where the next row can be added.',
    });
  });

  test('one that was used and collides at once fails, also where a default names it', async () => {
    const bills = [
      'create sequence numbers',
      "create table bills (n int default nextval('numbers'), next int)",
      'insert into bills select from generate_series(1, 5)',
      "select setval('numbers', 2)",
    ];
    expect(await look('used', [...bills, ...seeds])).toEqual({
      holds: false,
      said: '1 of 3 sequences is not where it was; numbers gives 3 next, and bills.n has numbers up to 5.',
    });
  });
});

describe('with a source', () => {
  test('one that stands there as well is no loss, whatever the source added since', async () => {
    expect(await look('alike', seeds, { live: seeds })).toEqual({
      holds: true,
      said: "1 of 2 sequences stands before the numbers that are there, as in the source; countries_id_seq gives 1 next, the source's 1, and countries.id has numbers up to 5.",
    });
    const close = `${byHand} (205, 1, 1)`;
    const moved = [close, 'insert into orders (customer_id, total) values (1, 1), (1, 1)'];
    const check = await look('moved', [close], { live: moved });
    expect(check).toMatchObject({ holds: true, said: expect.stringContaining("201 next, the source's 203") as string });
    expect(check.notShown).toBeUndefined();
  });

  test('one that stands at the beginning although the source used it fails', async () => {
    expect(await look('restarted', ['alter sequence orders_id_seq restart', ...seeds], { live: seeds })).toEqual({
      holds: false,
      said: "1 of 2 sequences is not where it was; orders_id_seq gives 1 next, the source's 201, and orders.id has numbers up to 200.",
    });
  });

  test('one that the source does not have is judged as without it', async () => {
    expect(await look('extra', seeds, { live: [] })).toMatchObject({ holds: true, notShown: true });
  });
});

describe('with a manifest that says where sequences stood', () => {
  const standsBehind =
    '1 of 2 sequences stands before the numbers that are there, as in the manifest; countries_id_seq gives 1 next, in the manifest 1, and countries.id has numbers up to 5.';

  test('one that stood there when the backup was taken is no loss, and nobody asks the source, which moved on', async () => {
    const used = [...seeds, "select setval('countries_id_seq', 5)"];
    const stood = { 'public.countries_id_seq': '1', orders_id_seq: 201 };
    expect(await look('by_right', seeds, { stood })).toEqual({ holds: true, said: standsBehind });
    expect(await look('by_right_still', seeds, { stood, live: used })).toEqual({ holds: true, said: standsBehind });
  });

  test('one that was never used since it was restored fails where it had been used', async () => {
    const stood = { countries_id_seq: 6, orders_id_seq: 201 };
    expect(await look('forgotten', seeds, { stood })).toEqual({
      holds: false,
      said: '1 of 2 sequences is not where it was; countries_id_seq gives 1 next, in the manifest 6, and countries.id has numbers up to 5.',
    });
  });

  test('one that gives numbers of rows a second time fails, also where those rows are gone', async () => {
    const fewer = ['delete from orders where id > 100', "select setval('orders_id_seq', 100)"];
    expect(await look('again', fewer)).toMatchObject({ holds: true });
    expect(await look('twice', fewer, { stood: { orders_id_seq: 201 } })).toEqual({
      holds: false,
      said: '1 sequence is not where it was; orders_id_seq gives 101 next, in the manifest 201, and orders.id has numbers up to 100.',
    });
  });

  test('one at its place or past it holds, as far as numbers go, and so does one that no column knows', async () => {
    const ahead = ['create sequence bills', `alter sequence bills minvalue 1 start 1 restart ${2n ** 62n + 1n}`];
    expect(await look('ahead', ahead, { stood: { orders_id_seq: 190, bills: `${2n ** 62n}` } })).toEqual({
      holds: true,
      said: 'All 2 sequences stand where the next row can be added, none before where the manifest has it.',
    });
    const behind = await look('ahead_not', ahead, { stood: { bills: `${2n ** 62n + 2n}` } });
    expect(behind).toEqual({
      holds: false,
      said: '1 of 2 sequences is not where it was; bills gives 4611686018427387905 next, in the manifest 4611686018427387906.',
    });
  });

  test('one that is not there fails, and one that the manifest does not know is judged as without it', async () => {
    expect(await look('lacks', seeds, { stood: { bills: 42, orders_id_seq: 201 } })).toEqual({
      holds: false,
      said: '1 of 3 sequences is not where it was; bills is missing, which gave 42 next when the backup was taken.',
    });
    expect(await look('unknown', seeds, { stood: { orders_id_seq: 201 } })).toMatchObject({
      holds: true,
      notShown: true,
    });
    expect(await look('partly', [], { stood: {} })).toEqual({
      holds: true,
      said: '1 sequence stands where the next row can be added.',
    });
  });
});

describe('what the role may not read', () => {
  const narrow = { user: 'narrow', tables: { customers: { minRows: '1' } } };
  const lookAs = async (name: string, ...statements: string[]): Promise<Check | undefined> => {
    await make(copy, name, ['grant select on customers to narrow', ...statements]);
    const { checks } = await climb(verifyPostgres, {
      params: narrow,
      began,
      targets: { db: databaseAt(copy.port, name) },
    });
    return checks['sequences'];
  };
  beforeAll(() => copy.sql('postgres', "create role narrow login password 'lookbook'"));

  test('is not known to stand right, and the right that is missing is named', async () => {
    expect(await lookAs('closed', 'grant select on orders to narrow')).toEqual({
      holds: false,
      provesNothing: true,
      said: '1 sequence may not be read by the verification role: orders_id_seq of orders.id (grant it SELECT ON SEQUENCE orders_id_seq).',
    });
    const hidden = ['create schema audit', 'create table audit.log (id serial primary key)'];
    const check = await lookAs('two_rights', 'grant select on orders_id_seq to narrow', ...hidden);
    expect(check).toMatchObject({ holds: false, provesNothing: true });
    expect(check!.said).toContain(
      'audit.log_id_seq of audit.log.id (grant it USAGE ON SCHEMA audit, SELECT ON SEQUENCE audit.log_id_seq, SELECT ON TABLE audit.log)',
    );
    expect(check!.said).toContain('orders_id_seq of orders.id (grant it SELECT ON TABLE orders)');
  });

  test('of the source leaves open what it would tell', async () => {
    await source.sql('postgres', "create role narrow login password 'lookbook'");
    await make(source, 'shut', ['grant select on customers to narrow', ...seeds]);
    const right = 'grant select on all tables in schema public to narrow';
    await make(copy, 'shut', [...seeds, right, 'grant select on all sequences in schema public to narrow']);
    const of = { name: 'orders-db', login: 'env:NARROW' };
    const { checks } = await climb(verifyPostgres, {
      params: { ...narrow, source: 'source' },
      began,
      targets: { db: databaseAt(copy.port, 'shut'), source: databaseAt(source.port, 'shut', 'postgres', of) },
      more: { env: { ...env, NARROW: 'narrow:lookbook' } },
    });
    expect(checks['sequences']).toMatchObject({ holds: true, notShown: true });
    expect(checks['sequences']!.said).toContain(
      "the source's may not be read by the verification role: countries_id_seq of countries.id (grant it SELECT ON",
    );
  });

  test('is told beside one that is certainly lost, which fails', async () => {
    const check = await lookAs(
      'worse',
      'grant select on orders, orders_id_seq to narrow',
      "select setval('orders_id_seq', 100)",
      ...seeds,
    );
    expect(check).toMatchObject({ holds: false });
    expect(check!.provesNothing).toBeUndefined();
    expect(check!.said).toContain('1 of 2 sequences is not where it was; orders_id_seq gives 101 next');
    expect(check!.said).toContain('countries_id_seq of countries.id (grant it SELECT ON SEQUENCE countries_id_seq');
  });

  test('for a policy that hides rows takes BYPASSRLS, and the column of numbers is enough otherwise', async () => {
    const open = ['grant select (id) on orders to narrow', 'grant select on orders_id_seq to narrow'];
    expect(await lookAs('enough', ...open)).toEqual({
      holds: true,
      said: '1 sequence stands where the next row can be added.',
    });
    const guarded = await lookAs('guarded', ...open, 'alter table orders enable row level security');
    expect(guarded).toMatchObject({ holds: false, provesNothing: true });
    expect(guarded!.said).toContain('(grant it BYPASSRLS for orders)');
  });

  test('is none in a database without sequences, which has nothing to look at', async () => {
    expect(await lookAs('plain', 'drop table orders cascade')).toBeUndefined();
  });
});
