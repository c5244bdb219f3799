/** Servers of tests that are told their port: another process may take it before they do. */
import { freePort } from '../../src/postgres/server.ts';

const isTaken = /in use|TCP\/IP sockets/i;

/**
 * Starts a server on a port that is free, and on another one where somebody has taken that meanwhile.
 * @param start rejects with what the server said, and leaves nothing running then
 */
export async function onOwnPort<T>(start: (port: number) => Promise<T>, host = '127.0.0.1'): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await start(await freePort(host));
    } catch (error) {
      const { message, found = '', stderr = '' } = error as Error & { found?: string; stderr?: string };
      if (left === 0 || !isTaken.test([message, found, stderr].join('\n'))) throw error;
    }
  }
}
