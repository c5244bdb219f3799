/**
 * SQL to the databases under drill, where a login is given: the only way to prove that a write succeeds or that a replica has
 * replayed everything. `pg` is loaded when the first connection is made. Other engines are judged by the control plane.
 */
import { isIP } from 'node:net';
import { FiredrillError } from '../domain/errors.ts';
import type { Progress } from '../domain/part.ts';
import type { ResolvedTarget } from '../domain/plan.ts';
import { parseLogin, readSecret } from '../secrets/secrets.ts';
import type { ActionInput } from './action.ts';
import { addressesOf } from './dns.ts';
import { onlyItem, textOf } from './places.ts';
import { authoritiesFor, isLoopback } from './trust.ts';
import type { Row, SqlEndpoint, SqlPort, SqlSession } from './sql-port.ts';

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 5_000;

/**
 * Whether anything about this database can be proven by SQL.
 * @param engine as it is described now; default: as the plan found it, if it did
 */
export const speaksSql = (target: ResolvedTarget, engine?: string): boolean =>
  target.login !== undefined &&
  (engine ?? (textOf(onlyItem(target).facts['engine']) || 'postgres')).startsWith('postgres');

/**
 * Looks by SQL. A database that can't be reached, or refuses, isn't there yet: that is what the person is shown.
 * @throws UsageError when the login behind the target's reference is missing or of no known shape
 */
export async function lookBySql(
  input: ActionInput,
  target: ResolvedTarget,
  endpoint: SqlEndpoint,
  look: (session: SqlSession) => Promise<Progress>,
): Promise<Progress> {
  const open = input.sql ?? postgres(input.env);
  let session: SqlSession | undefined;
  try {
    session = await open(target, endpoint);
    return await look(session);
  } catch (error) {
    if (error instanceof FiredrillError) throw error;
    return { done: false, saw: `${onlyItem(target).id} by SQL: ${(error as Error).message}` };
  } finally {
    await session?.close();
  }
}

/** Real sessions. Names are resolved as probes resolve them, so that a lab's names are found. */
const postgres =
  (env: NodeJS.ProcessEnv): SqlPort =>
  async (target, { host, port, database }) => {
    const login = parseLogin(await readSecret(target.login!, env), target.login!);
    const { default: pg } = await import('pg');
    const address = isIP(host) ? host : ((await addressesOf(host, env))?.[0] ?? host);
    const client = new pg.Client({
      host: address,
      port,
      user: login.user,
      password: login.password,
      database: login.database ?? database ?? 'postgres',
      application_name: 'firedrill',
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      // RDS asks for TLS and its certificates name the endpoint; a loopback server has neither.
      ssl: isLoopback(address) ? false : { servername: host, ca: await authoritiesFor(host, env) },
    });
    // An idle client whose connection breaks emits an error; the query that follows fails and says why.
    client.on('error', () => {});
    await client.connect();
    return {
      query: async (sql, values) => (await client.query(sql, values?.slice())).rows as Row[],
      close: () => client.end().catch(() => {}),
    };
  };
