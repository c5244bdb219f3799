/** What the rungs conclude from figures, without a server. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeContents } from '../../../src/actions/verify/contents.ts';
import { judgeRows } from '../../../src/actions/verify/counts.ts';
import { parseManifest } from '../../../src/actions/verify/manifest.ts';
import { differingBuckets } from '../../../src/actions/verify/narrow.ts';
import { hasSeveralStatements, params } from '../../../src/actions/verify/params.ts';
import { answerText } from '../../../src/actions/verify/queries.ts';
import { parseSchema, schemaDifferences } from '../../../src/actions/verify/schema.ts';
import type { Sequence } from '../../../src/actions/verify/engine.ts';
import { isLost, standingOf } from '../../../src/actions/verify/sequences.ts';
import { checkOf } from '../../../src/actions/verify/verdict.ts';
import { isVersion } from '../../../src/actions/verify/version.ts';
import { differenceOf } from '../../../src/actions/verify/wording.ts';

describe('rows', () => {
  const table = 'orders';
  const manifest = (rows: number) => ({ rows, from: 'the manifest' });

  test('none never pass unless the table is declared empty', () => {
    const declared = fc.record(
      { minRows: fc.nat({ max: 9 }), maxRows: fc.nat(), rows: fc.constant('equal' as const) },
      { requiredKeys: [] },
    );
    const reference = fc.option(fc.nat({ max: 9 }).map(manifest), { nil: undefined });
    fc.assert(
      fc.property(declared, reference, (asked, other) => {
        expect(judgeRows({ table, declared: asked, found: { rows: 0 }, reference: other }).holds).toBe(false);
      }),
    );
    expect(judgeRows({ table, declared: { empty: true }, found: { rows: 0 }, reference: manifest(7) }).holds).toBe(
      true,
    );
    expect(judgeRows({ table, declared: { minRows: 1 }, found: { rows: 0 }, reference: manifest(0) }).said).toBe(
      'orders has no row, as in the manifest; one that may be empty must be declared so',
    );
    const said = 'orders, not declared, is empty, as in the manifest';
    expect(judgeRows({ table, found: { rows: 0 }, reference: manifest(0) })).toEqual({ holds: true, said });
  });

  test('within floor and ceiling pass, and outside of them say by how much', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(99), fc.nat(99), (found, minRows, maxRows) => {
        const { holds, said } = judgeRows({ table, declared: { minRows, maxRows }, found: { rows: found } });
        expect(holds).toBe(found >= minRows && found <= maxRows);
        if (!holds) expect(said).toContain(found < minRows ? `${minRows - found} fewer` : `${found - maxRows} more`);
      }),
    );
  });

  test('that should equal a reference which knows nothing of the table blame the drill', () => {
    expect(judgeRows({ table, declared: { rows: 'equal' }, found: { rows: 5 } })).toMatchObject({
      holds: false,
      provesNothing: true,
    });
  });

  test('none before the recovery point on either side are compared with nothing', () => {
    const bounded = { rows: 0, of: 0, from: 'up to 1970-01-01 00:00:00 UTC the source' };
    const verdict = judgeRows({ table, declared: { rows: 'equal' }, found: { rows: 7 }, reference: bounded });
    expect(verdict).toMatchObject({ holds: false, provesNothing: true });
  });

  test('are what only tables hold', () => {
    expect(judgeRows({ table, declared: { minRows: 1 }, found: { instead: 'view' } }).said).toContain('is a view');
    expect(judgeRows({ table, found: { instead: 'foreign table' } })).toMatchObject({ holds: false });
  });

  test('twice as many as the backup had are told as that', () => {
    expect(judgeRows({ table, declared: { minRows: 1 }, found: { rows: 8 }, reference: manifest(4) }).said).toContain(
      'twice',
    );
    expect(judgeRows({ table, declared: { empty: true }, found: { rows: 2 } }).said).toBe(
      'orders has 2 rows, declared empty: 2 more',
    );
  });
});

test('contents without a row are equal to nothing, even where the backup has none', () => {
  const none = { rows: 0, value: '90e48cd0d5d9ad4fa889c6194452bea7' };
  const verdict = judgeContents({
    table: 'orders',
    columns: ['id'],
    found: none,
    expected: none,
    from: 'the manifest',
  });
  expect(verdict).toEqual({
    holds: false,
    said: 'orders (id) has no row, here and in the manifest: that is no contents to compare',
  });
});

describe('a sequence', () => {
  const id = { name: 's', column: 'orders.id', greatest: '9000', least: '1' };
  const unused: Sequence = { ...id, isAdvanced: false, next: '1', following: '1', collides: true };
  const taken: Sequence = { ...id, isAdvanced: true, next: '50', following: '50', collides: true };
  const ahead: Sequence = { ...id, isAdvanced: true, next: '201', following: '205', collides: true };
  const clear: Sequence = { ...id, isAdvanced: true, next: '201', following: '9000', collides: false };

  test('stands behind where it was never advanced, or where the next rows may collide', () => {
    expect([unused, taken, ahead, clear].map(standingOf)).toEqual(['unused', 'taken', 'ahead', 'clear']);
    expect(standingOf({ ...unused, least: '5000', following: '5000', collides: false })).toBe('unused');
    expect(standingOf({ ...unused, least: null, following: null, collides: false })).toBe('clear');
  });

  test('is lost, without a source, only where it was in use and collides at once', () => {
    expect([unused, taken, ahead].map((each) => isLost(each, undefined))).toEqual([false, true, false]);
  });

  test('is lost, with a source, where the one there is past the rows that it stands before', () => {
    expect(isLost(unused, clear)).toBe(true);
    expect(isLost(unused, { ...unused })).toBe(false);
    expect(isLost(taken, ahead)).toBe(true);
    expect(isLost(ahead, { ...ahead, next: '204' })).toBe(false);
    expect(isLost(ahead, { ...clear, next: '206' })).toBe(true);
    expect(isLost(taken, { ...taken, next: '60', following: '60' })).toBe(false);
  });
});

test('what certainly fails is not made uncertain by what proves nothing', () => {
  const holds = { holds: true, said: 'a' };
  const fails = { holds: false, said: 'b' };
  const unsure = { holds: false, said: 'c', provesNothing: true };
  expect(checkOf([holds, fails, unsure])).toEqual({ holds: false, said: 'b; c.' });
  expect(checkOf([holds, unsure])).toEqual({ holds: false, said: 'c.', provesNothing: true });
  expect(checkOf([holds])).toEqual({ holds: true, said: 'a.' });
});

test('differences have a direction and a share', () => {
  expect(differenceOf(200, 190)).toBe('10 fewer (5 %)');
  expect(differenceOf(1_000_000, 1_000_001)).toBe('1 more (< 0.01 %)');
  expect(differenceOf(1000, 1001)).toBe('1 more (0.10 %)');
  expect(differenceOf(0, 3)).toBe('3 more');
});

test('a version in part is any of its kind, one in full is that one', () => {
  expect(['18', '18.4', '18.4-ubuntu'].map((found) => isVersion(found, '18'))).toEqual([true, true, true]);
  expect(isVersion('18.14', '18.1')).toBe(false);
  expect(isVersion('8.4.3', '8')).toBe(true);
  expect(isVersion('10.11.19-MariaDB', '10.11')).toBe(true);
});

test('answers are texts in which NULL, nothing, and words that look like them stay apart', () => {
  expect(answerText([])).toBe('(none)');
  expect(answerText([[null]])).toBe('NULL');
  expect(answerText([['NULL']])).toBe('"NULL"');
  expect(
    answerText([
      ['1', null],
      ['2', 'x'],
    ]),
  ).toBe('1|NULL\n2|x');
});

test('buckets differ when one side lacks them or has other sums', () => {
  const theirs = [
    ['0', '1', 'a'],
    ['2', '1', 'b'],
    ['10', '1', 'c'],
  ];
  expect(
    differingBuckets(
      [
        ['0', '1', 'a'],
        ['2', '1', 'x'],
        ['3', '1', 'd'],
      ],
      theirs,
    ),
  ).toEqual(['2', '3', '10']);
});

describe('a schema', () => {
  const orders = { 'table orders': 'table', 'column orders.id': 'bigint not null', 'index orders.by_id': 'btree (id)' };
  const schema = (parts: Record<string, string>) => new Map(Object.entries(parts));

  test('that equals the expected one has no differences', () => {
    expect(schemaDifferences(schema(orders), schema(orders))).toEqual([]);
  });

  test('has its differences told one by one, in both directions', () => {
    const found = { ...orders, 'column orders.id': 'int', 'view v': 'select 1' } as Record<string, string>;
    delete found['index orders.by_id'];
    expect(schemaDifferences(schema(orders), schema(found))).toEqual([
      'index orders.by_id is missing',
      'view v is extra',
      'column orders.id changed: expected bigint not null, found int',
    ]);
    expect(schemaDifferences(schema(orders), schema({}))).toEqual(['table orders is missing']);
  });

  test('that is no object of texts is refused by its name', () => {
    expect(() => parseSchema('{"a": 1}', 'orders.json')).toThrow('orders.json is no schema: a: ');
    expect(() => parseSchema('SET\n{"a": "b"}', 'orders.json')).toThrow(
      'orders.json is no schema: it is not JSON, and begins with SET',
    );
    expect(() => parseSchema('\n', 'orders.json')).toThrow('orders.json is no schema: it is empty');
  });
});

describe('a manifest', () => {
  test('is read with what it says of tables', () => {
    const tables = { orders: { rows: 3, checksum: { columns: ['id'], value: 'ab' } } };
    const text = JSON.stringify({ takenAt: '2026-11-21T03:00:00Z', engine: 'postgres', version: '18', tables });
    expect(parseManifest(text, 'm').tables['orders']).toEqual(tables.orders);
  });

  test.each([
    ['not JSON', 'it is not JSON'],
    ['{"takenAt":"yesterday","tables":{}}', 'takenAt'],
    ['{"takenAt":"2026-11-21T03:00:00Z","tables":{"orders":{"rows":-1}}}', 'tables.orders.rows'],
  ])('that is broken says where: %s', (text, where) => {
    expect(() => parseManifest(text, 's3://b/k')).toThrow(where);
  });
});

describe('what a drill asks for', () => {
  const messages = (given: object): string[] =>
    params.safeParse({ database: 'db', ...given }).error?.issues.map(({ message }) => message) ?? [];

  test('must look at contents: connecting, version and schema are not enough', () => {
    const hollow = [{}, { version: '18' }, { schema: 'f.json' }, { freshness: { table: 'a', column: 'b' } }];
    for (const given of hollow) expect(messages(given)).toEqual([expect.stringContaining('must look at contents')]);
    expect(messages({ tables: { a: { checksum: 'all' } } })).toEqual(['a: checksum needs a manifest or a source']);
    expect(messages({ tables: { a: { checksum: 'all' } }, manifest: 'm' })).toEqual([]);
    expect(messages({ queries: [{ sql: 'select count(*) from a', answer: '1' }] })).toEqual([]);
  });

  test('must be something that no database without rows has', () => {
    const hollow = [
      { tables: { a: { empty: 'true' } } },
      { queries: [{ sql: 'select 1', answer: '1' }] },
      { queries: [{ sql: "select 'from a'", answer: 'from a' }] },
    ];
    for (const given of hollow)
      expect(messages(given)).toEqual([expect.stringContaining('which no empty database has')]);
  });

  test('must make sense', () => {
    const some = { tables: { a: { minRows: '1' } } };
    expect(messages({ ...some, user: 'v' })).toEqual(['user and password go together']);
    expect(messages({ ...some, schema: 'source' })).toEqual(['schema: source needs a source']);
    expect(messages({ tables: { a: { minRows: '2', maxRows: '1' } } })).toEqual(['a: minRows is more than maxRows']);
    expect(messages({ tables: { a: { rows: 'equal' } } })).toEqual(['a: rows: equal needs a manifest or a source']);
    expect(messages({ tables: { a: { empty: 'true', minRows: '1' } } })).toEqual([
      expect.stringContaining('empty: true goes alone'),
    ]);
    expect(messages({ ...some, password: 'hunter2', user: 'v' })).toEqual([expect.stringContaining('a secret never')]);
  });

  test('may only be statements that read, one at a time', () => {
    const of = (sql: string) => messages({ queries: [{ sql, answer: '1' }] });
    expect(of('delete from orders')).toEqual([expect.stringContaining('must be one that reads')]);
    expect(of('select 1; drop table orders')).toEqual(['must be one statement']);
    expect(of('SELECT 1 FROM t;')).toEqual([]);
    expect(hasSeveralStatements('select \';\' -- ; not this\n, "a;b" /* ; */ , $x$;$x$')).toBe(false);
  });
});
