/**
 * Comparing with a live source: it has grown since the recovery point, which is no loss. A table that says when its rows were
 * written is compared up to then, on both sides alike.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { Engine, ReadSession } from './engine.ts';
import type { Looking } from './rung.ts';
import { withView } from './view.ts';

/** Of a table: its rows up to the recovery point. */
export interface Bound {
  /** Whether a row is one of them, as SQL. */
  condition: string;
  /** The engine where the table is these rows. */
  engine: Engine;
}

/**
 * How a table is bounded in comparisons; undefined for one that is compared whole, or is missing.
 * @throws FiredrillError `no-such-time` for a time or column that isn't one
 */
export async function boundOf(looking: Looking, session: ReadSession, table: string): Promise<Bound | undefined> {
  const { asOf = '', tables = {} } = looking.input.params;
  const name = tables[table]?.upTo;
  if (name === undefined) return undefined;
  const untilMs = Date.parse(asOf);
  if (!Number.isFinite(untilMs)) throw noTime(`asOf: '${asOf}' is no time`, 'a time in ISO 8601');
  const { engine } = looking;
  const columns = await engine.columns(session, table);
  // A table that is gone is the restore's fault and not the bound's.
  if (columns.length === 0) return undefined;
  const column = columns.find((each) => each.name === name);
  const writtenMs = column && engine.epochMs(column);
  if (writtenMs === undefined) throw noTime(`${table} has no column ${name} of a time`, 'a column with date and time');
  const condition = `${writtenMs} <= ${untilMs}`;
  return { condition, engine: withView(engine, table, (from) => `select * from ${from} where ${condition}`) };
}

/** Those of these tables that are bounded. */
export async function boundsOf(
  looking: Looking,
  session: ReadSession,
  tables: readonly string[],
): Promise<Map<string, Bound>> {
  const bounds = new Map<string, Bound>();
  for (const table of tables) {
    const bound = await boundOf(looking, session, table);
    if (bound) bounds.set(table, bound);
  }
  return bounds;
}

const noTime = (message: string, expected: string): FiredrillError =>
  new FiredrillError('no-such-time', message, {
    expected,
    remedy: 'Correct upTo or asOf of the verification.',
    provesNothing: true,
  });
