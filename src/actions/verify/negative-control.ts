/**
 * The last rung, always: two assertions that must fail, made of the restored data by the same code as the others. A table one
 * value of which is altered on its way out must not have the checksum that it has; and a table must not have one row more than
 * it has. A verifier that lets them pass would let anything pass: then the run proves nothing.
 */
import type { Progress } from '../../domain/part.ts';
import type { TableChecksum } from './checksum.ts';
import { alteredChecksumSql } from './checksum.ts';
import { checksumOf, judgeContents, parseChecksum } from './contents.ts';
import { judgeRows } from './counts.ts';
import type { Column, Engine, ReadSession } from './engine.ts';
import type { Rung } from './rung.ts';
import { withView } from './view.ts';

export const negativeControlRung: Rung = async ({ input, engine: whole, restored }, attempt): Promise<Progress> => {
  const declared = Object.keys(input.params.tables ?? {});
  return restored.use(attempt, async (session) => {
    const table = await tableToTry(whole, session, declared);
    if (table === undefined) return { done: true, check: onEmptiness(declared[0]) };
    const all = await whole.columns(session, table);
    const columns = all.slice(0, 4);
    const engine = firstRows(whole, table, all);
    const names = columns.map(({ name }) => name);
    const expected = await checksumOf(engine, session, table, columns);
    const altered = parseChecksum(table, await session.query(alteredChecksumSql(engine, table, columns)));
    const judge = (found: TableChecksum) =>
      judgeContents({ table, columns: names, found, expected, from: 'the same table' });
    const again = await checksumOf(engine, session, table, columns);
    if (!judge(again).holds) {
      const said = `${table} has another checksum each time it is read: something writes to the restored database.`;
      return { done: true, check: { holds: false, said, provesNothing: true } };
    }
    const accepted = [
      ...(judge(altered).holds ? [`one altered value among ${expected.rows} rows`] : []),
      ...(judgeFloor(table, expected.rows).holds
        ? [`a floor of ${expected.rows + 1} rows where there are ${expected.rows}`]
        : []),
    ];
    return { done: true, check: outcome(table, accepted, expected.rows) };
  });
};

const judgeFloor = (table: string, rows: number) =>
  judgeRows({ table, declared: { minRows: rows + 1 }, found: { rows } });

function outcome(table: string, accepted: readonly string[], rows: number) {
  if (accepted.length > 0) {
    const said = `The verifier accepted what is false of ${table}: ${accepted.join(', and ')}. Its other checks prove nothing.`;
    return { holds: false, said, provesNothing: true };
  }
  const where = rows < countedRows ? table : `the first ${rows} rows of ${table}`;
  const said = `One altered value of ${where} and a floor of ${rows + 1} rows where there are ${rows} were both found out, as they must be.`;
  return { holds: true, said };
}

/** Nothing to alter: only the floor can be tried. */
function onEmptiness(table = 'the database') {
  if (judgeFloor(table, 0).holds) return outcome(table, ['a floor of 1 row where there is none'], 0);
  return {
    holds: false,
    said: 'No table of the restored database has a row: there is nothing that could be verified.',
  };
}

/** Rows that are counted to find the smallest table, and that are tried of it: no reason to read a large one three times. */
const countedRows = 100_000;

/** The engine where a table is its first rows, by the key: the same ones each time. A table without a key is taken whole. */
function firstRows(engine: Engine, table: string, columns: readonly Column[]): Engine {
  const key = columns.filter((column) => column.key > 0).sort((a, b) => a.key - b.key);
  if (key.length === 0) return engine;
  const order = key.map(({ name }) => engine.column(name)).join(', ');
  return withView(engine, table, (from) => `select * from ${from} order by ${order} limit ${countedRows}`);
}

/** Of the declared tables the smallest that has rows, else the first other one that has any. */
async function tableToTry(
  engine: Engine,
  session: ReadSession,
  declared: readonly string[],
): Promise<string | undefined> {
  let smallest: { table: string; rows: number } | undefined;
  for (const table of declared) {
    const rows = await rowsUpTo(engine, session, table, countedRows);
    if (rows > 0 && (!smallest || rows < smallest.rows)) smallest = { table, rows };
  }
  if (smallest) return smallest.table;
  for (const table of await engine.tables(session)) {
    if ((await rowsUpTo(engine, session, table, 1)) > 0) return table;
  }
  return undefined;
}

/** None where the table is missing, or may not be read. */
async function rowsUpTo(engine: Engine, session: ReadSession, table: string, most: number): Promise<number> {
  if ((await engine.columns(session, table)).length === 0) return 0;
  try {
    const [row] = await session.query(
      `select count(*) from (select 1 as one from ${engine.table(table)} limit ${most}) t`,
    );
    return Number(row![0]);
  } catch (error) {
    if (engine.troubleOf(error) !== 'denied') throw error;
    return 0;
  }
}
