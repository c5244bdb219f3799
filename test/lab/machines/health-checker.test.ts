import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeOverSockets } from '../../../src/lab/machines/health-checker.ts';

let server: Server;
const hosts: (string | undefined)[] = [];
beforeAll(async () => {
  server = createServer(({ url, headers }, response) => {
    hosts.push(headers.host);
    if (url === '/silent') return;
    response.writeHead(url === '/broken' ? 500 : 200);
    if (url === '/endless') response.write('x'.repeat(10_000));
    else response.end('all is well');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});
const probe = (path: string, more: { wantsBody?: boolean; host?: string; timeoutMs?: number } = {}) =>
  probeOverSockets({
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    path,
    timeoutMs: 60_000,
    wantsBody: false,
    ...more,
  });

describe("a health checker's probe", () => {
  it('brings the status, and the body where it is wanted', async () => {
    expect(await probe('/')).toEqual({ status: 200 });
    expect(await probe('/broken')).toEqual({ status: 500 });
    expect(await probe('/', { wantsBody: true })).toEqual({ status: 200, body: 'all is well' });
  });

  it('reads no more of a body than is looked at', async () => {
    expect(await probe('/endless', { wantsBody: true })).toEqual({ status: 200, body: 'x'.repeat(5_120) });
  });

  it('asks under the name of the check', async () => {
    await probe('/', { host: 'www.orders.test' });
    expect(hosts.at(-1)).toBe('www.orders.test');
  });

  it('says why there was no answer', async () => {
    expect(await probe('/silent', { timeoutMs: 150 })).toEqual({ error: 'no answer within 150 ms' });
    const nobody = { address: '127.0.0.1', port: 1, path: '/', timeoutMs: 60_000, wantsBody: false };
    expect(await probeOverSockets(nobody)).toEqual({ error: expect.stringContaining('ECONNREFUSED') });
  });
});
