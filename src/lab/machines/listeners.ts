/** Who listens within a lab's network: also what another lab has left for a moment, which can't be seen from its name server. */
import { readFileSync } from 'node:fs';

/**
 * The addresses of 127.N.0.0/16 on which anybody listens, as `address:port`.
 * Source: proc(5), /proc/net/tcp: addresses are words as the machine keeps them, which is the least byte first on all that Node
 * runs on; ports and states are numbers, and 0A is LISTEN.
 */
export function listenersOn(network: number, table = readFileSync('/proc/net/tcp', 'latin1')): string[] {
  return table
    .split('\n')
    .map((line) => /^\s*\d+: ([\dA-F]{8}):([\dA-F]{4}) \S+ 0A /.exec(line))
    .filter((found) => found !== null)
    .map(([, address = '', port = '']) => ({
      bytes: [...Buffer.from(address, 'hex')].reverse(),
      port: parseInt(port, 16),
    }))
    .filter(({ bytes: [first, second] }) => first === 127 && second === network)
    .map(({ bytes, port }) => `${bytes.join('.')}:${port}`);
}
