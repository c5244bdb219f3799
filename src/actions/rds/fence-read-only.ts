/**
 * The `read-only` fence: the engine's own setting, in the parameter group that belongs to this instance alone. New
 * transactions can't write, reading goes on, and replication can catch up. Transactions that began before may still write, so
 * it is settled when they have ended. A client can override it with SET: it is a fence for planned switchovers.
 */
import type { FiredrillError } from '../../domain/errors.ts';
import { UsageError } from '../../domain/errors.ts';
import type { ChangePart, Progress } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { arnOf, onlyItem } from '../places.ts';
import type { SqlSession } from '../sql-port.ts';
import { lookBySql, speaksSql } from '../sql.ts';
import { endpointOf, theDatabase } from './databases.ts';
import type { Setting } from './read-only-setting.ts';
import { ReadOnlySetting, isOn, noReadOnlySetting, sameSetting } from './read-only-setting.ts';

/** @throws UsageError `fence-unsupported` */
export function readOnlyPart(input: ActionInput, database: ResolvedTarget): ChangePart<Setting> {
  const { id } = onlyItem(database);
  const setting = ReadOnlySetting.of(input, database);
  if (!setting) throw noReadOnlySetting(database);
  const transactions = new OlderTransactions();

  return {
    shape: 'change',
    name: 'read-only',
    touches: arnOf(database),
    pollMs: input.pollMs,
    read: (attempt) => setting.read(attempt),
    desired: () => ({ value: '1' }),
    same: sameSetting,
    async write(to, _from, attempt) {
      await setting.mustBeOwn(attempt);
      await setting.write(to, attempt);
    },
    async settled(to, attempt): Promise<Progress> {
      const instance = await theDatabase(input, database, attempt);
      const applied = instance.DBParameterGroups?.find((found) => found.DBParameterGroupName === setting.group);
      if (applied?.ParameterApplyStatus !== 'in-sync') {
        return {
          done: false,
          saw: `the parameters of ${id} are ${applied?.ParameterApplyStatus ?? 'another group’s'}`,
        };
      }
      const endpoint = endpointOf(instance);
      if (!speaksSql(database) || !endpoint) return { done: true, outputs: { confirmed: isOn(to) } };
      return lookBySql(input, database, endpoint, (sql) =>
        isOn(to) ? transactions.ended(sql, id) : isWritable(sql, id),
      );
    },
  };
}

/** Transactions that were under way when the setting was seen to be in force, and may write still. */
class OlderTransactions {
  #older: ReadonlySet<string> | undefined;

  async ended(sql: SqlSession, id: string): Promise<Progress> {
    if (!(await isReadOnly(sql))) return { done: false, saw: `new sessions of ${id} can still write` };
    // Locks are shown to every role, sessions' details are not.
    const rows = await sql.query(
      `select l.virtualtransaction as id from pg_locks l left join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid()
         and coalesce(a.backend_type, 'client backend') = 'client backend'`,
    );
    const underWay = rows.map((row) => String(row['id']));
    this.#older ??= new Set(underWay);
    const left = underWay.filter((transaction) => this.#older!.has(transaction));
    if (left.length > 0) return { done: false, saw: `${left.length} older transactions of ${id} have not ended` };
    return { done: true, outputs: { confirmed: true } };
  }
}

const isReadOnly = async (sql: SqlSession): Promise<boolean> =>
  (await sql.query('show default_transaction_read_only'))[0]?.['default_transaction_read_only'] === 'on';

const isWritable = async (sql: SqlSession, id: string): Promise<Progress> =>
  (await isReadOnly(sql)) ? { done: false, saw: `${id} is still read-only` } : { done: true };

/** What stands against this fence, as the plan shows it. */
export async function refusalOf(input: ActionInput, database: ResolvedTarget): Promise<FiredrillError | undefined> {
  const setting = ReadOnlySetting.of(input, database);
  if (!setting) return noReadOnlySetting(database);
  try {
    await setting.mustBeOwn({ signal: new AbortController().signal });
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
