/**
 * Canaries that write by SQL, for databases that no application gives a canary URL for: numbered rows in the table
 * `firedrill_canary`, which is made when the run begins; the rows are removed in the end, the table stays. What differs
 * between servers is a dialect: how one is talked to, its statements, and what its refusals say of a write.
 */
import { z } from 'zod';
import { UsageError } from '../../domain/errors.ts';
import { choice, count, secret, target, text } from '../../domain/fields.ts';
import { whyOf } from '../failure.ts';
import type { Answer, LiveProbe, ProbeContext } from '../probe.ts';
import { bad, good } from '../probe.ts';
import type { Driver, ServerAddress, Session } from './session.ts';
import { connectTo, untilAborted } from './session.ts';

/** The server answered, and it was no. */
export interface Refusal {
  why: string;
  /** It may have committed what it was asked all the same, as one that goes down may have. */
  inDoubt: boolean;
}

export interface Dialect {
  driver: Driver;
  defaultPort: number;
  /** There is no connection without a database: that of the target, where the probe names none. */
  needsDatabase: boolean;
  /** All but the first take run and probe; `insert` the number besides. `select` gives the numbers as `n`. */
  statements: Readonly<Record<'createTable' | 'insert' | 'select' | 'remove', string>>;
  /** Undefined for an error that is not the server's answer: nobody knows what became of the question then. */
  refusalOf(error: unknown): Refusal | undefined;
}

export const canaryParams = (defaults: { port: number; database: string }) =>
  z.strictObject({
    database: target('rds/instance', 'the database; or say host').optional(),
    host: text('name or address under which clients reach the database').optional(),
    port: count(`the port; default the database's, else ${defaults.port}`).optional(),
    name: text(`name of the database on the server; default ${defaults.database}`).optional(),
    login: secret("the login; default the database target's").optional(),
    tls: choice(['on', 'off'], 'encrypt the connection; default on, in the lab off').optional(),
  });
type Params = z.output<ReturnType<typeof canaryParams>>;

/** @throws UsageError `canary-database` */
export function openCanary(context: ProbeContext, params: Params, dialect: Dialect): LiveProbe {
  const { runId, probe } = context;
  const { statements } = dialect;
  const server = serverOf(context, params, dialect);
  const idle: Session[] = [];
  let tableIsThere = false;

  /** Runs `use` on a connection; one that failed is not used again. */
  const withSession = async <T>(signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> => {
    const session = idle.pop() ?? (await connectTo(dialect.driver, server, context, signal));
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
          if (!tableIsThere) await session.query(statements.createTable);
          tableIsThere = true;
          sent = true;
          await session.query(statements.insert, [...mine, n]);
        });
        return good();
      } catch (error) {
        return failed(dialect.refusalOf(error), sent, whyOf(error, signal));
      }
    },
    async readBack(signal) {
      const rows = await withSession(signal, (session) => session.query(statements.select, mine));
      return rows.map(({ n }) => Number(n));
    },
    async cleanUp(signal) {
      await withSession(signal, (session) => session.query(statements.remove, mine));
    },
    close() {
      for (const session of idle) session.drop();
    },
  };
}

/** A server that refuses an insert has not committed it; a connection that broke, or a server that goes down, may have. */
function failed(refusal: Refusal | undefined, sent: boolean, broke: string): Answer {
  const { why, inDoubt } = refusal ?? { why: broke, inDoubt: true };
  return sent && inDoubt ? { outcome: 'indeterminate', why } : bad(why);
}

function serverOf({ probe, plan }: ProbeContext, params: Params, dialect: Dialect): ServerAddress {
  const { database, host, port, name, login, tls } = params;
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
    port: port ?? (Number(facts['port']) || dialect.defaultPort),
    login: secretRef,
    database: name ?? (dialect.needsDatabase ? textOf('database') : undefined),
    tls: tls === undefined ? plan.environment === 'aws' : tls === 'on',
  };
}
