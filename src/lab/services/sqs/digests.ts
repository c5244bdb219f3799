/** The MD5 digests by which clients check what SQS received and sends. */
import { createHash } from 'node:crypto';
import type { MessageAttribute } from './state.ts';

export const md5OfBody = (body: string): string => createHash('md5').update(body).digest('hex');

const isBinary = ({ dataType }: MessageAttribute): boolean => dataType.startsWith('Binary');

const bytesOf = (attribute: MessageAttribute): Buffer =>
  Buffer.from(attribute.value, isBinary(attribute) ? 'base64' : 'utf8');

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** Names in order, each with its type, a byte for the kind of value, and the value. Source: SQS developer guide, message metadata. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  for (const name of names) {
    const attribute = attributes[name] as MessageAttribute;
    hash.update(sized(Buffer.from(name))).update(sized(Buffer.from(attribute.dataType)));
    hash.update(Buffer.from([isBinary(attribute) ? 2 : 1])).update(sized(bytesOf(attribute)));
  }
  return hash.digest('hex');
}

/** Bytes that count against the maximum message size. */
export const sizeOf = (body: string, attributes: Readonly<Record<string, MessageAttribute>>): number =>
  Object.entries(attributes).reduce(
    (size, [name, attribute]) =>
      size + Buffer.byteLength(name) + Buffer.byteLength(attribute.dataType) + bytesOf(attribute).length,
    Buffer.byteLength(body),
  );
