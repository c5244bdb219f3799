/** The databases of a verification: where they are, how one logs in, and what it means when they don't answer. */
import { isIP } from 'node:net';
import { FiredrillError, UsageError, isLost } from '../../domain/errors.ts';
import type { Attempt, Progress } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import { parseLogin, parsePassword, readSecret } from '../../secrets/secrets.ts';
import type { ActionInput } from '../action.ts';
import { addressesOf } from '../dns.ts';
import { onlyItem, textOf } from '../places.ts';
import { storesAt } from '../secret-stores.ts';
import { authoritiesFor, isLoopback } from '../trust.ts';
import type { Engine, ReadSession, Server, Tls, Trouble } from './engine.ts';
import type { VerifyParams } from './params.ts';

export type VerifyInput = ActionInput<VerifyParams>;

/** Which of the two, in the words of sentences. */
export type Side = 'restored' | 'source';

/** A session that failed, for the rung that used it. */
export class DatabaseTrouble extends Error {
  override name = 'DatabaseTrouble';
  readonly side: Side;
  readonly trouble: Trouble;

  constructor(side: Side, trouble: Trouble, cause: unknown) {
    super((cause as Error).message, { cause });
    this.side = side;
    this.trouble = trouble;
  }
}

export interface Endpoint {
  host: string;
  port: number;
  database: string;
}

export class Database {
  readonly side: Side;
  readonly target: ResolvedTarget;
  readonly #input: VerifyInput;
  readonly #engine: Engine;

  constructor(input: VerifyInput, engine: Engine, side: Side, target: ResolvedTarget) {
    this.#input = input;
    this.#engine = engine;
    this.side = side;
    this.target = target;
  }

