/**
 * One DNS question to one server: UDP, repeated while no answer comes, and TCP when the answer was cut short (RFC 1035, 7766).
 * It knows nothing of caching or of chains of names.
 */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { randomInt } from 'node:crypto';
import packet from 'dns-packet';
import type { DecodedPacket, RecordType } from 'dns-packet';

export interface Server {
  host: string;
  port: number;
}

/** A datagram can get lost: ask again after this long. */
const repeatMs = 400;

/** @throws the socket's error, or `signal.reason` */
export async function ask(server: Server, name: string, type: RecordType, signal: AbortSignal): Promise<DecodedPacket> {
  const id = randomInt(1 << 16);
  const question = packet.encode({
    type: 'query',
    id,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  const answer = await overUdp(server, question, id, signal);
  return answer.flag_tc ? overTcp(server, question, id, signal) : answer;
}

function overUdp(server: Server, question: Buffer, id: number, signal: AbortSignal): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    let repeat: NodeJS.Timeout | undefined;
    const finish = (settle: () => void): void => {
      clearInterval(repeat);
      signal.removeEventListener('abort', onAbort);
      socket.close();
      settle();
    };
    const onAbort = (): void => finish(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort);
    socket.on('error', (error) => finish(() => reject(error)));
    socket.on('message', (bytes) => {
      const answer = decoded(bytes);
      if (answer?.id === id && answer.type === 'response') finish(() => resolve(answer));
    });
    // A connected socket takes answers from the server alone and hears of a closed port.
    socket.connect(server.port, server.host, () => {
      socket.send(question);
      repeat = setInterval(() => socket.send(question), repeatMs);
    });
  });
}

function overTcp(server: Server, question: Buffer, id: number, signal: AbortSignal): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.host, port: server.port, signal });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length);
    socket.end(Buffer.concat([length, question]));
    let received = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = decoded(received.subarray(2));
      socket.destroy();
      if (answer?.id === id) resolve(answer);
      else reject(new Error('dns answer to another question'));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('dns connection closed')));
  });
}

/** Bytes that are no DNS message are not an answer: whoever sent them is ignored, and the question times out. */
function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return packet.decode(bytes);
  } catch {
    return undefined;
  }
}
