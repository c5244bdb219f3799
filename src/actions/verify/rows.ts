/**
 * Rung 5: tables have the rows that they should have. Tables that the drill doesn't name are looked at for one thing: that none
 * is empty or gone which the manifest or the source has rows of. Restores that bring all tables and no row have passed before.
 */
import type { Attempt } from '../../domain/part.ts';
import { momentText } from '../../domain/time-text.ts';
import { boundOf } from './bound.ts';
import { judgeRows } from './counts.ts';
import type { RowsVerdict } from './counts.ts';
import type { Engine, ReadSession } from './engine.ts';
import type { Looking, Rung } from './rung.ts';
import { firstOf, sentence } from './wording.ts';

/** Tables that are told by name. */
const most = 10;

export const rowsRung: Rung = async (looking, attempt) => {
  const { input, engine, restored } = looking;
  const { tables: declared = {} } = input.params;
  const names = Object.keys(declared);
  const isDeclared = (table: string): boolean => names.some((name) => isSame(name, table));
  const found = await restored.use(attempt, async (session) => {
    const there = await engine.tables(session);
    const rows = await countsOf(engine, session, names);
    return {
      there,
      rows,
      ...(await emptyOf(
        engine,
        session,
        there.filter((table) => !isDeclared(table)),
      )),
    };
  });
  const reference = await referenceOf(looking, attempt, {
    declared: names,
    suspects: (table) => !isDeclared(table) && (isIn(found.empty, table) || !isIn(found.there, table)),
  });

  const verdicts = names.map((table) => ({
    table,
    ...judgeRows({ table, declared: declared[table], found: found.rows.get(table), reference: reference?.of(table) }),
  }));
  for (const table of reference?.suspects ?? []) {
    const rows = isIn(found.empty, table) ? 0 : undefined;
    verdicts.push({ table, ...judgeRows({ table, found: rows, reference: reference!.of(table) }) });
  }
  const broken = verdicts.filter(({ holds }) => !holds);
  const aside = [
    ...((await reference?.moved(broken.map(({ table }) => table))) ?? []),
    ...(found.empty.length > 0 && !reference ? [`not declared and empty: ${firstOf(found.empty, most)}`] : []),
    ...(found.unread.length > 0 ? [`not declared and not readable for this role: ${firstOf(found.unread, most)}`] : []),
  ];
  return {
    done: true,
    outputs: { rows: Object.fromEntries(found.rows) },
    check: {
      holds: broken.length === 0,
      said: sentence([...told(broken.length > 0 ? broken : verdicts), ...aside]),
      ...(broken.some(({ provesNothing }) => provesNothing) && { provesNothing: true }),
    },
  };
};

function told(verdicts: readonly RowsVerdict[]): string[] {
  if (verdicts.length === 0) return ['no table is empty or gone that should have rows'];
  const shown = verdicts.slice(0, most).map(({ said }) => said);
  return verdicts.length > most ? [...shown, `and ${verdicts.length - most} more tables`] : shown;
}

/** PostgreSQL's tables without a schema lie in `public`. */
const shortName = (table: string): string => table.replace(/^public\./, '');
const isSame = (a: string, b: string): boolean => shortName(a) === shortName(b);
const isIn = (tables: readonly string[], table: string): boolean => tables.some((each) => isSame(each, table));

/** What the restored tables are held against. */
interface Reference {
  of(table: string): { rows: number; from: string } | undefined;
  /** Undeclared tables of it that the restored database has no row of. */
  suspects: readonly string[];
  /** What a reader must know of differences: a live source moves on. */
  moved(tables: readonly string[]): Promise<string[]>;
}

interface Wanted {
  declared: readonly string[];
  suspects(table: string): boolean;
}

async function referenceOf(looking: Looking, attempt: Attempt, wanted: Wanted): Promise<Reference | undefined> {
  const manifest = await looking.manifest(attempt);
  if (manifest) {
    const names = Object.keys(manifest.tables);
    return {
      of(table) {
        const name = names.find((each) => isSame(each, table));
        return name === undefined
          ? undefined
          : { rows: manifest.tables[name]!.rows, from: `the manifest of ${momentText(manifest.takenAt)}` };
      },
      suspects: names.filter((table) => wanted.suspects(table)),
      moved: () => Promise.resolve([]),
    };
  }
  const { source, engine } = looking;
  const { asOf = '' } = looking.input.params;
  if (!source) return undefined;
  const count = (tables: readonly string[]): Promise<Map<string, number | undefined>> =>
    source.use(attempt, (session) => countsOf(engine, session, tables));
  const there = await source.use(attempt, (session) => engine.tables(session));
  const suspects = there.filter((table) => wanted.suspects(table));
  const rows = await count([...wanted.declared, ...suspects]);
  const bounded = await boundedCounts(looking, attempt);
  return {
    of(table) {
      const n = rows.get(table);
      if (n === undefined) return undefined;
      const older = bounded.get(table);
      return older ? { ...older, from: `up to ${momentText(asOf)} the source` } : { rows: n, from: 'the source' };
    },
    suspects,
    async moved(tables) {
      if (tables.length === 0) return [];
      const later = await count(tables);
      const moving = tables.filter((table) => later.get(table) !== rows.get(table));
      return moving.length > 0
        ? [
            `the source kept changing while it was read (${moving.map((table) => `${table} ${rows.get(table)} to ${later.get(table)}`).join(', ')}): a manifest taken with the backup tells loss from growth`,
          ]
        : [
            'the source is live and may have changed since the recovery point: a manifest taken with the backup would tell',
          ];
    },
  };
}

/** Of tables that are compared up to the recovery point: rows of both sides until then. */
async function boundedCounts(looking: Looking, attempt: Attempt): Promise<Map<string, { rows: number; of: number }>> {
  const { engine, restored, source } = looking;
  const counts = new Map<string, { rows: number; of: number }>();
  for (const table of Object.keys(looking.input.params.tables ?? {})) {
    const bound = await restored.use(attempt, (session) => boundOf(looking, session, table));
    if (!bound) continue;
    const count = async (session: ReadSession): Promise<number | undefined> =>
      (await countsOf(bound(engine), session, [table])).get(table);
    const [of, rows] = [await restored.use(attempt, count), await source!.use(attempt, count)];
    if (of !== undefined && rows !== undefined) counts.set(table, { rows, of });
  }
  return counts;
}

/** Rows by table; undefined for a table that isn't there. */
async function countsOf(
  engine: Engine,
  session: ReadSession,
  tables: readonly string[],
): Promise<Map<string, number | undefined>> {
  const counts = new Map<string, number | undefined>();
  for (const table of tables) {
    const there = (await engine.columns(session, table)).length > 0;
    const [row] = there ? await session.query(`select count(*) from ${engine.table(table)}`) : [];
    counts.set(table, row ? Number(row[0]) : undefined);
  }
  return counts;
}

/** Which tables have no row, and which can't be read. */
async function emptyOf(
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
