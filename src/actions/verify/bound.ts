/**
 * Comparing with a live source: it has grown since the recovery point, which is no loss. A table that says when its rows were
 * written is compared up to then, on both sides alike.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { Engine, ReadSession } from './engine.ts';
import type { Looking } from './rung.ts';

/** `engine` where one table ends at a time. Its name then stands for its older rows, in statements that read. */
export type Bound = (engine: Engine) => Engine;

/**
 * How a table is bounded in comparisons; undefined for one that is compared whole.
 * @throws FiredrillError `no-such-time` for a time or column that isn't one
 */
export async function boundOf(looking: Looking, session: ReadSession, table: string): Promise<Bound | undefined> {
  const { asOf = '', tables = {} } = looking.input.params;
  const name = tables[table]?.upTo;
  if (name === undefined) return undefined;
  const untilMs = Date.parse(asOf);
  if (!Number.isFinite(untilMs)) throw noTime(`asOf: '${asOf}' is no time`, 'a time in ISO 8601');
  const { engine } = looking;
  const column = (await engine.columns(session, table)).find((each) => each.name === name);
  const writtenMs = column && engine.epochMs(column);
  if (writtenMs === undefined) throw noTime(`${table} has no column ${name} of a time`, 'a column with date and time');
  const older = `(select * from ${engine.table(table)} where ${writtenMs} <= ${untilMs}) bounded`;
  return (whole) => ({ ...whole, table: (other) => (other === table ? older : whole.table(other)) });
}

const noTime = (message: string, expected: string): FiredrillError =>
  new FiredrillError('no-such-time', message, {
    expected,
    remedy: 'Correct upTo or asOf of the verification.',
    provesNothing: true,
  });
