/**
 * How a probe resolves names: by the system, by a given server, or by the servers that have authority over the zone; with or
 * without keeping answers for their TTL. Every probe has its own, so that each sees what a client of its kind would see.
 *
 * The system's resolver tells no TTL and caches by itself. Negative answers are never kept: a client that asks often enough
 * to be a probe would rather ask again.
 */
import dns from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { Answer as Record, DecodedPacket, RecordType } from 'dns-packet';
import type { Clock } from '../../domain/clock.ts';
import { UsageError } from '../../domain/errors.ts';
import { ProbeFailure, whyOf } from '../failure.ts';
import { Authority } from './authority.ts';
import type { Server } from './query.ts';
import { ask } from './query.ts';

export type AnswerType = 'A' | 'AAAA' | 'CNAME' | 'TXT';

export interface ResolverOptions {
  /** `system`, `authoritative` or `HOST:PORT`. */
  source: string;
  /**
   * Server that finds the zone's servers for `authoritative`; `HOST:PORT`. A resolver, or one of the zone or its parent.
   * Default: the system's.
   */
  base?: string;
  ttl: 'honour' | 'ignore';
  clock: Clock;
  /** Where the servers of zones listen, for `authoritative`. @default 53 */
  zonePort?: number;
}

interface Found {
  values: string[];
  /** Seconds for which they may be kept. */
  ttlS: number;
}

const maxChain = 8;

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #kept = new Map<string, Found & { untilNs: bigint }>();
  readonly #authority: Authority;

  /** @throws UsageError `resolver-invalid` */
  constructor(options: ResolverOptions) {
    this.#options = options;
    if (options.source !== 'system' && options.source !== 'authoritative') serverOf(options.source);
    if (options.base !== undefined && options.base !== 'system') serverOf(options.base);
    const { base, clock, zonePort } = options;
    this.#authority = new Authority({ base: () => baseServer(base), clock, port: zonePort });
  }

  /**
   * The values of a name, chains of CNAMEs followed.
   * @throws ProbeFailure `dns NXDOMAIN`, `dns no answer`, `dns timeout` ...
   */
  async resolve(name: string, type: AnswerType, signal: AbortSignal): Promise<string[]> {
    const key = `${type} ${name.toLowerCase()}`;
    const kept = this.#kept.get(key);
    const { clock, ttl } = this.#options;
    if (kept && clock.monoNs() < kept.untilNs) return kept.values;
    const found = await this.#find(name, type, signal).catch((error: unknown) => {
      const why = whyOf(error, signal);
      throw new ProbeFailure(why.startsWith('dns ') ? why : `dns ${why}`);
    });
    if (ttl === 'honour' && found.ttlS > 0) {
      this.#kept.set(key, { ...found, untilNs: clock.monoNs() + BigInt(found.ttlS) * 1_000_000_000n });
    }
    return found.values;
  }

  /** For `http.request` and `net.connect`: all addresses of the name, so that a client can try them in turn. */
  lookup(signal: AbortSignal): LookupFunction {
    const addresses = callbackify((hostname: string) => this.addresses(hostname, signal));
    return (hostname, options, callback) => {
      addresses(hostname, (error, found) => {
        const first = error ? undefined : found[0];
        if (!first) callback(error ?? new ProbeFailure('dns no answer'), '');
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      });
    };
  }

  /** IPv4 addresses, else IPv6 ones. An address stands for itself. @throws ProbeFailure */
  async addresses(hostname: string, signal: AbortSignal): Promise<{ address: string; family: number }[]> {
    const family = isIP(hostname);
    if (family !== 0) return [{ address: hostname, family }];
    if (this.#options.source === 'system') return systemLookup(hostname, signal);
    try {
      return (await this.resolve(hostname, 'A', signal)).map((address) => ({ address, family: 4 }));
    } catch (error) {
      if (!(error instanceof ProbeFailure) || error.message !== 'dns no answer') throw error;
      return (await this.resolve(hostname, 'AAAA', signal)).map((address) => ({ address, family: 6 }));
    }
  }

  async #find(name: string, type: AnswerType, signal: AbortSignal): Promise<Found> {
    if (this.#options.source === 'system') return { values: await systemResolve(name, type, signal), ttlS: 0 };
    let current = name.toLowerCase();
    let ttlS = Number.POSITIVE_INFINITY;
    for (let links = 0; links < maxChain; links += 1) {
      const answer = await this.#askAbout(current, type, signal);
      const end = follow(answer, current, type);
      ttlS = Math.min(ttlS, end.ttlS);
      if (end.values.length > 0) return { values: end.values, ttlS };
      if (end.name === current) throw new ProbeFailure('dns no answer');
      current = end.name;
    }
    throw new ProbeFailure('dns chain too long');
  }

  async #askAbout(name: string, type: RecordType, signal: AbortSignal): Promise<DecodedPacket> {
    const { source } = this.#options;
    const asked = source === 'authoritative' ? this.#authority.ask(name, type, signal) : undefined;
    return checked(await (asked ?? ask(serverOf(source), name, type, signal)));
  }
}

