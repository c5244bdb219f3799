/**
 * Rung 5: tables have the rows that they should have. Tables that the drill doesn't name must have the rows that the manifest
 * says; of those of a live source it is only known that none may be empty or gone which has rows there. Restores that bring all
 * tables and no row have passed before.
 */
import type { Attempt } from '../../domain/part.ts';
import { momentText } from '../../domain/time-text.ts';
import type { Bound } from './bound.ts';
import { boundsOf } from './bound.ts';
import { judgeRows } from './counts.ts';
import type { RowsCase, RowsVerdict } from './counts.ts';
import type { Looking, Rung } from './rung.ts';
import type { Found } from './tally.ts';
import { emptyAmong, kindsOf, rowsIn, tallyOf } from './tally.ts';
import { checkOf } from './verdict.ts';
import { firstOf } from './wording.ts';

/** Tables that are told by name. */
const most = 10;

export const rowsRung: Rung = async (looking, attempt) => {
  const { input, engine, restored } = looking;
  const { tables: declared = {} } = input.params;
  const names = Object.keys(declared);
  const isDeclared = (table: string): boolean => names.some((name) => isSame(name, table));
  const known = (await knownTables(looking, attempt)).filter((table) => !isDeclared(table));
  const found = await restored.use(attempt, async (session) => {
    const listed = await engine.tables(session);
    const bounds = await boundsOf(looking, session, names);
    const unlisted = await kindsOf(
      engine,
      session,
      known.filter((table) => !isIn(listed, table)),
    );
    const there = [...listed, ...unlisted.tables];
    const undeclared = there.filter((table) => !isDeclared(table));
    return {
      there,
      instead: unlisted.instead,
      bounds,
      tallies: await tallyOf(engine, session, names, bounds),
      ...(await emptyAmong(engine, session, undeclared)),
    };
  });
  const suspects = known.filter((table) => isIn(found.empty, table) || !isIn(found.there, table));
  const reference = await referenceOf(looking, attempt, {
    declared: names,
    tallies: found.tallies,
    bounds: found.bounds,
    suspects,
  });

  const verdicts = names.map((table) => ({
    table,
    ...judgeRows({
      table,
      declared: declared[table],
      found: found.tallies.get(table),
      reference: reference?.of(table),
      ...(reference && { against: reference.name }),
    }),
  }));
  for (const table of suspects) {
    const rows = isIn(found.empty, table) ? { rows: 0 } : found.instead.get(table);
    verdicts.push({ table, ...judgeRows({ table, found: rows, reference: reference?.of(table) }) });
  }
  const others = found.there.filter(
    (table) => reference?.isExact && !isDeclared(table) && reference.of(table) && mayBeCounted(found, table),
  );
  const counted = await restored.use(attempt, (session) => tallyOf(engine, session, others));
  const ofOthers = others.map((table) => ({
    table,
    ...judgeRows({ table, declared: { rows: 'equal' }, found: counted.get(table), reference: reference!.of(table) }),
  }));
  verdicts.push(...ofOthers.filter(({ holds }) => !holds));
  const broken = verdicts.filter(({ holds }) => !holds);
  const equal = broken.length === 0 ? ofOthers.length : 0;
  const aside = [
    ...(equal > 0 ? [`${equal === 1 ? '1 other table has' : `${equal} other tables have`} the rows that it says`] : []),
    ...((await reference?.moved(broken.map(({ table }) => table))) ?? []),
    ...(found.empty.length > 0 && !reference ? [`not declared and empty: ${firstOf(found.empty, most)}`] : []),
    ...(found.unread.length > 0 ? [`not declared and not readable for this role: ${firstOf(found.unread, most)}`] : []),
  ];
  return {
    done: true,
    outputs: {
      rows: Object.fromEntries(
        names.flatMap((table) => {
          const rows = rowsIn(found.tallies.get(table));
          return rows === undefined ? [] : [[table, rows]];
        }),
      ),
    },
    check: checkOf(verdicts, told, aside),
  };
};

