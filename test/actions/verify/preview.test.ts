/** What a plan shows of a verification. */
import { expect, test } from 'vitest';
import { verifyMysql } from '../../../src/actions/mysql/verify.ts';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import { databaseAt, inputOf, now } from './support/climb.ts';

const targets = { db: databaseAt(1, 'shop'), live: databaseAt(2, 'shop', 'postgres', { name: 'orders-db' }) };

test('a line for every rung that would look, with what it would look for', async () => {
  const params = {
    source: 'live',
    asOf: '2026-11-22T00:00:00Z',
    version: '18',
    schema: 'source',
    tables: {
      orders: { minRows: '1000', rows: 'equal', checksum: 'all', upTo: 'placed_at' },
      customers: { maxRows: '9', checksum: ['id', 'name'] },
      returns: { empty: 'true' },
    },
    freshness: { table: 'canary', column: 'written_at', within: '26h' },
    queries: [{ sql: 'select count(*) from orders where total < 0', answer: '0' }],
    performance: [{ sql: 'select 1 from orders', first: '30s', warm: '200ms' }],
  };
  const shown = await verifyPostgres.preview!(inputOf(verifyPostgres, { params, targets, began: now() }));
  expect(shown.touches).toEqual(['shop', 'shop (reads)']);
  expect(shown.checks).toEqual([
    'version: 18',
    'schema: as the source has it',
    'rows: orders at least 1000, equal; customers at most 9; returns empty; none empty or gone that the source has rows of',
    'checksums: orders (all columns, by placed_at), customers (id, name), as the source has them',
    'sequences: the next row can be added, where there are any',
    'freshness: canary.written_at, at most 26 h old',
    'queries: select count(*) from orders where total < 0 gives 0',
    'performance: select 1 from orders, first within 30 s, warm within 200 ms',
    'always: lets one log in; is not the source; the negative control fails',
  ]);
});

test('of many tables the first ones, and nothing of what is not asked for', async () => {
  const tables = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`t${n}`, { minRows: '1' }]));
  const { checks } = await verifyMysql.preview!(inputOf(verifyMysql, { params: { tables }, targets, began: now() }));
  expect(checks).toEqual([
    expect.stringMatching(/^rows: t0 at least 1; .*t5 at least 1; and 2 more$/),
    'always: lets one log in; is not the source; the negative control fails',
  ]);
});

test('an expected schema that can not be read is refused before anything is restored', async () => {
  const params = { schema: 'shop.json', tables: { orders: { minRows: '1' } } };
  const findings = async (text: string) =>
    (
      await verifyPostgres.preview!(
        inputOf(verifyPostgres, { params, targets, began: now(), more: { file: () => text } }),
      )
    ).findings;
  expect(await findings('SET\n{}')).toMatchObject([
    {
      severity: 'refuse',
      code: 'schema-unreadable',
      message: 'shop.json is no schema: it is not JSON, and begins with SET',
    },
  ]);
  expect(await findings('{"table orders": "table"}')).toEqual([]);
});