  /** @throws FiredrillError `no-endpoint`, `other-engine` */
  get endpoint(): Endpoint {
    const { facts } = onlyItem(this.target);
    const engine = textOf(facts['engine']);
    const isOther = this.#engine.name === 'postgres' ? /mysql|mariadb/.test(engine) : /postgres/.test(engine);
    if (isOther) {
      throw new FiredrillError('other-engine', `${this.target.name} is ${engine}, not ${this.#engine.title}`, {
        expected: this.#engine.title,
        found: engine,
        remedy: `Verify it with ${this.#engine.name === 'postgres' ? 'mysql' : 'postgres'}/verify.`,
        provesNothing: true,
      });
    }
    const host = textOf(facts['endpoint']);
    if (host === '') {
      throw new FiredrillError('no-endpoint', `${this.target.name} has no endpoint to log in at`, {
        remedy: 'Wait with the step before until the database listens.',
      });
    }
    const port = Number(textOf(facts['port'])) || this.#engine.defaultPort;
    const name = this.#input.params.name ?? textOf(facts['database']);
    return { host, port, database: name || this.#engine.name };
  }

  /**
   * Looks on a connection of its own.
   * @param statementMs longest time of a statement; default: what the step has
   * @throws DatabaseTrouble, or FiredrillError for what waiting doesn't mend: `login-refused`, `no-such-database`, `tls-refused`
   */
  async use<T>(
    { signal }: Pick<Attempt, 'signal'>,
    look: (session: ReadSession, server: Server) => Promise<T>,
    statementMs = this.#input.timeoutMs,
  ): Promise<T> {
    const server = await this.#server();
    let session: ReadSession | undefined;
    try {
      session = await this.#engine.open(server, { statementMs, signal });
      return await look(session, server);
    } catch (error) {
      if (error instanceof FiredrillError || error instanceof DatabaseTrouble) throw error;
      signal.throwIfAborted();
      const trouble = this.#engine.troubleOf(error);
      if (trouble === 'unknown') throw error;
      throw this.#fatal(trouble, server, error as Error) ?? new DatabaseTrouble(this.side, trouble, error);
    } finally {
      await session?.close();
    }
  }

  async #server(): Promise<Server> {
    const { host, port, database } = this.endpoint;
    const { env, params } = this.#input;
    const address = isIP(host) ? host : ((await addressesOf(host, env))?.[0] ?? host);
    const tls: Tls = params.tls ?? (isLoopback(address) ? 'off' : 'verify');
    const authorities = tls === 'verify' ? await authoritiesFor(host, env).catch(blamesDrill) : undefined;
    return { host, address, port, tls, authorities, database, ...(await this.#login().catch(blamesDrill)) };
  }

  async #login(): Promise<{ user: string; password: string }> {
    const { params, env } = this.#input;
    const { login } = this.target;
    const { user, password } = params;
    const own = user !== undefined && password !== undefined;
    if (own && (this.side === 'restored' || login === undefined)) {
      return { user, password: parsePassword(await readSecret(password, env, storesAt(this.#input.aws, this.target))) };
    }
    if (login === undefined) throw loginMissing(this.target);
    const { user: name, password: secret } = parseLogin(await readSecret(login, env), login);
    return { user: name, password: secret };
  }

  #fatal(trouble: Trouble, { user, database, host, port, tls }: Server, cause: Error): FiredrillError | undefined {
    const of = this.side === 'source' ? `the source ${this.target.name}` : this.target.name;
    if (trouble === 'login-refused') {
      return new FiredrillError('login-refused', `${of} refuses the login of ${user}: ${cause.message}`, {
        expected: `role ${user} with the password that is referred to`,
        found: cause.message,
        remedy: `Correct user or password. A restored server has the roles and passwords of the time of its backup.${
          tls === 'off' ? ' MariaDB says the same to one who comes without TLS where it wants that.' : ''
        }`,
        provesNothing: true,
        cause,
      });
    }
    if (trouble === 'no-database') {
      return new FiredrillError('no-such-database', `${of} has no database ${database}: ${cause.message}`, {
        expected: `database ${database} at ${host}:${port}`,
        found: cause.message,
        remedy: 'See what the restore made there; give the step a name if the database is called otherwise.',
        provesNothing: this.side === 'source',
        cause,
      });
    }
    if (trouble === 'tls') {
      const { expected, remedy } = wantedOf(tls, host);
      return new FiredrillError('tls-refused', `${of} is not to be had with tls: ${tls}: ${cause.message}`, {
        expected,
        found: cause.message,
        remedy,
        provesNothing: true,
        cause,
      });
    }
    return undefined;
  }
}

const wantedOf = (tls: Tls, host: string): { expected: string; remedy: string } =>
  ({
    verify: {
      expected: `TLS, and a certificate for ${host} that is trusted`,
      remedy: 'Trust its authority (NODE_EXTRA_CA_CERTS), or say tls: encrypt where nobody could stand in between.',
    },
    encrypt: { expected: 'TLS', remedy: 'Let the server offer TLS, or say tls: off where nobody could listen.' },
    off: { expected: 'a server that takes connections without TLS', remedy: 'Say tls: verify, or tls: encrypt.' },
  })[tls];

/** A login that can't be had says nothing of the estate. */
function blamesDrill(error: unknown): never {
  if (!(error instanceof FiredrillError) || isLost(error)) throw error;
  const { code, message, expected, found, remedy } = error;
  throw new FiredrillError(code, message, { expected, found, remedy, cause: error, provesNothing: true });
}

export const loginMissing = ({ name }: ResolvedTarget): UsageError =>
  new UsageError('login-missing', `nothing says how to log in at ${name}`, {
    expected: 'user and password of the step, or a login of the target',
    remedy: 'Give the step a user, and its password by reference.',
  });

/** What a role needs for what it was denied. Others' rights are named in the server's own words. */
function wantOf(message: string): string {
  if (/row-level security/.test(message)) return '; where policies hide rows, it needs BYPASSRLS';
  return /\btable\b/.test(message) ? '; it needs SELECT on the whole table, not on some of its columns' : '';
}

/** What a rung makes of a session that failed: wait, or a sentence. */
export function progressOf(error: unknown): Progress {
  if (!(error instanceof DatabaseTrouble)) throw error;
  const { side, trouble, message } = error;
  const of = side === 'source' ? 'the source' : 'the restored database';
  if (trouble === 'unreachable') return { done: false, saw: `${of}: ${message}` };
  const said = {
    denied: `The verification role may not do this on ${of}: ${message}${wantOf(message)}.`,
    slow: `${of} did not answer in time: ${message}.`,
  };
  const fallback = `${of} refused: ${message}.`;
  const sentence = trouble === 'denied' || trouble === 'slow' ? said[trouble] : fallback;
  return {
    done: true,
    check: {
      holds: false,
      said: sentence[0]!.toUpperCase() + sentence.slice(1),
      ...((trouble === 'denied' || side === 'source') && { provesNothing: true }),
    },
  };
}
