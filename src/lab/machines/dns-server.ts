/**
 * The lab's name server, over UDP and TCP: RFC 1035 with EDNS(0) sizes and truncation. What names mean is asked from outside for
 * every question, so an answer is never older than the question.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  TRUNCATED_RESPONSE,
  type Answer,
  type Packet,
  type Question,
} from 'dns-packet';
import { dataOf } from './dns-data.ts';

export interface NamedValue {
  name: string;
  type: string;
  ttlSeconds: number;
  /** In presentation form: `10.0.0.1`, `"text"`, the seven fields of an SOA. */
  value: string;
}

export interface DnsReply {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  answers: readonly NamedValue[];
  /** SOA of the zone, where there is no answer: says how long that may be remembered. */
  authority: readonly NamedValue[];
}

/** @param name lower case, without a final dot */
export type Answering = (name: string, type: string) => DnsReply;

export interface DnsServer {
  host: string;
  port: number;
  close(): Promise<void>;
}

const plainUdpBytes = 512;
const largestUdpBytes = 1_232;

/** @throws NodeJS.ErrnoException EADDRINUSE when the address is taken, on UDP or TCP */
export async function openDnsServer(options: { host: string; port: number; answer: Answering }): Promise<DnsServer> {
  const { host, answer } = options;
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveStream(socket, answer);
  });
  tcp.listen(options.port, host);
  await once(tcp, 'listening');
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;

  const udp = createSocket('udp4');
  udp.on('message', (message, from: RemoteInfo) => {
    const reply = replyTo(message, answer, 'udp');
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  try {
    udp.bind(port, host);
    await once(udp, 'listening');
  } catch (error) {
    tcp.close();
    throw error;
  }
  return {
    host,
    port,
    async close() {
      const closed = [once(udp, 'close'), once(tcp, 'close')];
      udp.close();
      tcp.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** Messages on a stream have their length in two bytes before them. */
function serveStream(socket: Socket, answer: Answering): void {
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const length = rest.readUInt16BE(0);
      const reply = replyTo(rest.subarray(2, 2 + length), answer, 'tcp');
      rest = rest.subarray(2 + length);
      if (reply === undefined) continue;
      const prefix = Buffer.alloc(2);
      prefix.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([prefix, reply]));
    }
  });
}

/** Undefined for what isn't a query: nothing is sent back. */
export function replyTo(message: Buffer, answer: Answering, over: 'udp' | 'tcp'): Buffer | undefined {
  const query = parse(message);
  const question = query?.questions?.[0];
  if (query === undefined || question === undefined || query.type !== 'query') return undefined;
  const { rcode, answers, authorities } = sectionsOf(question, answer);
  const edns = query.additionals?.find((additional) => additional.type === 'OPT');
  const packet = {
    id: query.id,
    type: 'response',
    flags: AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & recursionDesired) | rcode,
    questions: [question],
    answers,
    authorities,
    additionals: edns ? [{ ...edns, udpPayloadSize: largestUdpBytes, options: [] }] : [],
  } satisfies Packet & { authorities: Answer[] };
  const whole = encode(packet);
  const wanted = edns?.type === 'OPT' ? edns.udpPayloadSize : plainUdpBytes;
  const limit = Math.min(Math.max(wanted, plainUdpBytes), largestUdpBytes);
  if (over === 'tcp' || whole.length <= limit) return whole;
  return encode({ ...packet, flags: packet.flags | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

const recursionDesired = 0x0100;
const rcodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

interface Sections {
  rcode: number;
  answers: Answer[];
  authorities: Answer[];
}

function sectionsOf({ name, type }: Question, answer: Answering): Sections {
  const { rcode, answers, authority } = answer(name.toLowerCase().replace(/\.$/, ''), type);
  const unwritable = [...answers, ...authority].some((record) => dataOf(record.type, record.value) === undefined);
  if (unwritable) return { rcode: rcodes.SERVFAIL, answers: [], authorities: [] };
  return { rcode: rcodes[rcode], answers: answers.map(recordOf), authorities: authority.map(recordOf) };
}

function parse(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch {
    // Not DNS. A name server stays silent, or it could be made to answer itself for ever.
    return undefined;
  }
}

const recordOf = ({ name, type, ttlSeconds, value }: NamedValue): Answer =>
  ({ name, type, ttl: ttlSeconds, class: 'IN', data: dataOf(type, value) }) as Answer;
