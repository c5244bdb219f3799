import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Probe } from '../../src/domain/drill.ts';
import { Resolver } from '../../src/probes/dns/resolver.ts';
import { openProbe } from '../../src/probes/index.ts';
import type { Answer } from '../../src/probes/probe.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { clock, planOf, probeOf, runId } from './support/run.ts';
import { NameServer } from './support/name-server.ts';
import { Service } from './support/service.ts';

let server: NameServer;
beforeEach(async () => {
  server = await new NameServer().open();
  server.records = [
    { type: 'A', name: 'www.orders.test', ttl: 60, data: '127.0.0.1' },
    { type: 'CNAME', name: 'db.orders.test', ttl: 5, data: 'primary.orders.test' },
    { type: 'A', name: 'primary.orders.test', ttl: 60, data: '127.0.0.7' },
  ];
});
afterEach(() => server.close());

const soon = () => AbortSignal.timeout(60_000);
const resolver = (ttl: 'honour' | 'ignore', by = clock) => new Resolver({ source: server.address, ttl, clock: by });

describe('a resolver', () => {
  test('follows a chain of names, over as many answers as it takes', async () => {
    expect(await resolver('ignore').resolve('db.orders.test', 'A', soon())).toEqual(['127.0.0.7']);
    expect(server.questions).toEqual(['A db.orders.test', 'A primary.orders.test']);
  });

  test('keeps an answer for its TTL, and no longer', async () => {
    const virtual = new VirtualClock();
    const keeping = resolver('honour', virtual);
    const resolve = () => keeping.resolve('db.orders.test', 'A', soon());
    await resolve();
    server.records[2] = { type: 'A', name: 'primary.orders.test', ttl: 60, data: '127.0.0.8' };
    await virtual.sleep(4_900);
    expect(await resolve()).toEqual(['127.0.0.7']);
    await virtual.sleep(200);
    expect(await resolve()).toEqual(['127.0.0.8']);
  });

  test('asks every time when TTLs are ignored', async () => {
    const asking = resolver('ignore');
    await asking.resolve('www.orders.test', 'A', soon());
    await asking.resolve('www.orders.test', 'A', soon());
    expect(server.questions).toHaveLength(2);
  });

  test('asks again when a datagram was lost', async () => {
    server.drops = 1;
    expect(await resolver('ignore').resolve('www.orders.test', 'A', soon())).toEqual(['127.0.0.1']);
  });

  test('asks over TCP when the answer was cut short', async () => {
    server.truncates = true;
    expect(await resolver('ignore').resolve('www.orders.test', 'A', soon())).toEqual(['127.0.0.1']);
    expect(server.questions).toHaveLength(2);
  });

  test('says why there is no answer', async () => {
    const asking = resolver('ignore');
    const failure = (name: string, signal = soon()) => asking.resolve(name, 'A', signal).catch(String);
    expect(await failure('nowhere.orders.test')).toContain('dns NXDOMAIN');
    server.records.push({ type: 'TXT', name: 'text.orders.test', ttl: 1, data: 'x' });
    expect(await failure('text.orders.test')).toContain('dns no answer');
    server.drops = 100;
    expect(await failure('www.orders.test', AbortSignal.timeout(100))).toContain('dns timeout');
    // A port that the system gives to nobody who asks for any.
    const nobody = new Resolver({ source: '127.0.0.1:1', ttl: 'ignore', clock });
    expect(await nobody.resolve('www.orders.test', 'A', soon()).catch(String)).toContain('dns refused');
  });

  test('goes to the base itself when that has authority over the zone', async () => {
    server.authoritative = true;
    const asking = new Resolver({ source: 'authoritative', base: server.address, ttl: 'ignore', clock });
    expect(await asking.resolve('www.orders.test', 'A', soon())).toEqual(['127.0.0.1']);
    expect(server.questions).toEqual(['NS www.orders.test', 'A www.orders.test']);
  });

  test('refuses a resolver that is none', () => {
    expect(() => new Resolver({ source: 'dns.example', ttl: 'ignore', clock })).toThrow(/not a resolver/);
  });
});

describe('a probe', () => {
  const open = (probe: Probe) =>
    openProbe(probe, { runId, plan: planOf([probe]), clock, env: { FIREDRILL_RESOLVER: server.address } });
  const askOnce = async (probe: Probe): Promise<Answer> => {
    const live = open(probe);
    try {
      return await live.ask(0, soon());
    } finally {
      live.close();
    }
  };

  test('of a DNS answer compares names without case and final dot', async () => {
    const record = { name: 'DB.orders.test', type: 'CNAME' };
    expect(await askOnce(probeOf('p', 'dns/answer', { ...record, answer: 'PRIMARY.orders.test.' }))).toMatchObject({
      outcome: 'good',
      value: 'primary.orders.test',
    });
    expect(await askOnce(probeOf('p', 'dns/answer', { ...record, answer: 'replica.orders.test' }))).toMatchObject({
      outcome: 'bad',
      why: 'wrong answer',
    });
  });

  test('of a page finds it by the given resolver, and follows the record once its TTL is over', async () => {
    const service = new Service();
    await service.up();
    server.records[0] = { type: 'A', name: 'www.orders.test', ttl: 60, data: service.host };
    const url = `http://www.orders.test:${service.port}/`;
    const ignoring = open(probeOf('p', 'http/get', { url }, { ttl: 'ignore' }));
    const honouring = open(probeOf('p', 'http/get', { url }, { ttl: 'honour' }));
    try {
      expect(await ignoring.ask(0, soon())).toEqual({ outcome: 'good' });
      expect(await honouring.ask(0, soon())).toEqual({ outcome: 'good' });
      server.records[0] = { type: 'A', name: 'www.orders.test', ttl: 60, data: '127.0.0.99' };
      expect(await ignoring.ask(1, soon())).toEqual({ outcome: 'bad', why: 'refused' });
      expect(await honouring.ask(1, soon())).toEqual({ outcome: 'good' });
    } finally {
      ignoring.close();
      honouring.close();
      await service.close();
    }
  });
});
