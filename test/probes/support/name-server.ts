/** A DNS server whose records are changed by the test, over UDP and TCP on one port. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import packet from 'dns-packet';
import type { Answer, Packet } from 'dns-packet';

export class NameServer {
  records: Answer[] = [];
  authoritative = false;
  /** Cuts answers over UDP short, so that clients have to ask over TCP. */
  truncates = false;
  /** Takes questions over UDP and doesn't answer this many of them. */
  drops = 0;
  readonly questions: string[] = [];
  readonly #udp = createSocket('udp4');
  readonly #tcp = createServer((socket) => {
    socket.on('data', (bytes) =>
      socket.end(framed(packet.encode(this.#answer(packet.decode(bytes.subarray(2)), false)))),
    );
    socket.on('error', () => undefined);
  });

  async open(): Promise<this> {
    this.#tcp.listen(0, '127.0.0.1');
    await once(this.#tcp, 'listening');
    this.#udp.bind(this.port, '127.0.0.1');
    await once(this.#udp, 'listening');
    this.#udp.on('message', (bytes, from) => {
      const question = packet.decode(bytes);
      const answer = this.#answer(question, this.truncates);
      if (this.drops > 0) this.drops -= 1;
      else this.#udp.send(packet.encode(answer), from.port, from.address);
    });
    return this;
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #answer({ id, questions = [] }: Packet, cut: boolean): Packet {
    const [{ name, type } = { name: '', type: 'A' }] = questions;
    this.questions.push(`${type} ${name}`);
    const known = this.records.filter((record) => record.name === name);
    const answers = known.filter((record) => record.type === type || record.type === 'CNAME');
    const flags =
      (this.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
      (cut ? packet.TRUNCATED_RESPONSE : 0) |
      (known.length === 0 ? 3 : 0);
    return { type: 'response', id, flags, questions, answers: cut ? [] : answers };
  }
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
