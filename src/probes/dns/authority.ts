/**
 * Asks the servers that have authority over a name's zone, so that a changed record is seen at once, whatever caches hold. Where
 * they are, a base server knows: a resolver, which answers for the zone's NS records, or a server of the zone's parent, which
 * refers to them (RFC 1034, 4.3.2). Servers of a zone refer on to those of zones below it.
 *
 *   base --NS, addresses--> servers of the zone --answer | referral--> servers of the zone below --> ...
 */
import type { Answer as Record, DecodedPacket, RecordType, StringAnswer } from 'dns-packet';
import type { Clock } from '../../domain/clock.ts';
import { ProbeFailure } from '../failure.ts';
import type { Server } from './query.ts';
import { ask } from './query.ts';

export interface AuthorityOptions {
  base(): Server;
  clock: Clock;
  /** Where the servers of zones listen. @default 53 */
  port?: number;
}

interface Zone {
  name: string;
  /** The one to be asked first. */
  servers: Server[];
  /** How many in a row have failed. */
  failed: number;
  untilNs?: bigint;
}

const maxReferrals = 8;

export class Authority {
  readonly #options: AuthorityOptions;
  readonly #zones = new Map<string, Zone>();

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  /** @throws ProbeFailure `dns no authority`, `dns REFUSED` ..., the socket's error, or `signal.reason` */
  async ask(name: string, type: RecordType, signal: AbortSignal): Promise<DecodedPacket> {
    const { clock } = this.#options;
    const known = this.#zones.get(name);
    const fresh = known && (known.untilNs === undefined || clock.monoNs() < known.untilNs);
    let zone = fresh ? known : await this.#find(name, signal);
    for (let referrals = 0; referrals < maxReferrals; referrals += 1) {
      this.#zones.set(name, zone);
      const answer = await this.#askZone(zone, name, type, signal);
      const below = isReferral(answer) ? await this.#zoneIn(answer, name, zone.servers[0]!, signal) : undefined;
      if (!below || below.name.length <= zone.name.length) return answer;
      zone = below;
    }
    throw new ProbeFailure('dns too many referrals');
  }

  /** A server that doesn't answer, or not for this zone, is not asked first again; when all have failed, the zone may have moved. */
  async #askZone(zone: Zone, name: string, type: RecordType, signal: AbortSignal): Promise<DecodedPacket> {
    try {
      const answer = answered(await ask(zone.servers[0]!, name, type, signal));
      zone.failed = 0;
      return answer;
    } catch (error) {
      zone.servers.push(zone.servers.shift()!);
      zone.failed += 1;
      if (zone.failed >= zone.servers.length) this.#zones.delete(name);
      throw error;
    }
  }

  /** The closest zone that the base knows of. It may have authority itself. */
  async #find(name: string, signal: AbortSignal): Promise<Zone> {
    const base = this.#options.base();
    for (let part = name; part !== ''; part = part.split('.').slice(1).join('.')) {
      const answer = answered(await ask(base, part, 'NS', signal));
      if (answer.flag_aa) return { name: part, servers: [base], failed: 0 };
      const zone = await this.#zoneIn(answer, name, base, signal);
      if (zone) return zone;
    }
    throw new ProbeFailure('dns no authority');
  }

  /** The closest zone above the name whose servers an answer or a referral names. */
  async #zoneIn(answer: DecodedPacket, name: string, from: Server, signal: AbortSignal): Promise<Zone | undefined> {
    const records = [...(answer.answers ?? []), ...(answer.authorities ?? [])].filter(isNs);
    const owners = records.map((record) => record.name.toLowerCase()).filter((owner) => isWithin(name, owner));
    const zone = owners.reduce((closest, owner) => (owner.length > closest.length ? owner : closest), '');
    if (zone === '') return undefined;
    const own = records.filter((record) => record.name.toLowerCase() === zone);
    const servers = await this.#addresses(
      own.map(({ data }) => data.toLowerCase()),
      answer,
      from,
      signal,
    );
    if (servers.length === 0) return undefined;
    const ttlS = Math.min(...own.map(({ ttl = 0 }) => ttl));
    const untilNs = this.#options.clock.monoNs() + BigInt(ttlS) * 1_000_000_000n;
    return { name: zone, servers, failed: 0, untilNs };
  }

  /** As the answer gives them along (glue), else as its sender finds them. A name of which nothing is found is left out. */
  async #addresses(
    names: readonly string[],
    answer: DecodedPacket,
    from: Server,
    signal: AbortSignal,
  ): Promise<Server[]> {
    const { port = 53 } = this.#options;
    const serversIn = (records: readonly Record[], name: string): Server[] =>
      records.flatMap((record) =>
        isAddress(record) && record.name.toLowerCase() === name ? [{ host: record.data, port }] : [],
      );
    const glue = names.flatMap((name) => serversIn(answer.additionals ?? [], name));
    if (glue.length > 0) return glue;
    const found: Server[] = [];
    for (const name of names) {
      const { answers = [] } = await ask(from, name, 'A', signal);
      found.push(...serversIn(answers, name));
    }
    return found;
  }
}

/** No answer of its own, but the servers of a zone that may have one. */
const isReferral = ({ flag_aa: authoritative, answers = [] }: DecodedPacket): boolean =>
  !authoritative && answers.length === 0;

const isNs = (record: Record): record is StringAnswer => record.type === 'NS';

const isAddress = (record: Record): record is StringAnswer => record.type === 'A' || record.type === 'AAAA';

const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** That a name doesn't exist is an answer; that a server can't or won't say is none. */
function answered(answer: DecodedPacket): DecodedPacket {
  const { rcode = 'NOERROR' } = answer as DecodedPacket & { rcode?: string };
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') throw new ProbeFailure(`dns ${rcode}`);
  return answer;
}