function told(verdicts: readonly RowsVerdict[]): string[] {
  if (verdicts.length === 0) return ['no table is empty or gone that should have rows'];
  const shown = verdicts.slice(0, most).map(({ said }) => said);
  return verdicts.length > most ? [...shown, `and ${verdicts.length - most} more tables`] : shown;
}

/** What has no row is told already. */
const mayBeCounted = (
  { empty, unread }: { empty: readonly string[]; unread: readonly string[] },
  table: string,
): boolean => !isIn(empty, table) && !isIn(unread, table);

/** PostgreSQL's tables without a schema lie in `public`. */
const shortName = (table: string): string => table.replace(/^public\./, '');
const isSame = (a: string, b: string): boolean => shortName(a) === shortName(b);
const isIn = (tables: readonly string[], table: string): boolean => tables.some((each) => isSame(each, table));

/** What the restored tables are held against. */
interface Reference {
  name: 'the manifest' | 'the source';
  of(table: string): RowsCase['reference'];
  /** It is of the backup itself, so that every table that it knows must have as many rows. */
  isExact: boolean;
  /** What a reader must know of differences: a live source moves on. */
  moved(tables: readonly string[]): Promise<string[]>;
}

interface Wanted {
  declared: readonly string[];
  /** Of the restored tables. */
  tallies: ReadonlyMap<string, Found>;
  bounds: ReadonlyMap<string, Bound>;
  /** Undeclared tables of the reference that the restored database has no row of. */
  suspects: readonly string[];
}

/** The tables that the reference knows. */
async function knownTables(looking: Looking, attempt: Attempt): Promise<readonly string[]> {
  const manifest = await looking.manifest(attempt);
  if (manifest) return Object.keys(manifest.tables);
  const { source, engine } = looking;
  return source ? source.use(attempt, (session) => engine.tables(session)) : [];
}

async function referenceOf(looking: Looking, attempt: Attempt, wanted: Wanted): Promise<Reference | undefined> {
  const manifest = await looking.manifest(attempt);
  if (manifest) {
    const names = Object.keys(manifest.tables);
    return {
      name: 'the manifest',
      of(table) {
        const name = names.find((each) => isSame(each, table));
        return name === undefined
          ? undefined
          : { rows: manifest.tables[name]!.rows, from: `the manifest of ${momentText(manifest.takenAt)}` };
      },
      isExact: true,
      moved: () => Promise.resolve([]),
    };
  }
  const { source, engine } = looking;
  const { asOf = '' } = looking.input.params;
  if (!source) return undefined;
  const count = (tables: readonly string[]) =>
    source.use(attempt, (session) => tallyOf(engine, session, tables, wanted.bounds));
  const theirs = await count([...wanted.declared, ...wanted.suspects]);
  return {
    name: 'the source',
    of(table) {
      const [mine, other] = [wanted.tallies.get(table), theirs.get(table)];
      if (!other || 'instead' in other) return undefined;
      const of = mine && 'older' in mine ? mine.older : undefined;
      return of === undefined || other.older === undefined
        ? { rows: other.rows, from: 'the source' }
        : { rows: other.older, of, from: `up to ${momentText(asOf)} the source` };
    },
    isExact: false,
    async moved(tables) {
      if (tables.length === 0) return [];
      const later = await count(tables);
      const now = (table: string) => rowsIn(later.get(table));
      const then = (table: string) => rowsIn(theirs.get(table));
      const moving = tables.filter((table) => now(table) !== then(table));
      return moving.length > 0
        ? [
            `the source kept changing while it was read (${moving.map((table) => `${table} ${then(table)} to ${now(table)}`).join(', ')}): a manifest taken with the backup tells loss from growth`,
          ]
        : [
            'the source is live and may have changed since the recovery point: a manifest taken with the backup would tell',
          ];
    },
  };
}
