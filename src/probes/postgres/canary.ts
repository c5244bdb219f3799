/** `postgres/canary`: numbered writes by SQL into a Postgres database. */
import type { ProbeSpec } from '../../domain/catalogue.ts';
import type { ProbeKind } from '../probe.ts';
import type { Dialect, Refusal } from '../sql/canary.ts';
import { canaryParams, openCanary } from '../sql/canary.ts';
import { postgresDriver } from './driver.ts';

const defaultPort = 5432;
const params = canaryParams({ port: defaultPort, database: 'as the login says' });

export const spec = {
  name: 'postgres/canary',
  describes: 'Writes numbers into a table of its own by SQL and reads them back at the end: gives RPO',
  params,
  canary: true,
} satisfies ProbeSpec<typeof params>;

const dialect: Dialect = {
  driver: postgresDriver,
  defaultPort,
  needsDatabase: false,
  statements: {
    createTable: `create table if not exists firedrill_canary
  (run text, probe text, n bigint, written_at timestamptz not null default now(), primary key (run, probe, n))`,
    insert: 'insert into firedrill_canary (run, probe, n) values ($1, $2, $3)',
    select: 'select n from firedrill_canary where run = $1 and probe = $2',
    remove: 'delete from firedrill_canary where run = $1 and probe = $2',
  },
  refusalOf,
};

/** By SQLSTATE: a server that is going down (classes 08, 57 and 58) may have committed what it refuses. */
function refusalOf(error: unknown): Refusal | undefined {
  const { code } = error as { code?: unknown };
  const isSqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code);
  if (!isSqlState) return undefined;
  return { why: code === '25006' ? 'read-only' : `sqlstate ${code}`, inDoubt: /^(08|57|58)/.test(code) };
}

export const postgresCanary: ProbeKind<typeof params> = {
  spec,
  open: (context) => openCanary(context, params.parse(context.probe.with), dialect),
};
