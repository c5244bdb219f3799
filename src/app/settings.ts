/** What the environment says: where state lies, which queue gets events, how much is logged. */
import { UsageError } from '../domain/errors.ts';
import { homeDir } from '../postgres/home.ts';

export interface Settings {
  /** Embedded Postgres, lab state, reports. FIREDRILL_HOME, default `~/.firedrill`, as root `/var/lib/firedrill`. */
  home: string;
  /** FIREDRILL_DATABASE_URL: a Postgres server that several nodes share. */
  databaseUrl?: string;
  /** FIREDRILL_EVENTS_QUEUE_URL: an SQS FIFO queue. */
  queueUrl?: string;
  /** FIREDRILL_LOG_LEVEL of the log on stderr. Default `warn`. */
  logLevel: string;
}

/** @throws UsageError `bad-log-level` */
export const settingsOf = (env: NodeJS.ProcessEnv): Settings => ({
  home: homeDir(env),
  databaseUrl: env['FIREDRILL_DATABASE_URL'] || undefined,
  queueUrl: env['FIREDRILL_EVENTS_QUEUE_URL'] || undefined,
  logLevel: logLevelOf(env),
});

const logLevels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function logLevelOf(env: NodeJS.ProcessEnv): string {
  const level = env['FIREDRILL_LOG_LEVEL'] || 'warn';
  if (logLevels.includes(level)) return level;
  throw new UsageError('bad-log-level', 'FIREDRILL_LOG_LEVEL is no level of a log', {
    expected: logLevels.join(', '),
    found: level,
    remedy: 'Set it to one of these, or leave it out.',
  });
}
