/**
 * `mysql/canary`: numbered writes by SQL, for MySQL and MariaDB databases that no application gives a canary URL for. It makes
 * the table `firedrill_canary` when the run begins, and removes its own rows in the end; the table stays.
 */
import { z } from 'zod';
import type { ProbeSpec } from '../../domain/catalogue.ts';
import { UsageError } from '../../domain/errors.ts';
import { choice, count, secret, target, text } from '../../domain/fields.ts';
import { whyOf } from '../failure.ts';
import type { Answer, LiveProbe, ProbeContext, ProbeKind } from '../probe.ts';
import { bad, good } from '../probe.ts';
import type { ServerAddress, Session } from './session.ts';
import { connectTo, untilAborted } from './session.ts';

const params = z.strictObject({
  database: target('rds/instance', 'the database; or say host').optional(),
  host: text('name or address under which clients reach the database').optional(),
  port: count("the port; default the database's, else 3306").optional(),
  name: text('name of the database on the server; default as the login or the target says').optional(),
  login: secret("the login; default the database target's").optional(),
  tls: choice(['on', 'off'], 'encrypt the connection; default on, in the lab off').optional(),
});

export const spec = {
  name: 'mysql/canary',
  describes: 'Writes numbers into a table of its own by SQL and reads them back at the end: gives RPO',
  params,
  canary: true,
} satisfies ProbeSpec<typeof params>;

const table = `create table if not exists firedrill_canary (run varchar(80) not null, probe varchar(80) not null,
  n bigint not null, written_at timestamp(3) not null default current_timestamp(3), primary key (run, probe, n))`;

function open(context: ProbeContext): LiveProbe {
  const { runId, probe } = context;
  const server = serverOf(context);
  const idle: Session[] = [];
  let tableIsThere = false;

  /** Runs `use` on a connection; one that failed is not used again. */
  const withSession = async <T>(signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> => {
    const session = idle.pop() ?? (await connectTo(server, context, signal));
    try {
      const result = await untilAborted(session.drop, signal, () => use(session));
      if (probe.connection === 'pooled') idle.push(session);
      else session.drop();
      return result;
    } catch (error) {
      session.drop();
      throw error;
    }
  };
  const mine = [runId, probe.name];

  return {
    async ask(n, signal) {
      let sent = false;
      try {
        await withSession(signal, async (session) => {
          if (!tableIsThere) await session.query(table);
          tableIsThere = true;
          sent = true;
          await session.query('insert into firedrill_canary (run, probe, n) values (?, ?, ?)', [...mine, n]);
        });
        return good();
      } catch (error) {
        return failed(error, sent, signal);
      }
    },
    async readBack(signal) {
      return withSession(signal, async (session) => {
        const rows = await session.query('select n from firedrill_canary where run = ? and probe = ?', mine);
        return rows.map(({ n }) => Number(n));
      });
    },
    async cleanUp(signal) {
      await withSession(signal, (session) =>
        session.query('delete from firedrill_canary where run = ? and probe = ?', mine),
      );
    },
    close() {
      for (const session of idle) session.drop();
    },
  };
}

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

/** A server that refuses an insert has not committed it; a connection that broke says nothing of it. */
function failed(error: unknown, sent: boolean, signal: AbortSignal): Answer {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('ER_')) {
    const why = whyOf(error, signal);
    return sent ? { outcome: 'indeterminate', why } : bad(why);
  }
  const why = readOnly.has(code) ? 'read-only' : code;
  return sent && goingDown.has(code) ? { outcome: 'indeterminate', why } : bad(why);
}

/** @throws UsageError `canary-database` */
function serverOf({ probe, plan }: ProbeContext): ServerAddress {
  const { database, host, port, name, login, tls } = params.parse(probe.with);
  const resolved = database === undefined ? undefined : plan.targets[database];
  const facts = resolved?.items[0]?.facts ?? {};
  const textOf = (fact: string): string | undefined => {
    const value = facts[fact];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const address = host ?? textOf('endpoint');
  const secretRef = login ?? resolved?.login;
  if (address === undefined || secretRef === undefined) {
    throw new UsageError('canary-database', `probe ${probe.name} can't tell which database to write to`, {
      expected: 'a database target or a host, and a login (of the probe or of the target)',
      found: address === undefined ? 'no endpoint' : 'no login',
      remedy: 'Give the probe a host and a login, or the target a login.',
    });
  }
  return {
    host: address,
    port: port ?? (Number(facts['port']) || 3306),
    login: secretRef,
    database: name ?? textOf('database'),
    tls: tls === undefined ? plan.environment === 'aws' : tls === 'on',
  };
}

export const mysqlCanary: ProbeKind<typeof params> = { spec, open };