/** @throws ProbeFailure when the system has no resolver */
function baseServer(base: string | undefined): Server {
  if (base !== undefined && base !== 'system') return serverOf(base);
  const system = dns.getServers()[0];
  if (system === undefined) throw new ProbeFailure('dns no server');
  return serverOf(system);
}

/** Follows the chain within one answer. `name` is where it ends, `values` what stands there. */
function follow(
  answer: DecodedPacket,
  name: string,
  type: AnswerType,
): { name: string; values: string[]; ttlS: number } {
  const records = answer.answers ?? [];
  let current = name;
  let ttlS = Number.POSITIVE_INFINITY;
  for (let links = 0; links <= maxChain; links += 1) {
    const here = records.filter((record) => record.name.toLowerCase() === current);
    const values = here.filter((record) => record.type === type);
    for (const record of values) ttlS = Math.min(ttlS, ttlOf(record));
    if (values.length > 0) return { name: current, values: values.map(textOf), ttlS };
    const link = here.find((record) => record.type === 'CNAME');
    if (link?.type !== 'CNAME') break;
    ttlS = Math.min(ttlS, ttlOf(link));
    current = link.data.toLowerCase();
  }
  return { name: current, values: [], ttlS };
}

const ttlOf = (record: Record): number => ('ttl' in record ? (record.ttl ?? 0) : 0);

const textOf = (record: Record): string => {
  const { data } = record as { data: unknown };
  return Array.isArray(data) ? data.map(String).join('') : String(data);
};

function checked(answer: DecodedPacket): DecodedPacket {
  const { rcode } = answer as DecodedPacket & { rcode?: string };
  if (rcode !== undefined && rcode !== 'NOERROR') throw new ProbeFailure(`dns ${rcode}`);
  return answer;
}

/** @throws UsageError `resolver-invalid` */
export function serverOf(text: string): Server {
  if (isIP(text)) return { host: text, port: 53 };
  const match = /^\[?([0-9a-fA-F.:]+?)\]?:(\d{1,5})$/.exec(text);
  if (match && isIP(match[1]!)) return { host: match[1]!, port: Number(match[2]) };
  throw new UsageError('resolver-invalid', `'${text}' is not a resolver`, {
    expected: 'system, authoritative, or the address and port of a DNS server, like 127.0.0.1:5353',
    remedy: "Change the probe's resolver, or FIREDRILL_RESOLVER.",
  });
}

const systemLookup = (hostname: string, signal: AbortSignal) =>
  orAbort(dns.promises.lookup(hostname, { all: true }), signal);

async function systemResolve(name: string, type: AnswerType, signal: AbortSignal): Promise<string[]> {
  const resolver = new dns.promises.Resolver();
  try {
    const values = await orAbort(resolver.resolve(name, type) as Promise<(string | string[])[]>, signal);
    return values.map((value) => (Array.isArray(value) ? value.join('') : value));
  } finally {
    resolver.cancel();
  }
}

/** Some system calls can't be cancelled: leave them behind when time is over. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
