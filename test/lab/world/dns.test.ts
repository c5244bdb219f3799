import { beforeEach, describe, expect, it } from 'vitest';
import { answerDns, type Choose } from '../../../src/lab/world/dns.ts';
import { endpointName } from '../../../src/lab/world/rds.ts';
import type { RecordSet } from '../../../src/lab/world/route53.ts';
import { route53State } from '../../../src/lab/world/route53.ts';
import { createHealthCheck, createRecord } from '../../../src/lab/world/seed.ts';
import {
  active,
  buildEstate,
  emulations,
  openTestWorld,
  passive,
  type TestEstate,
  type TestWorld,
} from './test-lab.ts';

let test: TestWorld;
let estate: TestEstate;
beforeEach(async () => {
  test = openTestWorld();
  for (const emulation of emulations) emulation(test.world);
  estate = await buildEstate(test.world);
  await test.world.advance();
});

const first: Choose = () => 0;
const ask = (name: string, type = 'A', choose = first) => answerDns(test.world, name, type, choose);
const values = (name: string, choose = first) => ask(name, 'A', choose).answers.map(({ value }) => value);
const add = (record: Partial<RecordSet>) =>
  createRecord(estate.zone, { name: 'app.orders.test', type: 'A', ttl: 120, values: ['127.9.9.1'], ...record });
/** A check that says what is asked for. */
const check = (healthy: boolean) => {
  const id = createHealthCheck(test.world, active, { type: 'HTTP', port: 80, path: '/', ipAddress: '127.9.9.9' });
  const made = route53State(test.world, active).healthChecks[id];
  if (made) made.endpointHealthy = healthy;
  return id;
};

describe('names of the provider', () => {
  it('lead to databases, by region, and to balancers and instances', () => {
    expect(values(endpointName(test.world, active, 'orders-db'))).toEqual([estate.primary.address]);
    expect(values(endpointName(test.world, passive, 'orders-db'))).toEqual([estate.replica.address]);
    const nodes = estate.home.balancer.nodes.map(({ address }) => address);
    expect(values(estate.home.balancer.dnsName)).toEqual(nodes);
    expect(values(`dualstack.${estate.home.balancer.dnsName}`)).toEqual(nodes);
    expect(values('ip-127-9-4-4.eu-central-1.compute.internal')).toEqual(['127.9.4.4']);
  });

  it('lead to the endpoint for every other name of AWS, once it is open', () => {
    expect(ask('orders-site.s3-website.eu-west-1.amazonaws.com').rcode).toBe('NXDOMAIN');
    test.world.state.endpointAddress = '127.9.0.1';
    expect(values('orders-site.s3-website.eu-west-1.amazonaws.com')).toEqual(['127.9.0.1']);
  });

  it('leave nodes out that nobody reaches, unless that is all of them', () => {
    const [one, two, three] = estate.home.balancer.nodes;
    if (one) one.answers = false;
    expect(values(estate.home.balancer.dnsName)).toEqual([two?.address, three?.address]);
    for (const node of estate.home.balancer.nodes) node.answers = false;
    expect(values(estate.home.balancer.dnsName)).toHaveLength(3);
  });

  it('have no addresses of other kinds', () => {
    const answer = ask(estate.home.balancer.dnsName, 'AAAA');
    expect(answer).toMatchObject({ rcode: 'NOERROR', answers: [], authority: [{ type: 'SOA' }] });
  });
});

