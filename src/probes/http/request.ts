/**
 * One HTTP request as a user's client makes it, and what became of it. Redirects are not followed: a probe says what it asks.
 * `sent` tells whether the server can have seen the request: a write that was sent and not answered may have taken effect.
 */
import http from 'node:http';
import https from 'node:https';
import type { Probe } from '../../domain/drill.ts';
import type { Resolver } from '../dns/resolver.ts';
import { whyOf } from '../failure.ts';

export type Outcome =
  { answered: true; status: number; body: string } | { answered: false; why: string; sent: boolean };

/** More than this of a body isn't looked at. */
const maxBodyBytes = 16 * 1024 * 1024;

export class HttpClient {
  readonly #resolver: Resolver;
  readonly #agents: { http: http.Agent; https: https.Agent };

  constructor(resolver: Resolver, connection: Probe['connection']) {
    this.#resolver = resolver;
    const keepAlive = connection === 'pooled';
    this.#agents = { http: new http.Agent({ keepAlive }), https: new https.Agent({ keepAlive }) };
  }

  request(method: 'GET' | 'PUT' | 'DELETE', url: URL, signal: AbortSignal): Promise<Outcome> {
    const secure = url.protocol === 'https:';
    const lookup = this.#resolver.lookup(signal);
    const headers = { 'user-agent': 'firedrill-probe', ...(method === 'PUT' && { 'content-length': '0' }) };
    return new Promise((resolve) => {
      let sent = false;
      const fail = (error: unknown): void => resolve({ answered: false, why: whyOf(error, signal), sent });
      const request = secure
        ? https.request(url, { method, headers, lookup, signal, agent: this.#agents.https })
        : http.request(url, { method, headers, lookup, signal, agent: this.#agents.http });
      request.on('socket', (socket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', () => (sent = true));
        else sent = true;
      });
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        let size = 0;
        response.on('data', (piece: Buffer) => {
          size += piece.length;
          if (size <= maxBodyBytes) pieces.push(piece);
        });
        response.on('end', () =>
          resolve({ answered: true, status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString('utf8') }),
        );
        response.on('error', fail);
        response.on('close', () => fail(new Error('reset')));
      });
      request.on('error', fail);
      request.end();
    });
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}
