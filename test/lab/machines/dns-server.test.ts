import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { decode, encode, streamDecode, streamEncode, type Packet } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDnsServer, replyTo, type DnsReply, type DnsServer } from '../../../src/lab/machines/dns-server.ts';

const soa = {
  name: 'orders.test',
  type: 'SOA',
  ttl: 900,
  data: { mname: 'ns.test', rname: 'host.test', serial: 1, refresh: 7200, retry: 900, expire: 1209600, minimum: 60 },
};
const many = Array.from({ length: 100 }, (_, i) => ({
  name: 'many.orders.test',
  type: 'A',
  ttl: 1,
  data: `127.1.2.${i}`,
}));
const zone: Record<string, DnsReply['answers']> = {
  'www.orders.test': [{ name: 'www.orders.test', type: 'CNAME', ttl: 1, data: 'alb.orders.test' }],
  'alb.orders.test': [{ name: 'alb.orders.test', type: 'A', ttl: 1, data: '127.1.1.4' }],
  'away.orders.test': [{ name: 'away.orders.test', type: 'CNAME', ttl: 1, data: 'www.elsewhere.example' }],
  'loop.orders.test': [{ name: 'loop.orders.test', type: 'CNAME', ttl: 1, data: 'loop.orders.test' }],
  'many.orders.test': many,
};
const answer = (name: string, type: string): DnsReply => {
  if (!name.endsWith('orders.test')) return { rcode: 'REFUSED', answers: [], authorities: [] };
  const records = zone[name];
  if (records === undefined) return { rcode: 'NXDOMAIN', answers: [], authorities: [soa] };
  const answers = records.filter((record) => record.type === type || record.type === 'CNAME');
  return { rcode: 'NOERROR', answers, authorities: answers.length > 0 ? [] : [soa] };
};
const question = (name: string, type: 'A' | 'AAAA' | 'TXT', additionals: Packet['additionals'] = []) =>
  encode({ id: 7, type: 'query', flags: 0x0100, questions: [{ name, type, class: 'IN' }], additionals });
const asked = (name: string, type: 'A' | 'AAAA' | 'TXT', additionals?: Packet['additionals']) =>
  decode(replyTo(question(name, type, additionals), answer, 'udp') ?? Buffer.alloc(0));
const edns = (udpPayloadSize: number): Packet['additionals'] => [
  { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
];

describe('a reply', () => {
  it('follows a CNAME to its address, whatever the case of the question', () => {
    const { id, answers, questions } = asked('WWW.Orders.test', 'A');
    expect(id).toBe(7);
    expect(questions?.[0]?.name).toBe('WWW.Orders.test');
    expect(answers?.map((each) => [each.type, 'data' in each && each.data])).toEqual([
      ['CNAME', 'alb.orders.test'],
      ['A', '127.1.1.4'],
    ]);
  });

  it('leaves a CNAME out of the lab for others to follow, and a circle after a few steps', () => {
    expect(asked('away.orders.test', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [{ type: 'CNAME' }] });
    expect(asked('loop.orders.test', 'A').answers?.length).toBeLessThan(12);
  });

  it('says how long an absence holds, for names and for types, and refuses other zones', () => {
    const authorities = [expect.objectContaining({ type: 'SOA', name: 'orders.test' })];
    expect(asked('nothing.orders.test', 'A')).toMatchObject({ rcode: 'NXDOMAIN', answers: [], authorities });
    expect(asked('alb.orders.test', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [], authorities });
    expect(asked('www.example.com', 'A')).toMatchObject({ rcode: 'REFUSED', answers: [] });
  });

  it('is cut short over UDP, the later the more the caller can take', () => {
    expect(asked('many.orders.test', 'A')).toMatchObject({ flag_tc: true, answers: [] });
    expect(asked('many.orders.test', 'A', edns(4096))).toMatchObject({ flag_tc: true });
    zone['some.orders.test'] = many.slice(0, 30).map((record) => ({ ...record, name: 'some.orders.test' }));
    expect(asked('some.orders.test', 'A')).toMatchObject({ flag_tc: true });
    expect(asked('some.orders.test', 'A', edns(1232)).answers).toHaveLength(30);
  });

  it('is not given to what is no query', () => {
    expect(replyTo(Buffer.from('no DNS at all'), answer, 'udp')).toBeUndefined();
    expect(replyTo(encode({ id: 1, type: 'response', questions: [] }), answer, 'udp')).toBeUndefined();
  });
});

describe('the server', () => {
  let server: DnsServer;
  beforeAll(async () => {
    server = await openDnsServer({ host: '127.0.0.1', port: 0, answer });
  });
  afterAll(() => server.close());

  it("is understood by Node's resolver, over TCP where an answer is long", async () => {
    const resolver = new Resolver();
    resolver.setServers([`${server.host}:${server.port}`]);
    expect(await resolver.resolve4('www.orders.test')).toEqual(['127.1.1.4']);
    expect(await resolver.resolve4('many.orders.test')).toHaveLength(100);
    await expect(resolver.resolve4('nothing.orders.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('answers several questions on one connection, in whatever pieces they come', async () => {
    const socket = connect(server.port, server.host);
    const one = streamEncode({
      id: 1,
      type: 'query',
      questions: [{ name: 'alb.orders.test', type: 'A', class: 'IN' }],
    });
    const two = streamEncode({
      id: 2,
      type: 'query',
      questions: [{ name: 'alb.orders.test', type: 'A', class: 'IN' }],
    });
    const bytes = Buffer.concat([one, two]);
    socket.write(bytes.subarray(0, 9));
    socket.write(bytes.subarray(9));
    let received = Buffer.alloc(0);
    const replyBytes = (replyTo(one.subarray(2), answer, 'tcp')?.length ?? 0) + 2;
    while (received.length < 2 * replyBytes) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      received = Buffer.concat([received, chunk]);
    }
    socket.destroy();
    expect(streamDecode(received).id).toBe(1);
    expect(streamDecode(received.subarray(replyBytes)).id).toBe(2);
  });

  it('outlives garbage', async () => {
    const socket = createSocket('udp4');
    socket.send('garbage', server.port, server.host);
    socket.send(question('alb.orders.test', 'A'), server.port, server.host);
    const [reply] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    expect(decode(reply).answers).toHaveLength(1);
  });
});
