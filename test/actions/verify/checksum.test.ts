/** The checksum, computed by a real server: what it must not mind, and what it must see. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresEngine } from '../../../src/actions/postgres/engine.ts';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import { alteredChecksumSql } from '../../../src/actions/verify/checksum.ts';
import { checksumOf, judgeContents } from '../../../src/actions/verify/contents.ts';
import { ladderOf } from '../../../src/actions/verify/ladder.ts';
import type { Column, Engine, ReadSession } from '../../../src/actions/verify/engine.ts';
import { databaseAt, inputOf, now } from './support/climb.ts';
import { opened } from './support/opened.ts';
import { startPostgres } from './support/postgres.ts';
import type { TestServer } from './support/postgres.ts';

let server: TestServer;
let session: ReadSession;
const signal = new AbortController().signal;
beforeAll(async () => {
  server = await startPostgres();
  const at = { host: '127.0.0.1', address: '127.0.0.1', port: server.port, database: 'postgres', tls: 'off' as const };
  session = await opened(
    postgresEngine,
    { ...at, user: 'verifier', password: 'lookbook' },
    { statementMs: 200_000, signal },
  );
});
afterAll(async () => {
  await session?.close();
  await server?.close();
});

type Row = [n: number | null, text: string | null, more: string | null];

/** Cells that sit close to each other and to NULL, so that a sloppy canonical text would take one for another. */
const cell = fc.oneof(fc.constantFrom(null, '', '-', '0:', '1:a', 'NULL', ':', 'é'), fc.string({ maxLength: 6 }));
const text = cell.filter((value) => !value?.includes('\0'));
const row: fc.Arbitrary<Row> = fc.tuple(fc.option(fc.integer({ min: -5, max: 5 })), text, text);

/** Tables that are made of what stands in the statement: there is nothing to create. */
const literal: Engine = {
  ...postgresEngine,
  table: (rows) => `json_to_recordset('${rows}') as r(n int, a text, b text)`,
};
const columns: Column[] = ['n', 'a', 'b'].map((name) => ({ name, type: name === 'n' ? 'integer' : 'text', key: 0 }));

async function checksum(rows: readonly Row[]): Promise<string> {
  const json = JSON.stringify(rows.map(([n, a, b]) => ({ n, a, b }))).replaceAll("'", "''");
  const found = await checksumOf(literal, session, json, columns);
  expect(found.rows).toBe(rows.length);
  return found.value;
}

test('rows may come in any order', async () => {
  const shuffled = fc
    .array(row, { minLength: 2, maxLength: 8 })
    .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
  await fc.assert(
    fc.asyncProperty(shuffled, async ([rows, other]) => {
      expect(await checksum(other)).toBe(await checksum(rows));
    }),
    { numRuns: 100 },
  );
});

test('any single value that changes changes it', async () => {
  const changed = fc.tuple(fc.array(row, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat({ max: 2 }), row);
  await fc.assert(
    fc.asyncProperty(changed, async ([rows, at, column, other]) => {
      const index = at % rows.length;
      const altered = rows[index]!.map((value, n) => (n === column ? other[n] : value)) as Row;
      fc.pre(altered[column] !== rows[index]![column]);
      expect(await checksum(rows.with(index, altered))).not.toBe(await checksum(rows));
    }),
    { numRuns: 200 },
  );
});

test('a value that moves to the neighbouring column, and a row that is there twice, change it', async () => {
  const base: Row[] = [[1, 'ab', 'c']];
  const others: Row[][] = [[[1, 'a', 'bc']], [[1, 'abc', '']], [[1, 'abc', null]], [...base, ...base], []];
  const values: string[] = [];
  for (const rows of [base, ...others]) values.push(await checksum(rows));
  expect(new Set(values).size).toBe(values.length);
});

test('its definition stands: manifests that were written once stay good', async () => {
  const rows: Row[] = [
    [1, 'a', null],
    [2, null, 'é'],
  ];
  expect(await checksum(rows)).toBe(byHand(rows));
  expect(byHand(rows)).toBe('17782c6a09531fcaaa2fb27bcb0752d2');
});

/** The definition in another language. */
function byHand(rows: readonly Row[]): string {
  const md5 = (of: string): string => createHash('md5').update(of).digest('hex');
  const hashes = rows.map((cells) =>
    md5(cells.map((value) => (value === null ? '-' : `${Array.from(String(value)).length}:${value}`)).join('')),
  );
  const sum = (from: number): bigint =>
    hashes.reduce((total, hash) => total + BigInt.asIntN(64, BigInt(`0x${hash.slice(from, from + 16)}`)), 0n);
  return md5([rows.length, sum(0), sum(16)].join(':'));
}

test('one row that is altered on its way out has another checksum, and nothing is written', async () => {
  await server.sql(
    'postgres',
    'create table kept (id int primary key, note text)',
    "insert into kept values (1, 'a'), (2, 'b')",
  );
  const found = await postgresEngine.columns(session, 'kept');
  const before = await checksumOf(postgresEngine, session, 'kept', found);
  const [altered] = await session.query(alteredChecksumSql(postgresEngine, 'kept', found));
  expect(altered).toEqual(['2', '2', expect.not.stringContaining(before.value)]);
  expect(await checksumOf(postgresEngine, session, 'kept', found)).toEqual(before);
});

test('a verifier that finds nothing wrong with an altered value makes the run prove nothing', async () => {
  await server.sql('postgres', 'create table believed (id int)', 'insert into believed values (1), (2)');
  // An engine whose hash doesn't look at the values.
  const blind: Engine = { ...postgresEngine, half: () => '1' };
  const input = inputOf(verifyPostgres, {
    params: { tables: { believed: { minRows: '1' } } },
    targets: { db: databaseAt(server.port, 'postgres') },
    began: now(),
  });
  const control = ladderOf(input as never, blind).at(-1)!;
  if (control.shape !== 'observe') throw new Error('not an observation');
  await expect
    .poll(() => control.poll({ key: 'k', signal }))
    .toEqual({
      done: true,
      check: {
        holds: false,
        provesNothing: true,
        said: 'The verifier accepted what is false of believed: one altered value among 2 rows. Its other checks prove nothing.',
      },
    });
});

test('equal checksums are told with their rows, others with the direction of the difference', () => {
  const common = { table: 'orders', columns: ['id', 'note'], from: 'the manifest' };
  const value = (rows: number, hex: string) => ({ rows, value: hex });
  expect(judgeContents({ ...common, found: value(3, 'aa'), expected: value(3, 'aa') })).toEqual({
    holds: true,
    said: 'orders (id, note): 3 rows, as in the manifest, checksum aa',
  });
  expect(judgeContents({ ...common, found: value(3, 'ab'), expected: value(4, 'aa') })).toEqual({
    holds: false,
    said: 'orders (id, note) differs from the manifest: expected checksum aa, found ab, with 3 rows instead of 4, 1 fewer (25 %)',
  });
});
