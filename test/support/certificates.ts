/**
 * An authority of one's own and certificates by it, made with what Node has: nothing needs to be installed. X.509 version 3 in
 * DER (RFC 5280), on the curve P-256; only what servers and clients of databases look at.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** Both as PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

export interface Authority {
  certificate: string;
  /** @param names DNS names and IPv4 addresses */
  issue(...names: readonly string[]): Certificate;
}

const dayMs = 86_400_000;

export function makeAuthority(name: string): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certify = (subject: string, key: KeyObject, extensions: Buffer) =>
    pem('CERTIFICATE', signed(tbsOf(name, subject, key, extensions), pair.privateKey));
  return {
    certificate: certify(name, pair.publicKey, extension('2.5.29.19', sequence(der(0x01, [0xff])), true)),
    issue(...names) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const alternatives = extension('2.5.29.17', sequence(...names.map(nameOf)));
      const key = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { certificate: certify(names[0] ?? '', own.publicKey, alternatives), key };
    },
  };
}

/** What is signed: valid from a month ago for a month. */
function tbsOf(issuer: string, subject: string, key: KeyObject, extensions: Buffer): Buffer {
  const now = Date.now();
  return sequence(
    der(0xa0, der(0x02, [2])), // version 3
    der(0x02, [0x01, ...randomBytes(8)]),
    ecdsaWithSha256,
    distinguished(issuer),
    sequence(utcTime(now - 30 * dayMs), utcTime(now + 30 * dayMs)),
    distinguished(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extensions)),
  );
}

const signed = (tbs: Buffer, key: KeyObject): Buffer =>
  sequence(tbs, ecdsaWithSha256, der(0x03, [0, ...sign('sha256', tbs, key)]));

function der(tag: number, content: Buffer | readonly number[]): Buffer {
  const body = Buffer.from(content);
  const long = body.length > 0x7f;
  const length = long ? [0x82, body.length >> 8, body.length & 0xff] : [body.length];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts));

/** First two numbers in one byte, later ones in seven bits each. */
function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((number) => {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, [first * 40 + second, ...bytes]);
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

const distinguished = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));

const utcTime = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`));

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [der(0x01, [0xff])] : []), der(0x04, value));

const nameOf = (name: string): Buffer =>
  isIP(name) ? der(0x87, name.split('.').map(Number)) : der(0x82, Buffer.from(name));

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n').trim()}\n-----END ${label}-----\n`;
