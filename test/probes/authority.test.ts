/** `resolver: authoritative`: the servers of a name's zone, found through its parent or a resolver, on addresses of their own. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Resolver } from '../../src/probes/dns/resolver.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { NameServer } from './support/name-server.ts';

const virtual = new VirtualClock();
const servers: NameServer[] = [];
let parent: NameServer;
/** In the world they all listen on port 53; here on one that the system chose. */
let zonePort: number;

/** A name server of a zone; all of them listen on the same port. */
async function zoneServer(host: string, ...records: NameServer['records']): Promise<NameServer> {
  const server = await new NameServer().open(host, zonePort);
  servers.push(server);
  server.authoritative = true;
  server.records = records;
  zonePort = server.port;
  return server;
}

const a = (name: string, data: string, ttl = 60): NameServer['records'][number] => ({ type: 'A', name, ttl, data });

beforeEach(async () => {
  zonePort = 0;
  parent = await new NameServer().open();
  servers.push(parent);
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const asking = () =>
  new Resolver({ source: 'authoritative', base: parent.address, ttl: 'ignore', clock: virtual, zonePort });
const addressOf = (
  resolver: Resolver,
  name = 'www.orders.test',
  signal = AbortSignal.timeout(60_000),
): Promise<string> => resolver.resolve(name, 'A', signal).then(String, String);
/** Asks for as long as it takes the server, which is silent, to be asked. */
const inVain = (resolver: Resolver, silent: NameServer): Promise<string> => {
  const asking = new AbortController();
  silent.onDrop = () => asking.abort();
  return addressOf(resolver, undefined, asking.signal);
};

describe('a resolver that goes to the servers of the zone', () => {
  test('finds them by the parent, which names them and where they are', async () => {
    const zone = await zoneServer('127.0.0.2', a('www.orders.test', '10.0.0.1'));
    parent.delegations = [{ zone: 'orders.test', servers: [{ name: 'ns1.orders.test', address: '127.0.0.2' }] }];
    const resolver = asking();
    expect(await addressOf(resolver)).toBe('10.0.0.1');
    zone.records = [a('www.orders.test', '10.0.0.2')];
    expect(await addressOf(resolver)).toBe('10.0.0.2');
    expect(parent.questions).toEqual(['NS www.orders.test']);
    expect(zone.questions).toEqual(['A www.orders.test', 'A www.orders.test']);
  });

  test('finds them by a resolver, which says nothing of where they are unless it is asked, and holds an old answer', async () => {
    await zoneServer('127.0.0.2', a('www.orders.test', '10.0.0.2'));
    parent.records = [
      { type: 'NS', name: 'orders.test', ttl: 60, data: 'ns1.hoster.test' },
      a('ns1.hoster.test', '127.0.0.2'),
      a('www.orders.test', '10.0.0.1'),
    ];
    expect(await addressOf(asking())).toBe('10.0.0.2');
    expect(parent.questions).toEqual(['NS www.orders.test', 'NS orders.test', 'A ns1.hoster.test']);
  });

  test('takes no server of another zone for one of its own, where the name is an alias', async () => {
    await zoneServer('127.0.0.2', { type: 'CNAME', name: 'www.orders.test', ttl: 60, data: 'edge.cdn.test' });
    await zoneServer('127.0.0.3', a('edge.cdn.test', '10.0.0.3'));
    parent.records = [
      { type: 'CNAME', name: 'www.orders.test', ttl: 60, data: 'cdn.test' },
      { type: 'NS', name: 'orders.test', ttl: 60, data: 'ns1.orders.test' },
      { type: 'NS', name: 'cdn.test', ttl: 60, data: 'ns1.cdn.test' },
      a('ns1.orders.test', '127.0.0.2'),
      a('ns1.cdn.test', '127.0.0.3'),
    ];
    expect(await addressOf(asking())).toBe('10.0.0.3');
  });

  test('is referred on to a zone below', async () => {
    const zone = await zoneServer('127.0.0.2');
    zone.delegations = [{ zone: 'eu.orders.test', servers: [{ name: 'ns1.eu.orders.test', address: '127.0.0.3' }] }];
    await zoneServer('127.0.0.3', a('www.eu.orders.test', '10.0.0.4'));
    parent.delegations = [{ zone: 'orders.test', servers: [{ name: 'ns1.orders.test', address: '127.0.0.2' }] }];
    const resolver = asking();
    expect(await addressOf(resolver, 'www.eu.orders.test')).toBe('10.0.0.4');
    expect(await addressOf(resolver, 'www.eu.orders.test')).toBe('10.0.0.4');
    expect(zone.questions).toHaveLength(1);
  });

  test('asks another one when one is silent, and all anew when none answers', async () => {
    const silent = await zoneServer('127.0.0.2', a('www.orders.test', '10.0.0.1'));
    const other = await zoneServer('127.0.0.3', a('www.orders.test', '10.0.0.1'));
    const two = ['127.0.0.2', '127.0.0.3'].map((address, n) => ({ name: `ns${n}.orders.test`, address }));
    parent.delegations = [{ zone: 'orders.test', servers: two }];
    silent.drops = Infinity;
    const resolver = asking();
    expect(await inVain(resolver, silent)).toContain('dns timeout');
    expect(await addressOf(resolver)).toBe('10.0.0.1');
    expect(await addressOf(resolver)).toBe('10.0.0.1');
    other.refuses = 'REFUSED';
    expect(await addressOf(resolver)).toContain('dns REFUSED');
    expect(await inVain(resolver, silent)).toContain('dns timeout');
    expect(parent.questions).toHaveLength(1);

    await zoneServer('127.0.0.4', a('www.orders.test', '10.0.0.9'));
    parent.delegations = [{ zone: 'orders.test', servers: [{ name: 'ns9.orders.test', address: '127.0.0.4' }] }];
    expect(await addressOf(resolver)).toBe('10.0.0.9');
  });

  test('looks where they are again once the TTL of that is over', async () => {
    const old = await zoneServer('127.0.0.2', a('www.orders.test', '10.0.0.1'));
    await zoneServer('127.0.0.3', a('www.orders.test', '10.0.0.2'));
    parent.delegations = [{ zone: 'orders.test', servers: [{ name: 'a.test', address: '127.0.0.2' }], ttl: 30 }];
    const resolver = asking();
    await addressOf(resolver);
    parent.delegations = [{ zone: 'orders.test', servers: [{ name: 'b.test', address: '127.0.0.3' }], ttl: 30 }];
    await virtual.sleep(29_000);
    expect(await addressOf(resolver)).toBe('10.0.0.1');
    await virtual.sleep(2_000);
    expect(await addressOf(resolver)).toBe('10.0.0.2');
    expect(old.questions).toHaveLength(2);
  });

  test('says why it found none', async () => {
    const resolver = asking();
    expect(await addressOf(resolver)).toContain('dns no authority');
    parent.refuses = 'REFUSED';
    expect(await addressOf(resolver)).toContain('dns REFUSED');
    parent.refuses = undefined;
    await zoneServer('127.0.0.2', a('www.orders.test', '10.0.0.1'));
    parent.delegations = [{ zone: 'orders.test', servers: [{ name: 'ns1.orders.test', address: '127.0.0.2' }] }];
    expect(await addressOf(asking(), 'nowhere.orders.test')).toContain('dns NXDOMAIN');
  });
});
