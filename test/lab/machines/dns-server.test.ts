import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { decode, encode, streamDecode, streamEncode, type Packet } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDnsServer, replyTo, type DnsReply, type DnsServer } from '../../../src/lab/machines/dns-server.ts';
import { takeNetwork } from './parts.ts';

const record = (name: string, type: string, value: string) => ({ name, type, ttlSeconds: 1, value });
const soa = record('orders.test', 'SOA', 'ns.test host.test 1 7200 900 1209600 60');
const addresses = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => record(name, 'A', `127.1.2.${i}`));
const zone: Record<string, DnsReply['answers']> = {
  'www.orders.test': [
    record('www.orders.test', 'CNAME', 'alb.orders.test'),
    record('alb.orders.test', 'A', '127.1.1.4'),
  ],
  'alb.orders.test': [record('alb.orders.test', 'A', '127.1.1.4')],
  'some.orders.test': addresses('some.orders.test', 30),
  'many.orders.test': addresses('many.orders.test', 100),
  'rich.orders.test': [
    record('rich.orders.test', 'TXT', '"two words" "say \\"hi\\""'),
    record('rich.orders.test', 'MX', '10 mail.orders.test'),
    record('rich.orders.test', 'SRV', '1 2 8080 www.orders.test'),
    record('rich.orders.test', 'AAAA', '2001:db8::1'),
  ],
};
const answer = (name: string, type: string): DnsReply => {
  if (!name.endsWith('orders.test')) return { rcode: 'REFUSED', answers: [], authority: [] };
  const records = zone[name];
  if (records === undefined) return { rcode: 'NXDOMAIN', answers: [], authority: [soa] };
  const answers = records.filter((each) => each.type === type || each.type === 'CNAME' || records[0]?.type === 'CNAME');
  return { rcode: 'NOERROR', answers, authority: answers.length > 0 ? [] : [soa] };
};
const question = (name: string, type: 'A' | 'AAAA' | 'TXT' | 'CAA', additionals: Packet['additionals'] = []) =>
  encode({ id: 7, type: 'query', flags: 0x0100, questions: [{ name, type, class: 'IN' }], additionals });
const asked = (name: string, type: 'A' | 'AAAA' | 'TXT' | 'CAA', additionals?: Packet['additionals']) =>
  decode(replyTo(question(name, type, additionals), answer, 'udp') ?? Buffer.alloc(0));
const edns = (udpPayloadSize: number): Packet['additionals'] => [
  { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
];

describe('a reply', () => {
  it('carries the question as it was asked and the records of the name in lower case', () => {
    const { id, answers, questions, flag_aa: authoritative, flag_rd: recursion } = asked('WWW.Orders.test', 'A');
    expect([id, authoritative, recursion]).toEqual([7, true, true]);
    expect(questions?.[0]?.name).toBe('WWW.Orders.test');
    expect(answers?.map((each) => [each.type, 'data' in each && each.data])).toEqual([
      ['CNAME', 'alb.orders.test'],
      ['A', '127.1.1.4'],
    ]);
  });

  it('says how long an absence holds, for names and for types, and refuses other zones', () => {
    const data = expect.objectContaining({ mname: 'ns.test', minimum: 60 });
    const authorities = [expect.objectContaining({ type: 'SOA', name: 'orders.test', data })];
    expect(asked('nothing.orders.test', 'A')).toMatchObject({ rcode: 'NXDOMAIN', answers: [], authorities });
    expect(asked('alb.orders.test', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [], authorities });
    expect(asked('www.example.com', 'A')).toMatchObject({ rcode: 'REFUSED', answers: [] });
  });

  it('owns up to a record that it can not write', () => {
    zone['odd.orders.test'] = [
      record('odd.orders.test', 'A', '127.1.1.1'),
      record('odd.orders.test', 'CAA', '0 issue "ca"'),
    ];
    expect(asked('odd.orders.test', 'CAA')).toMatchObject({ rcode: 'SERVFAIL', answers: [] });
    expect(asked('odd.orders.test', 'A')).toMatchObject({ rcode: 'NOERROR' });
  });

  it('is cut short over UDP, the later the more the caller can take', () => {
    expect(asked('many.orders.test', 'A')).toMatchObject({ flag_tc: true, answers: [] });
    expect(asked('many.orders.test', 'A', edns(4096))).toMatchObject({ flag_tc: true });
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
  let net: Awaited<ReturnType<typeof takeNetwork>>;
  beforeAll(async () => {
    net = await takeNetwork();
    // A port that is free for TCP need not be so for UDP; here nobody else has any.
    server = await openDnsServer({ host: `127.${net.network}.0.3`, port: 5354, answer });
  });
  afterAll(async () => {
    await server.close();
    await net.release();
  });

  it("is understood by Node's resolver, over TCP where an answer is long", async () => {
    const resolver = new Resolver();
    resolver.setServers([`${server.host}:${server.port}`]);
    expect(await resolver.resolve4('www.orders.test')).toEqual(['127.1.1.4']);
    expect(await resolver.resolve4('many.orders.test')).toHaveLength(100);
    expect(await resolver.resolveTxt('rich.orders.test')).toEqual([['two words', 'say "hi"']]);
    // Newer versions of Node say the type of the record too.
    expect(await resolver.resolveMx('rich.orders.test')).toMatchObject([
      { priority: 10, exchange: 'mail.orders.test' },
    ]);
    expect(await resolver.resolveSrv('rich.orders.test')).toMatchObject([
      { priority: 1, weight: 2, port: 8080, name: 'www.orders.test' },
    ]);
    expect(await resolver.resolve6('rich.orders.test')).toEqual(['2001:db8::1']);
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