describe('records of a zone', () => {
  it('answer an alias in its own name', () => {
    const [answer] = ask('WWW.orders.test.').answers;
    expect(answer).toMatchObject({ name: 'www.orders.test', type: 'A', value: estate.home.balancer.nodes[0]?.address });
  });

  it('shorten times to live as the profile shortens everything', () => {
    add({});
    expect(ask('app.orders.test').answers[0]?.ttlSeconds).toBe(2);
    test.world.state.profile = 'realistic';
    expect(ask('app.orders.test').answers[0]?.ttlSeconds).toBe(120);
  });

  it('follow CNAMEs as far as the lab knows names', () => {
    add({ name: 'a.orders.test', type: 'CNAME', values: ['b.orders.test'] });
    add({ name: 'b.orders.test', type: 'CNAME', values: ['www.example.com.'] });
    expect(ask('a.orders.test').answers.map(({ type, value }) => `${type} ${value}`)).toEqual([
      'CNAME b.orders.test',
      'CNAME www.example.com',
    ]);
    expect(ask('a.orders.test', 'CNAME').answers).toHaveLength(1);
  });

  it('end a circle of CNAMEs', () => {
    add({ name: 'a.orders.test', type: 'CNAME', values: ['b.orders.test'] });
    add({ name: 'b.orders.test', type: 'CNAME', values: ['a.orders.test'] });
    expect(ask('a.orders.test').rcode).toBe('NOERROR');
  });

  it('say no with the SOA: no such name, no such type, no such zone', () => {
    expect(ask('none.orders.test')).toMatchObject({ rcode: 'NXDOMAIN', authority: [{ type: 'SOA' }] });
    expect(ask('www.orders.test', 'TXT')).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      authority: [{ type: 'SOA' }],
    });
    expect(ask('www.example.com')).toEqual({ rcode: 'REFUSED', answers: [], authority: [] });
  });

  it('let a wildcard stand for names that are not there', () => {
    add({ name: '*.orders.test' });
    expect(ask('any.orders.test').answers).toMatchObject([{ name: 'any.orders.test', value: '127.9.9.1' }]);
    expect(values('www.orders.test')).not.toContain('127.9.9.1');
  });
});

describe('weighted records', () => {
  it('are chosen by weight among the healthy ones', () => {
    add({ setIdentifier: 'blue', weight: 90, values: ['127.9.9.1'] });
    add({ setIdentifier: 'green', weight: 10, values: ['127.9.9.2'], healthCheckId: check(true) });
    add({ setIdentifier: 'red', weight: 50, values: ['127.9.9.3'], healthCheckId: check(false) });
    add({ setIdentifier: 'off', weight: 0, values: ['127.9.9.4'] });
    const offered: number[][] = [];
    const last: Choose = (weights) => {
      offered.push([...weights]);
      return weights.length - 1;
    };
    expect(values('app.orders.test', last)).toEqual(['127.9.9.2']);
    expect(offered).toEqual([[90, 10]]);
  });

  it('all count as healthy when none is', () => {
    add({ setIdentifier: 'blue', weight: 1, values: ['127.9.9.1'], healthCheckId: check(false) });
    add({ setIdentifier: 'green', weight: 1, values: ['127.9.9.2'], healthCheckId: check(false) });
    expect(values('app.orders.test', () => 1)).toEqual(['127.9.9.2']);
  });
});

describe('failover records', () => {
  const pair = (primary: boolean, secondary?: boolean) => {
    add({ setIdentifier: 'one', failover: 'PRIMARY', values: ['127.9.9.1'], healthCheckId: check(primary) });
    const healthCheckId = secondary === undefined ? {} : { healthCheckId: check(secondary) };
    add({ setIdentifier: 'two', failover: 'SECONDARY', values: ['127.9.9.2'], ...healthCheckId });
    return values('app.orders.test');
  };

  it('answer the primary while it is healthy', () => expect(pair(true)).toEqual(['127.9.9.1']));
  it('answer the secondary while the primary is not', () => expect(pair(false)).toEqual(['127.9.9.2']));
  it('answer the primary when neither is', () => expect(pair(false, false)).toEqual(['127.9.9.1']));

  it('take the health of a balancer that an alias evaluates', () => {
    const aliasTo = ({ hostedZoneId, dnsName }: { hostedZoneId: string; dnsName: string }) => ({
      ttl: undefined,
      values: undefined,
      alias: { hostedZoneId, dnsName, evaluateTargetHealth: true },
    });
    add({ ...aliasTo(estate.home.balancer), setIdentifier: 'one', failover: 'PRIMARY' });
    add({ ...aliasTo(estate.away.balancer), setIdentifier: 'two', failover: 'SECONDARY' });
    const nodes = ({ balancer }: TestEstate['home']) => balancer.nodes.map(({ address }) => address);
    expect(values('app.orders.test')).toEqual(nodes(estate.home));
    for (const instance of Object.values(test.machines.state.instances)) {
      if (/^127\.9\.[1-9]\./.test(instance.address)) instance.alive = false;
    }
    expect(values('app.orders.test')).toEqual(nodes(estate.away));
  });
});
