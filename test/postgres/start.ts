/** Postgres servers of tests, on ports that nobody else has. */
import { startServer } from '../../src/postgres/server.ts';
import type { Server, StartOptions } from '../../src/postgres/server.ts';
import { onOwnPort } from './own-port.ts';

/** Starts a server that is ready. */
export const startOnFreePort = (options: Omit<StartOptions, 'port'>): Promise<Server> =>
  onOwnPort(async (port) => {
    const server = await startServer({ ...options, port });
    await server.ready;
    return server;
  }, options.host);
