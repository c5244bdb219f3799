/**
 * A service whose outages are switched: a page, and canaries in memory. Down it refuses (nothing listens), answers 503, or
 * lets requests hang, which stay unanswered also when it is up again. It has an address of its own, so that its port is still
 * free when it comes up again.
 */
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { ownHost } from '../../support/own-host.ts';

export type Outage = 'refuse' | 'error' | 'hang';

export class Service {
  /** Committed numbers by run. */
  readonly canaries = new Map<string, Set<number>>();
  /** Commits a canary and then breaks the connection, instead of answering. */
  loseAnswers = false;
  /** Takes this long for every answer. */
  delayMs = 0;
  readonly requests: string[] = [];
  readonly host = ownHost;
  #server: Server | undefined;
  #port = 0;
  #outage: Outage | undefined;
  readonly #sockets = new Set<Socket>();

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://${this.host}:${this.#port}`;
  }

  async up(): Promise<void> {
    this.#outage = undefined;
    if (this.#server) return;
    const server = createServer(({ method = '', url = '' }, response) => {
      const answer = () => this.#answer(method, url, response);
      if (this.delayMs > 0) setTimeout(answer, this.delayMs);
      else answer();
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server.listen(this.#port, this.host);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  async down(how: Outage): Promise<void> {
    this.#outage = how;
    if (how === 'refuse') await this.close();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(method: string, url: string, response: ServerResponse): void {
    this.requests.push(`${method} ${url}`);
    if (this.#outage === 'hang') return;
    if (this.#outage === 'error') return void response.writeHead(503).end();
    const [, kind, run = '', n] = url.split('/');
    if (kind !== 'canary') return void response.end('{"status":"ok","db":{"role":"primary"}}');
    const own = this.canaries.get(run) ?? new Set<number>();
    this.canaries.set(run, own);
    if (method === 'PUT') own.add(Number(n));
    if (method === 'DELETE') own.clear();
    if (method === 'PUT' && this.loseAnswers) return void response.socket?.destroy();
    return void response.end(method === 'GET' ? JSON.stringify([...own]) : '');
  }
}
