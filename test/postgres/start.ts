/** Postgres servers of tests, on ports that nobody else has. */
import { freePort, startServer } from '../../src/postgres/server.ts';
import type { Server, StartOptions } from '../../src/postgres/server.ts';

/** Starts a server that is ready. A port that was free a moment ago may be somebody's by the time it listens: then on another. */
export async function startOnFreePort(options: Omit<StartOptions, 'port'>): Promise<Server> {
  for (;;) {
    const server = await startServer({ ...options, port: await freePort(options.host) });
    try {
      await server.ready;
      return server;
    } catch (error) {
      if (!(error as Error).message.endsWith('Address already in use')) throw error;
    }
  }
}
