/**
 * The lab's name server, over UDP and TCP: RFC 1035 with EDNS(0) sizes, truncation, and CNAMEs followed. What names mean is asked
 * from outside for every question, so an answer is never older than the question.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE, type Answer, type Packet } from 'dns-packet';

export interface DnsRecord {
  name: string;
  type: string;
  ttl: number;
  /** As dns-packet has it: text for A, AAAA, CNAME, NS; an object for SOA, MX, SRV; strings for TXT. */
  data: unknown;
}

export interface DnsReply {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  answers: readonly DnsRecord[];
  /** SOA of the zone, where there is no answer: says how long that may be remembered. */
  authorities: readonly DnsRecord[];
}

/** @param name lower case, without a final dot */
export type Answering = (name: string, type: string) => DnsReply;

export interface DnsServer {
  host: string;
  port: number;
  close(): Promise<void>;
}

const longestChase = 8;
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
  const { rcode, answers, authorities } = follow(question.name.toLowerCase().replace(/\.$/, ''), question.type, answer);
  const edns = query.additionals?.find((additional) => additional.type === 'OPT');
  const packet = {
    id: query.id,
    type: 'response',
    flags: AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & recursionDesired) | rcodes[rcode],
    questions: [question],
    answers: answers as Answer[],
    authorities: authorities as Answer[],
    additionals: edns ? [{ ...edns, udpPayloadSize: largestUdpBytes, options: [] }] : [],
  } satisfies Packet & { authorities: Answer[] };
  const whole = encode(packet);
  const wanted = edns?.type === 'OPT' ? edns.udpPayloadSize : plainUdpBytes;
  const limit = Math.min(Math.max(wanted, plainUdpBytes), largestUdpBytes);
  if (over === 'tcp' || whole.length <= limit) return whole;
  return encode({ ...packet, flags: packet.flags | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

const recursionDesired = 0x0100;
const rcodes = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 } as const;

function parse(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch {
    // Not DNS. A name server stays silent, or it could be made to answer itself for ever.
    return undefined;
  }
}

/** Follows CNAMEs as far as the lab knows the names. */
function follow(name: string, type: string, answer: Answering): DnsReply {
  const found: DnsRecord[] = [];
  let asked = name;
  for (let step = 0; ; step += 1) {
    const reply = answer(asked, type);
    found.push(...reply.answers);
    const last = reply.answers.at(-1);
    const goesOn = last?.type === 'CNAME' && type !== 'CNAME' && type !== 'ANY' && step < longestChase;
    // A name that isn't the lab's is for someone else to resolve: what was found so far is the answer.
    if (!goesOn)
      return {
        ...reply,
        rcode: found.length > 0 && reply.rcode === 'REFUSED' ? 'NOERROR' : reply.rcode,
        answers: found,
      };
    asked = String(last.data).toLowerCase().replace(/\.$/, '');
  }
}
