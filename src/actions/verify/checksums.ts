/**
 * Rung 6: contents are the ones of the backup, value by value, by a checksum that doesn't mind the order of rows. Where it
 * differs and the source is there, both sides are narrowed down to the rows. Keys are told, contents never.
 */
import type { Attempt } from '../../domain/part.ts';
import { momentText } from '../../domain/time-text.ts';
import { boundOf } from './bound.ts';
import type { TableChecksum } from './checksum.ts';
import { checksumOf, judgeContents } from './contents.ts';
import type { Column, ReadSession } from './engine.ts';
import { narrow } from './narrow.ts';
import { entryOf } from './manifest.ts';
import type { Looking, Rung } from './rung.ts';
import { insteadOfRows } from './tally.ts';
import { checkOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';

interface Summed extends Verdict {
  value?: string;
}

export const checksumsRung: Rung = async (looking, attempt) => {
  const asked = Object.entries(looking.input.params.tables ?? {}).flatMap(([table, { checksum }]) =>
    checksum === undefined ? [] : [{ table, checksum }],
  );
  const verdicts: (Summed & { table: string })[] = [];
  for (const { table, checksum } of asked) {
    verdicts.push({ table, ...(await verdictOn(looking, attempt, table, checksum)) });
  }
  const values = verdicts.flatMap(({ table, value }) => (value === undefined ? [] : [[table, value] as const]));
  return {
    done: true,
    outputs: { checksums: Object.fromEntries(values) },
    check: checkOf(verdicts),
  };
};

async function verdictOn(
  looking: Looking,
  attempt: Attempt,
  table: string,
  asked: 'all' | readonly string[],
): Promise<Summed> {
  const { engine, restored, source } = looking;
  const { kind, all, bound } = await restored.use(attempt, async (session) => ({
    kind: await engine.kind(session, table),
    all: await engine.columns(session, table),
    bound: await boundOf(looking, session, table),
  }));
  if (kind === undefined) return { holds: false, said: `${table} is missing, so it has no checksum` };
  if (kind !== 'table') return { holds: false, said: `${table} ${insteadOfRows[kind]}` };
  const names = asked === 'all' ? all.map(({ name }) => name) : asked;
  const unknown = names.filter((name) => !all.some((column) => column.name === name));
  if (unknown.length > 0) return { holds: false, said: `${table} has no column ${unknown.join(', ')}` };

  const manifest = await looking.manifest(attempt);
  const entry = manifest && entryOf(manifest, table);
  // The order of columns is the manifest's: it matters to the value and to nobody who asks for them.
  const given = entry?.checksum && isSameSet(entry.checksum.columns, names) ? entry.checksum : undefined;
  const columns = (given?.columns ?? names).map((name) => all.find((column) => column.name === name)!);
  const shown = columns.map(({ name }) => name);
  // The source has grown since, a manifest hasn't.
  const eyes = !given && bound ? { ...looking, engine: bound.engine } : looking;
  const summed = (session: ReadSession) => checksumOf(eyes.engine, session, table, columns);
  const found = await restored.use(attempt, summed);
  const judge = (expected: TableChecksum, from: string): Summed => ({
    ...judgeContents({ table, columns: shown, found, expected, from }),
    value: found.value,
  });

  if (entry && given) {
    const verdict = judge({ rows: entry.rows, value: given.value }, `the manifest of ${momentText(manifest.takenAt)}`);
    return verdict.holds || !source ? verdict : withRows(verdict, await narrowed(looking, attempt, table, columns));
  }
  if (source) {
    const theirs = await source.use(attempt, (session) => engine.columns(session, table));
    const lacking = shown.filter((name) => !theirs.some((column) => column.name === name));
    if (lacking.length > 0) {
      return { holds: false, said: `${table}: the source has no column ${lacking.join(', ')}`, value: found.value };
    }
    const expected = await source.use(attempt, summed);
    const from = eyes === looking ? 'the source' : `the source up to ${momentText(looking.input.params.asOf!)}`;
    const verdict = judge(expected, from);
    return verdict.holds ? verdict : withRows(verdict, await narrowed(eyes, attempt, table, columns));
  }
  const over = shown.join(', ');
  const said = !entry
    ? `the manifest says nothing of ${table}, so it has no checksum to compare with`
    : entry.checksum
      ? `the manifest's checksum of ${table} is over ${entry.checksum.columns.join(', ')}, not over ${over}`
      : `the manifest has no checksum of ${table}`;
  return { holds: false, said, provesNothing: true, value: found.value };
}

const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each));

const withRows = (verdict: Summed, rows: string): Summed => ({ ...verdict, said: `${verdict.said}; ${rows}` });

async function narrowed(
  { engine, restored, source }: Looking,
  attempt: Attempt,
  table: string,
  columns: readonly Column[],
): Promise<string> {
  const found = await restored.use(attempt, (session) => engine.columns(session, table));
  const key = found.filter((column) => column.key > 0).sort((a, b) => a.key - b.key);
  if (key.length === 0) return `${table} has no primary key, so the rows that differ can't be told`;
  return restored.use(attempt, (mine) =>
    source!.use(attempt, (theirs) => narrow({ engine, table, columns, key, restored: mine, source: theirs })),
  );
}
