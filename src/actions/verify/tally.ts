/** Rows by table, counted in one pass: all of them, and where a table is bounded those of before the recovery point too. */
import type { Bound } from './bound.ts';
import type { Engine, ReadSession, TableKind } from './engine.ts';

export interface Tally {
  rows: number;
  /** Rows up to the recovery point, of a table that is bounded. */
  older?: number;
}

/** What there is under the name of a table. */
export type Found = Tally | { instead: Exclude<TableKind, 'table'> } | undefined;

export const rowsIn = (found: Found): number | undefined => (found && 'rows' in found ? found.rows : undefined);

export async function tallyOf(
  engine: Engine,
  session: ReadSession,
  tables: readonly string[],
  bounds: ReadonlyMap<string, Bound> = new Map(),
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  for (const table of tables) {
    const kind = await engine.kind(session, table);
    if (kind !== 'table') found.set(table, kind && { instead: kind });
    else found.set(table, await count(engine, session, table, bounds.get(table)));
  }
  return found;
}

async function count(engine: Engine, session: ReadSession, table: string, bound: Bound | undefined): Promise<Tally> {
  const older = bound ? `, count(case when ${bound.condition} then 1 end)` : '';
  const [row] = await session.query(`select count(*)${older} from ${engine.table(table)}`);
  return { rows: Number(row![0]), ...(bound && { older: Number(row![1]) }) };
}

/** What stands under names that a server's list of its tables leaves out: partitions, an extension's tables, or none at all. */
export async function kindsOf(
  engine: Engine,
  session: ReadSession,
  names: readonly string[],
): Promise<{ tables: string[]; instead: Map<string, Found> }> {
  const tables: string[] = [];
  const instead = new Map<string, Found>();
  for (const name of names) {
    const kind = await engine.kind(session, name);
    if (kind === 'table') tables.push(name);
    else instead.set(name, kind && { instead: kind });
  }
  return { tables, instead };
}

/** Which of these tables have no row, and which may not be read. */
export async function emptyAmong(
  engine: Engine,
  session: ReadSession,
  tables: readonly string[],
): Promise<{ empty: string[]; unread: string[] }> {
  const [empty, unread]: string[][] = [[], []];
  for (const table of tables) {
    try {
      const rows = await session.query(`select 1 from ${engine.table(table)} limit 1`);
      if (rows.length === 0) empty!.push(table);
    } catch (error) {
      if (engine.troubleOf(error) !== 'denied') throw error;
      unread!.push(table);
    }
  }
  return { empty: empty!, unread: unread! };
}

/** What is said of what holds no rows of its own. */
export const insteadOfRows: Readonly<Record<Exclude<TableKind, 'table'>, string>> = {
  view: 'is a view: it holds no rows of its own, so it shows nothing of what was restored',
  'foreign table': 'is a foreign table: its rows lie on another server, so it shows nothing of what was restored',
};
