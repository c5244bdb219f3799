/** A DNS server whose records are changed by the test, over UDP and TCP on one port. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import packet from 'dns-packet';
import type { Answer, Packet } from 'dns-packet';

export class NameServer {
  records: Answer[] = [];
  authoritative = false;
  /** Zones of which other servers know. Questions about names within get a referral. */
  delegations: { zone: string; servers: readonly { name: string; address?: string }[]; ttl?: number }[] = [];
  /** Answers nothing but this. */
  refuses: 'REFUSED' | 'SERVFAIL' | undefined;
  /** Cuts answers over UDP short, so that clients have to ask over TCP. */
  truncates = false;
  /** Takes questions over UDP and doesn't answer this many of them. */
  drops = 0;
  /** Called with every question that is not answered. */
  onDrop: (() => void) | undefined;
  /** A datagram that was sent again counts once. */
  readonly questions: string[] = [];
  readonly #heard = new Set<string>();
  readonly #udp = createSocket('udp4');
  readonly #tcp = createServer((socket) => {
    socket.on('data', (bytes) =>
      socket.end(framed(packet.encode(this.#answer(packet.decode(bytes.subarray(2)), false, socket.remotePort)))),
    );
    socket.on('error', () => undefined);
  });

  async open(host = '127.0.0.1', port = 0): Promise<this> {
    // The port of one protocol may be somebody's of the other: a client's for the time of a question.
    while (!(await this.#bind(host, port))) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#udp.on('message', (bytes, from) => {
      const question = packet.decode(bytes);
      const answer = this.#answer(question, this.truncates, from.port);
      if (this.drops > 0) {
        this.drops -= 1;
        this.onDrop?.();
      } else this.#udp.send(packet.encode(answer), from.port, from.address);
    });
    return this;
  }

  async #bind(host: string, port: number): Promise<boolean> {
    this.#tcp.listen(port, host);
    if (!(await isListening(this.#tcp))) return false;
    this.#udp.bind(this.port, host);
    if (await isListening(this.#udp)) return true;
    this.#tcp.close();
    await once(this.#tcp, 'close');
    return false;
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  get address(): string {
    return `${(this.#tcp.address() as AddressInfo).address}:${this.port}`;
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #answer({ id, questions = [] }: Packet, cut: boolean, from: number | undefined): Packet {
    const [{ name, type } = { name: '', type: 'A' }] = questions;
    if (!this.#heard.has(`${from} ${id}`)) this.questions.push(`${type} ${name}`);
    this.#heard.add(`${from} ${id}`);
    if (this.refuses) return { type: 'response', id, flags: rcodes[this.refuses], questions };
    const delegation = this.delegations.find(({ zone }) => name === zone || name.endsWith(`.${zone}`));
    if (delegation) return { type: 'response', id, questions, ...referral(delegation) };
    const known = this.records.filter((record) => record.name === name);
    const answers = known.filter((record) => record.type === type || record.type === 'CNAME');
    const flags =
      (this.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
      (cut ? packet.TRUNCATED_RESPONSE : 0) |
      (known.length === 0 ? 3 : 0);
    return { type: 'response', id, flags, questions, answers: cut ? [] : answers };
  }
}

/** False where the port is somebody else's. */
const isListening = (socket: EventEmitter): Promise<boolean> =>
  once(socket, 'listening').then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      return false;
    },
  );

const rcodes = { SERVFAIL: 2, REFUSED: 5 };

/** The zone's name servers, and as glue those addresses that are known. */
function referral({ zone, servers, ttl = 60 }: NameServer['delegations'][number]): Partial<Packet> {
  return {
    authorities: servers.map(({ name }): Answer => ({ type: 'NS', name: zone, ttl, data: name })),
    additionals: servers.flatMap(({ name, address }): Answer[] =>
      address === undefined ? [] : [{ type: 'A', name, ttl, data: address }],
    ),
  };
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
