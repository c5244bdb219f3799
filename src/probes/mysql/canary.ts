/** `mysql/canary`: numbered writes by SQL into a MySQL or MariaDB database. */
import type { ProbeSpec } from '../../domain/catalogue.ts';
import type { ProbeKind } from '../probe.ts';
import type { Dialect, Refusal } from '../sql/canary.ts';
import { canaryParams, openCanary } from '../sql/canary.ts';
import { mysqlDriver } from './driver.ts';

const defaultPort = 3306;
const params = canaryParams({ port: defaultPort, database: 'as the login or the target says' });

export const spec = {
  name: 'mysql/canary',
  describes: 'Writes numbers into a table of its own by SQL and reads them back at the end: gives RPO',
  params,
  canary: true,
} satisfies ProbeSpec<typeof params>;

const dialect: Dialect = {
  driver: mysqlDriver,
  defaultPort,
  needsDatabase: true,
  statements: {
    createTable: `create table if not exists firedrill_canary (run varchar(80) not null, probe varchar(80) not null,
  n bigint not null, written_at timestamp(3) not null default current_timestamp(3), primary key (run, probe, n))`,
    insert: 'insert into firedrill_canary (run, probe, n) values (?, ?, ?)',
    select: 'select n from firedrill_canary where run = ? and probe = ?',
    remove: 'delete from firedrill_canary where run = ? and probe = ?',
  },
  refusalOf,
};

/** Errors with which a server that is going down may have answered a write that it committed. */
const goingDown = new Set([
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_QUERY_INTERRUPTED',
  'ER_NEW_ABORTING_CONNECTION',
]);
const readOnly = new Set([
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_READ_ONLY_MODE',
]);

function refusalOf(error: unknown): Refusal | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('ER_')) return undefined;
  return { why: readOnly.has(code) ? 'read-only' : code, inDoubt: goingDown.has(code) };
}

export const mysqlCanary: ProbeKind<typeof params> = {
  spec,
  open: (context) => openCanary(context, params.parse(context.probe.with), dialect),
};
