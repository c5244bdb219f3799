/**
 * What every command that knows runs works with: the store with its log, inbox and samples, a clock, a logger. Opened once a
 * command, closed at its end; the last command (or prober) to close stops the embedded Postgres.
 */
import pino from 'pino';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { Inbox, Log, SampleStore } from '../domain/ports.ts';
import { createInbox } from '../log/inbox.ts';
import { createLog } from '../log/log.ts';
import { createSampleStore } from '../log/samples.ts';
import { prepareLogTables } from '../log/schema.ts';
import { openStore } from '../postgres/store.ts';
import type { Store } from '../postgres/store.ts';
import type { LogLines } from './log-lines.ts';
import { openLogLines } from './log-lines.ts';
import type { Settings } from './settings.ts';
import { settingsOf } from './settings.ts';
import { systemClock } from './system-clock.ts';

export interface App {
  env: NodeJS.ProcessEnv;
  settings: Settings;
  logger: Logger;
  /** Where the logger's lines go. */
  logLines: LogLines;
  clock: Clock;
  store: Store;
  log: Log;
  inbox: Inbox;
  samples: SampleStore;
  close(): Promise<void>;
}

export async function openApp(env: NodeJS.ProcessEnv): Promise<App> {
  const settings = settingsOf(env);
  const logLines = openLogLines();
  const store = await openStore({ home: settings.home, databaseUrl: settings.databaseUrl });
  await prepareLogTables(store.pool);
  return {
    env,
    settings,
    logger: createLogger(settings, logLines),
    logLines,
    clock: systemClock(),
    store,
    log: createLog(store.pool),
    inbox: createInbox(store.pool),
    samples: createSampleStore(store.pool),
    close: () => store.close(),
  };
}

/** JSON lines, on stderr unless said otherwise. What could hold a secret is taken out wherever it stands. */
export const createLogger = ({ logLevel }: Settings, lines: Pick<LogLines, 'write'> = openLogLines()): Logger =>
  pino(
    {
      level: logLevel,
      base: undefined,
      redact: {
        paths: ['*.password', '*.secretAccessKey', '*.sessionToken', '*.accessKeyId', '*.login'],
        remove: true,
      },
    },
    lines,
  );

/** Session locks by which processes know of each other. */
export const lockOf = {
  owner: (runId: string): string => `owner:${runId}`,
  prober: (runId: string): string => `prober:${runId}`,
};
