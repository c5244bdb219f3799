/**
 * `postgres/canary`: numbered writes by SQL, for databases that no application gives a canary URL for. It makes the table
 * `firedrill_canary` when the run begins, and removes its own rows in the end; the table stays.
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
  port: count("the port; default the database's, else 5432").optional(),
  name: text('name of the database on the server; default as the login says').optional(),
  login: secret("the login; default the database target's").optional(),
  tls: choice(['on', 'off'], 'encrypt the connection; default on, in the lab off').optional(),
});

export const spec = {
  name: 'postgres/canary',
  describes: 'Writes numbers into a table of its own by SQL and reads them back at the end: gives RPO',
  params,
  canary: true,
} satisfies ProbeSpec<typeof params>;

const table = `create table if not exists firedrill_canary
  (run text, probe text, n bigint, written_at timestamptz not null default now(), primary key (run, probe, n))`;

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
        await withSession(signal, async ({ client }) => {
          if (!tableIsThere) await client.query(table);
          tableIsThere = true;
          sent = true;
          await client.query('insert into firedrill_canary (run, probe, n) values ($1, $2, $3)', [...mine, n]);
        });
        return good();
      } catch (error) {
        return failed(error, sent, signal);
      }
    },
    async readBack(signal) {
      return withSession(signal, async ({ client }) => {
        const sql = 'select n from firedrill_canary where run = $1 and probe = $2';
        const { rows } = await client.query<{ n: string }>(sql, mine);
        return rows.map(({ n }) => Number(n));
      });
    },
    async cleanUp(signal) {
      await withSession(signal, ({ client }) =>
        client.query('delete from firedrill_canary where run = $1 and probe = $2', mine),
      );
    },
    close() {
      for (const session of idle) session.drop();
    },
  };
}

/**
 * A server that refuses an insert has not committed it, except when it refuses because it is going down (classes 08, 57 and
 * 58): then it may have, as when the connection breaks.
 */
function failed(error: unknown, sent: boolean, signal: AbortSignal): Answer {
  const { code } = error as { code?: unknown };
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code) ? code : undefined;
  if (sqlState === undefined) {
    const why = whyOf(error, signal);
    return sent ? { outcome: 'indeterminate', why } : bad(why);
  }
  const why = sqlState === '25006' ? 'read-only' : `sqlstate ${sqlState}`;
  return sent && /^(08|57|58)/.test(sqlState) ? { outcome: 'indeterminate', why } : bad(why);
}

/** @throws UsageError `canary-database` */
function serverOf({ probe, plan }: ProbeContext): ServerAddress {
  const { database, host, port, name, login, tls } = params.parse(probe.with);
  const resolved = database === undefined ? undefined : plan.targets[database];
  const facts = resolved?.items[0]?.facts ?? {};
  const address = host ?? (typeof facts['endpoint'] === 'string' ? facts['endpoint'] : undefined);
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
    port: port ?? (Number(facts['port']) || 5432),
    login: secretRef,
    database: name,
    tls: tls === undefined ? plan.environment === 'aws' : tls === 'on',
  };
}

export const postgresCanary: ProbeKind<typeof params> = { spec, open };
