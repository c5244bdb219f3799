import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyBatch, type RecordChange } from '../../../../src/lab/services/route53/batch.ts';
import type { RecordSet } from '../../../../src/lab/world/route53.ts';

const zone = (...records: RecordSet[]) => ({ id: 'Z1', name: 'orders.test.', records });
const a = (name: string, more: Partial<RecordSet> = {}): RecordSet => ({
  name,
  type: 'A',
  ttl: 60,
  values: ['127.1.1.4'],
  ...more,
});
const www = a('www.orders.test.');
const change = (action: RecordChange['action'], record: RecordSet): RecordChange => ({ action, record });
const problemsOf = (changes: RecordChange[], ...records: RecordSet[]) => applyBatch(zone(...records), changes).problems;

describe('a change batch', () => {
  it('rolls back with DELETE of what is there and CREATE of what was', () => {
    const flipped = a('www.orders.test.', { values: ['127.1.9.4'] });
    const { records, problems } = applyBatch(zone(flipped), [change('DELETE', flipped), change('CREATE', www)]);
    expect(problems).toEqual([]);
    expect(records).toEqual([www]);
  });

  it('fails as a whole when a third party has edited the record meanwhile', () => {
    const expected = a('www.orders.test.', { values: ['127.1.9.4'] });
    const edited = a('www.orders.test.', { values: ['127.1.9.4'], ttl: 5 });
    const { records, problems } = applyBatch(zone(edited), [change('DELETE', expected), change('CREATE', www)]);
    expect(problems).toEqual([
      "Tried to delete resource record set [name='www.orders.test.', type='A'] but the values provided do not match the current values",
      "Tried to create resource record set [name='www.orders.test.', type='A'] but it already exists",
    ]);
    expect(records).toEqual([edited]);
  });

  it('takes the values of a DELETE in any order, and every other member exactly', () => {
    const two = a('www.orders.test.', { values: ['127.1.1.4', '127.1.1.5'] });
    expect(problemsOf([change('DELETE', { ...two, values: ['127.1.1.5', '127.1.1.4'] })], two)).toEqual([]);
    const different: Partial<RecordSet>[] = [{ ttl: 61 }, { values: ['127.1.1.4'] }, { healthCheckId: 'h' }];
    for (const more of different)
      expect(problemsOf([change('DELETE', { ...two, ...more })], two)[0]).toContain('do not match the current values');
  });

  it('names the set identifier where there is one', () => {
    const blue = a('www.orders.test.', { setIdentifier: 'blue', weight: 1 });
    expect(problemsOf([change('DELETE', blue)])).toEqual([
      "Tried to delete resource record set [name='www.orders.test.', type='A', set-identifier='blue'] but it was not found",
    ]);
  });

  it('keeps CNAMEs alone and off the apex', () => {
    const cname: RecordSet = { name: 'www.orders.test.', type: 'CNAME', ttl: 60, values: ['x.test'] };
    expect(problemsOf([change('CREATE', cname)], www)[0]).toContain(
      'RRSet of type CNAME with DNS name www.orders.test. is not permitted as it conflicts with other records',
    );
    expect(problemsOf([change('UPSERT', www)], cname)[0]).toContain('conflicting RRSet of type CNAME');
    expect(problemsOf([change('CREATE', { ...cname, name: 'orders.test.' })])).toEqual([
      'RRSet of type CNAME with DNS name orders.test. is not permitted at apex in zone orders.test.',
    ]);
  });

  it('keeps routing policies apart, and one primary to a name', () => {
    const weighted = a('www.orders.test.', { setIdentifier: 'blue', weight: 1 });
    expect(problemsOf([change('CREATE', weighted)], www)).toEqual([
      'RRSet with DNS name www.orders.test., type A, SetIdentifier blue cannot be created as other RRSets exist with the same name and type.',
    ]);
    expect(problemsOf([change('CREATE', { ...weighted, setIdentifier: 'green' })], weighted)).toEqual([]);
    const primary = a('www.orders.test.', { setIdentifier: 'one', failover: 'PRIMARY' });
    expect(problemsOf([change('CREATE', { ...primary, setIdentifier: 'two' })], primary)).toHaveLength(1);
  });

  it.each([
    [a('www.other.test.'), 'RRSet with DNS name www.other.test. is not permitted in zone orders.test.'],
    [a('x.orders.test.', { values: ['300.1.1.1'] }), 'Value is not a valid IPv4 address'],
    [a('x.orders.test.', { type: 'TXT', values: ['bare'] }), 'should be enclosed in quotation marks'],
  ])('refuses %o', (record, problem) => {
    expect(problemsOf([change('UPSERT', record)])[0]).toContain(problem);
  });

  it('keeps the records without which a zone is none', () => {
    const soa: RecordSet = { name: 'orders.test.', type: 'SOA', ttl: 900, values: ['ns h 1 2 3 4 5'] };
    expect(problemsOf([change('DELETE', soa)], soa)).toEqual(['A HostedZone must contain exactly one SOA record.']);
  });

  it('wants the target of an alias within the zone to be there', () => {
    const alias = { hostedZoneId: 'Z1', dnsName: 'blue.orders.test.', evaluateTargetHealth: false };
    const record: RecordSet = { name: 'www.orders.test.', type: 'A', alias };
    expect(problemsOf([change('CREATE', record)])[0]).toContain('but that target was not found');
    expect(problemsOf([change('CREATE', record)], a('blue.orders.test.'))).toEqual([]);
  });

  it('does all of its changes or none, whatever they are', () => {
    const names = fc.constantFrom('a.orders.test.', 'b.orders.test.', 'c.elsewhere.test.');
    const record = fc.record({ name: names, ttl: fc.constantFrom(1, 2) }).map(({ name, ttl }) => a(name, { ttl }));
    const action = fc.constantFrom<RecordChange['action']>('CREATE', 'DELETE', 'UPSERT');
    const changes = fc.array(fc.record({ action, record }), { minLength: 1, maxLength: 6 });
    const existing = fc.uniqueArray(record, { selector: ({ name }) => name, maxLength: 3 });
    fc.assert(
      fc.property(existing, changes, (before, batch) => {
        const { records, problems } = applyBatch(zone(...before), batch);
        if (problems.length > 0) expect(records).toEqual(before);
        const identities = records.map(({ name, type }) => `${name} ${type}`);
        expect(new Set(identities).size).toBe(identities.length);
      }),
    );
  });
});
