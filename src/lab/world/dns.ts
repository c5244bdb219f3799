/**
 * What the lab's name servers answer: records of hosted zones with their routing policies, and the names that the provider gives to
 * databases, balancers, instances and its own endpoints. Pure: sockets and packets are the DNS server's.
 *
 * Source: Route 53 developer guide, "How Amazon Route 53 chooses records when health checking is configured".
 */
import type { World } from '../world.ts';
import { providerAddresses } from './provider-names.ts';
import { fullName, isHealthy, route53Accounts, route53State } from './route53.ts';
import type { HostedZone, RecordSet, Route53State } from './route53.ts';
import { targetIsHealthy } from './target-health.ts';

/** Names have no final dot; `value` is in presentation form (`10.0.0.1`, `"text"`, the seven fields of an SOA). */
export interface DnsRecord {
  name: string;
  type: string;
  ttlSeconds: number;
  value: string;
}

export interface DnsAnswer {
  /** REFUSED: no zone of the lab has the name. */
  rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  answers: DnsRecord[];
  /** The zone's SOA, in negative answers. */
  authority: DnsRecord[];
}

/** Chooses an index in proportion to the weights, whose sum is above 0. */
export type Choose = (weights: readonly number[]) => number;

interface Zone {
  state: Route53State;
  zone: HostedZone;
}

const maxChase = 8;
const withoutDot = (name: string): string => name.replace(/\.$/, '');

export function answerDns(world: World, name: string, type: string, choose: Choose): DnsAnswer {
  return new Resolution(world, type.toUpperCase(), choose).answer(fullName(name), 0);
}

class Resolution {
  private readonly world: World;
  private readonly type: string;
  private readonly choose: Choose;

  constructor(world: World, type: string, choose: Choose) {
    this.world = world;
    this.type = type;
    this.choose = choose;
  }

  answer(name: string, depth: number): DnsAnswer {
    const provider = providerAddresses(this.world, withoutDot(name));
    if (provider !== undefined) return this.fromProvider(name, provider);
    const found = zoneOf(this.world, name);
    if (found === undefined) return { rcode: 'REFUSED', answers: [], authority: [] };
    const { zone } = found;
    const here = recordsAt(zone, name);
    if (here.length === 0) return this.negative(zone, isInside(zone, name) ? 'NOERROR' : 'NXDOMAIN');
    const cname = this.pick(
      found,
      here.filter((record) => record.type === 'CNAME'),
      depth,
    );
    if (cname !== undefined && this.type !== 'CNAME') return this.follow(name, cname, depth);
    const record = this.pick(
      found,
      here.filter((each) => each.type === this.type),
      depth,
    );
    if (record === undefined) return this.negative(zone, 'NOERROR');
    if (record.alias !== undefined) return this.throughAlias(zone, name, record.alias.dnsName, depth);
    return { rcode: 'NOERROR', answers: this.recordsOf(name, record), authority: [] };
  }

  private recordsOf(name: string, record: RecordSet): DnsRecord[] {
    const ttlSeconds = this.ttl(record.ttl ?? 60);
    return (record.values ?? []).map((value) => ({
      name: withoutDot(name),
      type: record.type,
      ttlSeconds,
      value: record.type === 'CNAME' || record.type === 'NS' ? withoutDot(value) : value,
    }));
  }

  /** The chain goes on as far as the lab knows the names. */
  private follow(name: string, cname: RecordSet, depth: number): DnsAnswer {
    const first = cname.alias === undefined ? this.recordsOf(name, cname) : [];
    const next = cname.alias?.dnsName ?? fullName(cname.values?.[0] ?? '');
    if (depth >= maxChase) return { rcode: 'NOERROR', answers: first, authority: [] };
    const { rcode, answers, authority } = this.answer(next, depth + 1);
    return { rcode: rcode === 'REFUSED' ? 'NOERROR' : rcode, answers: [...first, ...answers], authority };
  }

  /** An alias answers in its own name, with the target's records and TTL. */
  private throughAlias(zone: HostedZone, name: string, target: string, depth: number): DnsAnswer {
    if (depth >= maxChase) return this.negative(zone, 'NOERROR');
    const { answers } = this.answer(target, depth + 1);
    const own = answers
      .filter((record) => record.type === this.type)
      .map((record) => ({ ...record, name: withoutDot(name) }));
    return own.length === 0 ? this.negative(zone, 'NOERROR') : { rcode: 'NOERROR', answers: own, authority: [] };
  }

