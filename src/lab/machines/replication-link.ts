/**
 * The way of a replication stream from a source to one replica: a proxy of its own, so that cutting either end's subnet, or
 * making the link slow, hits this stream and no other. WAL that is held on the link has not reached the replica: it is lost with
 * the source, as with real lag.
 */
import type { Gate } from './network.ts';
import { Proxy, type Endpoint } from './proxy.ts';
import type { Hold } from './pump.ts';

export interface ReplicationLink {
  /** Where the replica connects to. */
  readonly endpoint: Endpoint;
  /** False while either end is cut off. */
  readonly moves: boolean;
  /** How long WAL is under way, milliseconds. */
  delayMs: number;
  open(source: Endpoint): Promise<void>;
  /** The source is gone or restarts: the stream ends and can't be made again until `open`. */
  dead(): void;
  close(): Promise<void>;
}

export async function openReplicationLink(listen: Endpoint, gate: Gate, source: Endpoint): Promise<ReplicationLink> {
  const proxy = new Proxy({ listen, gate, hold: () => holdStream(() => link.delayMs) });
  const link: ReplicationLink = {
    endpoint: listen,
    get moves() {
      return gate.passes(listen.host);
    },
    delayMs: 0,
    open: (source) => proxy.open(source),
    dead: () => proxy.dead(),
    close: () => proxy.close(),
  };
  await proxy.open(source);
  return link;
}

const typeAndLength = 5;
/** CopyBothResponse: the server's answer to START_REPLICATION. */
const copyBoth = 'W'.charCodeAt(0);

/**
 * Holds what the server sends once it streams; the handshake before would multiply the delay by its round trips.
 * Source: PostgreSQL documentation, "Message Formats" and "Streaming Replication Protocol".
 */
export function holdStream(delayMs: () => number): Hold {
  let streaming = false;
  let rest = Buffer.alloc(0);
  return (chunk) => {
    if (streaming) return delayMs();
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= typeAndLength) {
      if (rest[0] === copyBoth) {
        streaming = true;
        break;
      }
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) break;
      rest = rest.subarray(length);
    }
    return 0;
  };
}
