/**
 * Rung 9: what the application would ask gets the answers that are expected, from tables that have rows. `0` is the right number of
 * wrong orders, and the number that a table gives which lost them all.
 */
import type { Attempt } from '../../domain/part.ts';
import { durationText } from '../../domain/time-text.ts';
import type { Engine, ReadSession, TextRow } from './engine.ts';
import { entryOf } from './manifest.ts';
import { asksForSomeRows, declaredAs } from './params.ts';
import type { Looking, Rung } from './rung.ts';
import { emptyAmong, insteadOfRows } from './tally.ts';
import { checkOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { shorten } from './wording.ts';

/** Longest time of one query. */
export const queryMs = 60_000;

interface Answer extends Verdict {
  /** Whether it was answered from rows. */
  sawRows: boolean;
}

export const queriesRung: Rung = async (looking, attempt) => {
  const { queries = [], tables = {} } = looking.input.params;
  const verdicts: Answer[] = [];
  for (const query of queries) verdicts.push(await verdictOn(looking, attempt, query));
  // What demands rows of some table has a rung of its own.
  const isAlone = !Object.values(tables).some((table) => asksForSomeRows(table));
  if (isAlone && verdicts.every(({ holds }) => holds) && !verdicts.some(({ sawRows }) => sawRows)) {
    const said = 'no query is seen to read a table: a database without any would answer them the same';
    verdicts.push({ holds: false, said, provesNothing: true, sawRows: false });
  }
  return { done: true, check: checkOf(verdicts) };
};

async function verdictOn(
  looking: Looking,
  attempt: Attempt,
  { sql, answer }: { sql: string; answer: string },
): Promise<Answer> {
  const { input, engine, restored } = looking;
  const shown = `'${shorten(sql, 80)}'`;
  const limitMs = Math.min(queryMs, input.timeoutMs);
  const found = await restored.use(attempt, (session) => asked(engine, session, sql), limitMs);
  if ('trouble' in found) {
    const { trouble, message } = found;
    const said =
      trouble === 'slow' ? `${shown} gave no answer within ${durationText(limitMs)}` : `${shown} failed: ${message}`;
    return { holds: false, said, sawRows: false, ...(trouble === 'denied' && { provesNothing: true }) };
  }
  const gave = shorten(found.text).replaceAll('\n', ' / ');
  const wanted = shorten(answer.trim()).replaceAll('\n', ' / ');
  if (found.text !== answer.trim()) {
    const said = `${shown}: expected ${wanted}, found ${gave}${byHowMuch(wanted, gave)}`;
    return { holds: false, said, sawRows: false };
  }
  const { hollow, sawRows } = await readBy(looking, attempt, sql);
  if (hollow.length === 0) return { holds: true, said: `${shown} gives ${gave}`, sawRows };
  const said = `${shown} gives ${gave}, but of what it asks ${hollow.join(', and ')}`;
  return { holds: false, said, sawRows, provesNothing: true };
}

/**
 * What a query was answered from. A table without rows answers as a lost one does, unless somebody said that it is empty: the
 * drill, or the manifest or source that the rung `rows` held it against.
 */
async function readBy(
  looking: Looking,
  attempt: Attempt,
  sql: string,
): Promise<{ hollow: string[]; sawRows: boolean }> {
  const { engine, restored, source, input } = looking;
  const manifest = await looking.manifest(attempt);
  const isCompared = (table: string): boolean =>
    manifest ? entryOf(manifest, table) !== undefined : source !== undefined;
  return restored.use(attempt, async (session) => {
    const hollow: string[] = [];
    let sawRows = false;
    for (const table of await engine.tablesRead(session, sql)) {
      const kind = await engine.kind(session, table);
      if (kind === 'foreign table') hollow.push(`${table} ${insteadOfRows[kind]}`);
      if (kind !== 'table') continue;
      const { empty } = await emptyAmong(engine, session, [table]);
      if (empty.length === 0) sawRows = true;
      else if (!isCompared(table) && declaredAs(input.params, table)?.empty !== true) {
        hollow.push(`${table} has no row; one that may be empty must be declared so`);
      }
    }
    return { hollow, sawRows };
  });
}

type Answered = { text: string } | { trouble: 'slow' | 'denied' | 'refused'; message: string };

/** One bad query must not keep the others from being asked. */
async function asked(engine: Engine, session: ReadSession, sql: string): Promise<Answered> {
  try {
    return { text: answerText(await session.query(sql)) };
  } catch (error) {
    const trouble = engine.troubleOf(error);
    if (trouble !== 'slow' && trouble !== 'denied' && trouble !== 'refused') throw error;
    return { trouble, message: (error as Error).message };
  }
}

/** Columns apart by `|`, rows by line. A text that reads as one of our own words stands in quotes. */
export function answerText(rows: readonly TextRow[]): string {
  if (rows.length === 0) return '(none)';
  const cell = (value: string | null): string =>
    value === null ? 'NULL' : value === 'NULL' || value === '(none)' ? `"${value}"` : value;
  return rows
    .map((row) => row.map(cell).join('|'))
    .join('\n')
    .trim();
}

/** For numbers: how far off. */
function byHowMuch(expected: string, found: string): string {
  const [a, b] = [Number(expected), Number(found)];
  if (Number.isNaN(a) || Number.isNaN(b) || expected === '' || found === '') return '';
  return `: ${Math.abs(b - a)} ${b > a ? 'more' : 'less'}`;
}
