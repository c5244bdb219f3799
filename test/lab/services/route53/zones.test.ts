import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerDns } from '../../../../src/lab/world/dns.ts';
import { createZone } from '../../../../src/lab/world/seed.ts';
import { active, openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let route53: Route53Client;
beforeEach(async () => {
  lab = await openTestLab();
  route53 = new Route53Client(lab.config('us-east-1'));
});
afterEach(async () => {
  route53.destroy();
  await lab.close();
});

const list = async () => {
  const { ResourceRecordSets } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: lab.zone.id }));
  return ResourceRecordSets ?? [];
};
const change = (...changes: ['CREATE' | 'DELETE' | 'UPSERT', ResourceRecordSet][]) =>
  route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: lab.zone.id,
      ChangeBatch: {
        Comment: 'drill',
        Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })),
      },
    }),
  );
const toAway = (): ResourceRecordSet => ({
  Name: 'www.orders.test',
  Type: 'A',
  AliasTarget: {
    HostedZoneId: lab.away.balancer.hostedZoneId,
    DNSName: lab.away.balancer.dnsName,
    EvaluateTargetHealth: false,
  },
});
const plain = (Name: string, value = '127.1.1.1'): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: value }],
});
const answers = (name: string) =>
  answerDns(lab.world, name, 'A', () => 0)
    .answers.map(({ value }) => value)
    .sort();

describe('a change', () => {
  it('is shown at once, answered by the name servers when it is INSYNC, and undone exactly', async () => {
    const before = (await list()).find(({ Type }) => Type === 'A');
    const home = answers('www.orders.test');
    expect(home).toEqual(lab.home.balancer.nodes.map(({ address }) => address).sort());
    const { ChangeInfo } = await change(['UPSERT', toAway()]);
    expect(ChangeInfo).toMatchObject({ Status: 'PENDING', Comment: 'drill' });
    const after = (await list()).find(({ Type }) => Type === 'A');
    expect(after?.AliasTarget?.DNSName).toBe(`${lab.away.balancer.dnsName.toLowerCase()}.`);
    expect(answers('www.orders.test')).toEqual(home);
    await lab.pass(600);
    const { ChangeInfo: later } = await route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }));
    expect(later?.Status).toBe('INSYNC');
    expect(answers('www.orders.test')).toEqual(lab.away.balancer.nodes.map(({ address }) => address).sort());

    await change(['DELETE', after ?? ({} as ResourceRecordSet)], ['CREATE', before ?? ({} as ResourceRecordSet)]);
    await lab.pass(600);
    expect(answers('www.orders.test')).toEqual(home);
  });

  it('that is refused says everything that is wrong, and changes nothing', async () => {
    const before = await list();
    await expect(
      change(
        ['CREATE', plain('www.orders.test')],
        ['UPSERT', plain('new.orders.test')],
        ['DELETE', plain('x.orders.test')],
      ),
    ).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message:
        "[Tried to create resource record set [name='www.orders.test.', type='A'] but it already exists, Tried to delete resource record set [name='x.orders.test.', type='A'] but it was not found]",
    });
    expect(await list()).toEqual(before);
  });

  it('is refused when its record is neither plain nor alias, or the balancer is nobody’s', async () => {
    await expect(change(['UPSERT', { Name: 'x.orders.test', Type: 'A' }])).rejects.toMatchObject({
      name: 'InvalidInput',
      message:
        'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=UPSERT, Name=x.orders.test, Type=A, SetIdentifier=null]',
    });
    const nobody = toAway();
    Object.assign(nobody.AliasTarget ?? {}, { DNSName: 'gone-1.eu-west-1.elb.amazonaws.com' });
    await expect(change(['UPSERT', nobody])).rejects.toThrow('but that target was not found');
  });

  it('that nobody made is not found, nor are zones', async () => {
    await expect(route53.send(new GetChangeCommand({ Id: 'C0' }))).rejects.toMatchObject({ name: 'NoSuchChange' });
    await expect(route53.send(new GetHostedZoneCommand({ Id: 'Z0' }))).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
      message: 'No hosted zone found with ID: Z0',
    });
  });
});

describe('ListResourceRecordSets', () => {
  it('orders by labels from the right, then type, and pages from a position', async () => {
    await change(
      ['CREATE', plain('b.orders.test')],
      ['CREATE', plain('a.b.orders.test')],
      ['CREATE', plain('*.orders.test')],
    );
    const names = (await list()).map(({ Name, Type }) => `${Name} ${Type}`);
    expect(names).toEqual([
      'orders.test. NS',
      'orders.test. SOA',
      '\\052.orders.test. A',
      'b.orders.test. A',
      'a.b.orders.test. A',
      'www.orders.test. A',
    ]);
    const HostedZoneId = lab.zone.id;
    const page = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId, MaxItems: 4 }));
    expect(page).toMatchObject({ IsTruncated: true, NextRecordName: 'a.b.orders.test.', NextRecordType: 'A' });
    const rest = await route53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId,
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
      }),
    );
    expect(rest.ResourceRecordSets?.map(({ Name }) => Name)).toEqual(['a.b.orders.test.', 'www.orders.test.']);
    expect(rest.IsTruncated).toBe(false);
  });
});

describe('hosted zones', () => {
  it('are listed, by page and by name, and show their name servers', async () => {
    const other = createZone(lab.world, active, { name: 'alpha.test' });
    const ids = [lab.zone.id, other.id].sort().map((id) => `/hostedzone/${id}`);
    const first = await route53.send(new ListHostedZonesCommand({ MaxItems: 1 }));
    const second = await route53.send(new ListHostedZonesCommand({ Marker: first.NextMarker }));
    expect([...(first.HostedZones ?? []), ...(second.HostedZones ?? [])].map(({ Id }) => Id)).toEqual(ids);
    const named = await route53.send(new ListHostedZonesByNameCommand({ DNSName: 'orders.test' }));
    expect(named.HostedZones?.map(({ Name }) => Name)).toEqual(['orders.test.']);
    const all = await route53.send(new ListHostedZonesByNameCommand({}));
    expect(all.HostedZones?.map(({ Name }) => Name)).toEqual(['alpha.test.', 'orders.test.']);
    const { DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: `/hostedzone/${other.id}` }));
    expect(DelegationSet?.NameServers).toHaveLength(4);
  });
});
