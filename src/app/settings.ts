/** What the environment says: where state lies, which queue gets events, how much is logged. */
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

export const settingsOf = (env: NodeJS.ProcessEnv): Settings => ({
  home: homeDir(env),
  databaseUrl: env['FIREDRILL_DATABASE_URL'] || undefined,
  queueUrl: env['FIREDRILL_EVENTS_QUEUE_URL'] || undefined,
  logLevel: env['FIREDRILL_LOG_LEVEL'] || 'warn',
});
