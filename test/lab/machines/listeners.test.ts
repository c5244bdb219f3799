import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { listenersOn } from '../../../src/lab/machines/listeners.ts';

it('whoever listens in a network is seen with address and port, and not those of other networks', async () => {
  const servers = await Promise.all(
    ['127.253.3.4', '127.252.3.4'].map(async (host) => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      return server;
    }),
  );
  const [here, there] = servers.map((server) => server.address() as AddressInfo);
  const [seen, unseen] = [`127.253.3.4:${here!.port}`, `127.252.3.4:${there!.port}`];
  expect(listenersOn(253)).toContain(seen);
  expect(listenersOn(253)).not.toContain(unseen);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  expect(listenersOn(253)).not.toContain(seen);
});

it('connections and what listens on every address are nobody’s network', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue',
    '   0: 0403017F:1F90 00000000:0000 0A 00000000:00000000',
    '   1: 0403017F:1F90 0100007F:9C40 01 00000000:00000000',
    '   2: 00000000:11D6 00000000:0000 0A 00000000:00000000',
    '',
  ].join('\n');
  expect(listenersOn(1, table)).toEqual(['127.1.3.4:8080']);
});
