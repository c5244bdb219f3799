/**
 * Rung 8: how old the newest row is. It gives the recovery point, which the restore's RPO is measured by: what the data itself
 * says goes before the date of the backup's file.
 */
import { durationText, momentText } from '../../domain/time-text.ts';
import type { Rung } from './rung.ts';
import { insteadOfRows } from './tally.ts';
import { rowsOf } from './wording.ts';

/** Clocks of two machines may be this far apart, milliseconds. */
const skewMs = 5_000;

export const freshnessRung: Rung = async ({ input, engine, restored }, attempt) => {
  const { table, column, within } = input.params.freshness!;
  const where = `${table}.${column}`;
  const fails = (said: string, provesNothing?: true) =>
    ({ done: true, check: { holds: false, said: `${said}.`, ...(provesNothing && { provesNothing }) } }) as const;

  const { kind, columns } = await restored.use(attempt, async (session) => ({
    kind: await engine.kind(session, table),
    columns: await engine.columns(session, table),
  }));
  if (kind === undefined) return fails(`${table} is missing, so nothing tells how fresh the data is`);
  if (kind !== 'table') return fails(`${table} ${insteadOfRows[kind]}`);
  const found = columns.find(({ name }) => name === column);
  if (!found) return fails(`${table} has no column ${column}, so nothing tells how fresh the data is`);
  const epochMs = engine.epochMs(found);
  if (epochMs === undefined) return fails(`${where} is of type ${found.type}, which is no point of time`, true);

  const sql = `select count(*), count(${engine.column(column)}), max(${epochMs}) from ${engine.table(table)}`;
  const [[rows, dated, newest] = []] = await restored.use(attempt, (session) => session.query(sql));
  if (rows === '0') return fails(`${table} has no row, so nothing tells how fresh the data is`);
  if (dated === '0') return fails(`${where} is NULL in all ${rowsOf(Number(rows))}`);
  const newestMs = Number(newest);
  if (!Number.isFinite(newestMs)) return fails(`the newest ${where} is ${newest}, which is no point of time`);
  const recoveryPointAt = new Date(newestMs).toISOString();
  const newestAt = momentText(recoveryPointAt);
  const now = input.clock.wall().getTime();
  if (newestMs > now + skewMs) {
    return fails(`the newest ${where} is ${newestAt}, ${durationText(newestMs - now)} in the future: it dates nothing`);
  }

  const began = input.recoveryBeganAt();
  const ageMs = (began ? Date.parse(began.at) : now) - newestMs;
  const since = began ? 'when recovery began' : 'by now';
  const said = `The newest ${where} of ${rowsOf(Number(rows))} is ${newestAt}, ${durationText(Math.max(0, ageMs), 'up')} old ${since}`;
  const holds = within === undefined || ageMs <= within;
  // The promised RPO judges it too, over the whole run.
  const isMerelyTold = within === undefined && !(input.rpoMs !== undefined && ageMs <= input.rpoMs);
  return {
    done: true,
    outputs: { recoveryPointAt },
    check: {
      holds,
      ...(holds && isMerelyTold && { notShown: true }),
      said: holds
        ? `${said}${within === undefined ? '' : ` (at most ${durationText(within)})`}.`
        : `${said}; expected at most ${durationText(within)}: ${durationText(ageMs - within, 'up')} too old.`,
    },
  };
};