  private fromProvider(
    name: string,
    { addresses, ttlSeconds }: { addresses: readonly string[]; ttlSeconds: number },
  ): DnsAnswer {
    const own = { name: withoutDot(name), type: 'A', ttlSeconds: this.ttl(ttlSeconds) };
    if (addresses.length > 0 && this.type === 'A')
      return { rcode: 'NOERROR', answers: addresses.map((value) => ({ ...own, value })), authority: [] };
    const soa = 'ns-1.amazonaws.com awsdns-hostmaster.amazon.com 1 7200 900 1209600 60';
    const authority = [{ name: 'amazonaws.com', type: 'SOA', ttlSeconds: this.ttl(60), value: soa }];
    return { rcode: addresses.length > 0 ? 'NOERROR' : 'NXDOMAIN', answers: [], authority };
  }

  private negative(zone: HostedZone, rcode: 'NOERROR' | 'NXDOMAIN'): DnsAnswer {
    const soa = zone.served.find(({ type }) => type === 'SOA');
    return { rcode, answers: [], authority: soa === undefined ? [] : this.recordsOf(zone.name, soa) };
  }

  /** One record set by the routing policy. When none is healthy, all count as healthy. */
  private pick(found: Zone, records: readonly RecordSet[], depth: number): RecordSet | undefined {
    const [first] = records;
    if (first?.setIdentifier === undefined) return first;
    const healthy = records.filter((record) => this.isHealthy(found, record, depth));
    if (first.failover !== undefined) {
      const primary = records.find(({ failover }) => failover === 'PRIMARY');
      return healthy.find((record) => record === primary) ?? healthy[0] ?? primary ?? first;
    }
    const weighted = (candidates: readonly RecordSet[]) => candidates.filter(({ weight = 0 }) => weight > 0);
    const candidates = [weighted(healthy), healthy, weighted(records), records].find((each) => each.length > 0) ?? [];
    const sum = candidates.reduce((total, { weight = 0 }) => total + weight, 0);
    return candidates[this.choose(candidates.map(({ weight = 0 }) => (sum === 0 ? 1 : weight)))];
  }

  /** A record without a check is always healthy; an alias that evaluates its target is as healthy as that. */
  private isHealthy(found: Zone, record: RecordSet, depth: number): boolean {
    const check = record.healthCheckId === undefined ? undefined : found.state.healthChecks[record.healthCheckId];
    if (check !== undefined && !isHealthy(check)) return false;
    const { alias } = record;
    if (alias?.evaluateTargetHealth !== true || depth >= maxChase) return true;
    const target = targetIsHealthy(this.world, withoutDot(alias.dnsName));
    if (target !== undefined) return target;
    const there = zoneOf(this.world, alias.dnsName);
    if (there === undefined) return true;
    const records = recordsAt(there.zone, alias.dnsName).filter(({ type }) => type === record.type);
    return records.length === 0 || records.some((each) => this.isHealthy(there, each, depth + 1));
  }

  /** Time to live is a duration like others: the fast profile shortens it. */
  private ttl(seconds: number): number {
    return seconds === 0 ? 0 : Math.max(1, Math.ceil(this.world.duration(seconds * 1_000) / 1_000));
  }
}

/** The longest zone that the name lies in. */
function zoneOf(world: World, name: string): Zone | undefined {
  const zones = route53Accounts(world).flatMap((account) => {
    const state = route53State(world, { account });
    return Object.values(state.zones).map((zone) => ({ state, zone }));
  });
  return zones
    .filter(({ zone }) => name === zone.name || name.endsWith(`.${zone.name}`))
    .sort((a, b) => b.zone.name.length - a.zone.name.length)[0];
}

/** Records at the name, or at the wildcard that covers it. */
function recordsAt(zone: HostedZone, name: string): RecordSet[] {
  const exact = zone.served.filter((record) => record.name === name);
  if (exact.length > 0 || isInside(zone, name)) return exact;
  const labels = name.split('.');
  for (let i = 1; i < labels.length; i += 1) {
    const wildcard = `*.${labels.slice(i).join('.')}`;
    const found = zone.served.filter((record) => record.name === wildcard);
    if (found.length > 0) return found;
    if (labels.slice(i).join('.') === zone.name) break;
  }
  return [];
}

/** Whether records exist below the name, so that it exists itself though it has none. */
const isInside = (zone: HostedZone, name: string): boolean =>
  zone.served.some((record) => record.name.endsWith(`.${name}`) && !record.name.startsWith('*.'));
