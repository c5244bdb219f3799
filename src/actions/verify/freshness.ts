/**
 * Rung 7: how old the newest row is. It gives the recovery point, which the restore's RPO is measured by: what the data itself
 * says goes before the date of the backup's file.
 */
import type { Rung } from './rung.ts';
import { rowsOf } from './wording.ts';

/** Clocks of two machines may be this far apart, milliseconds. */
const skewMs = 5_000;

export const freshnessRung: Rung = async ({ input, engine, restored }, attempt) => {
  const { table, column, within } = input.params.freshness!;
  const where = `${table}.${column}`;
  const fails = (said: string, provesNothing?: true) =>
    ({ done: true, check: { holds: false, said: `${said}.`, ...(provesNothing && { provesNothing }) } }) as const;

  const columns = await restored.use(attempt, (session) => engine.columns(session, table));
  if (columns.length === 0) return fails(`${table} is missing, so nothing tells how fresh the data is`);
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
  const now = input.clock.wall().getTime();
  if (newestMs > now + skewMs) {
    return fails(`the newest ${where} is ${recoveryPointAt}, ${ageOf(newestMs - now)} in the future: it dates nothing`);
  }

  const began = input.recoveryBeganAt();
  const ageMs = (began ? Date.parse(began.at) : now) - newestMs;
  const since = began ? 'when recovery began' : 'by now';
  const said = `The newest ${where} of ${rowsOf(Number(rows))} is ${recoveryPointAt}, ${ageOf(ageMs)} old ${since}`;
  const holds = within === undefined || ageMs <= within;
  return {
    done: true,
    outputs: { recoveryPointAt },
    check: {
      holds,
      said: holds
        ? `${said}${within === undefined ? '' : ` (at most ${ageOf(within)})`}.`
        : `${said}; expected at most ${ageOf(within)}: ${ageOf(ageMs - within)} too old.`,
    },
  };
};

/** `26 h 3 min`, in its two largest units. */
export function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([n]) => n > 0);
  if (first < 0) return '0 s';
  const shown = units.slice(first, first + 2).filter(([n]) => n > 0);
  return shown.map(([n, unit]) => `${n} ${unit}`).join(' ');
}
