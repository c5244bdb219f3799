/** Answers that a lab does not give. */
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { createAws } from '../../../src/aws/funnel.ts';
import type { Target } from '../../../src/domain/drill.ts';
import { targetTypes } from '../../../src/plan/targets/index.ts';
import { active } from '../../actions/support/lab.ts';
import { optionsFor } from '../../aws/endpoint.ts';

const mocks = [mockClient(RDSClient), mockClient(Route53Client), mockClient(STSClient)] as const;
const [rds, route53, sts] = mocks;
afterEach(() => {
  for (const mock of mocks) mock.reset();
});

async function resolve(type: string, select: Target['select']) {
  sts.onAnyCommand().resolves({ Account: active.account });
  const target: Target = { name: 't', type, location: 'active', select, mayBeEmpty: false };
  const found = targetTypes.find((known) => known.spec.type === type)!;
  return found.resolve(createAws(optionsFor('http://127.0.0.1:9')), target, active);
}

test('Aurora is refused by name', async () => {
  rds.onAnyCommand().resolves({ DBInstances: [{ Engine: 'aurora-postgresql', DBClusterIdentifier: 'c' }] });
  await expect(resolve('rds/instance', { id: 'x' })).rejects.toMatchObject({ code: 'aurora-unsupported' });
});

test('several records of one name must be told apart, and a private zone is not what users see', async () => {
  const set = (SetIdentifier: string) => ({ Name: 'www.a.test.', Type: 'A', SetIdentifier, Weight: 1 });
  route53.onAnyCommand().callsFake(async (input: { DNSName?: string }) =>
    input.DNSName === undefined
      ? { ResourceRecordSets: [set('one'), set('two')] }
      : {
          HostedZones: [
            { Id: '/hostedzone/PRIVATE', Name: 'a.test.', Config: { PrivateZone: true } },
            { Id: '/hostedzone/PUBLIC', Name: 'a.test.', Config: { PrivateZone: false } },
          ],
        },
  );
  await expect(resolve('route53/record', { name: 'www.a.test' })).rejects.toMatchObject({
    code: 'record-ambiguous',
    found: 'A one, A two',
  });
  const [item] = await resolve('route53/record', { name: 'www.a.test', setIdentifier: 'two' });
  expect(item).toMatchObject({ facts: { zoneId: 'PUBLIC', setIdentifier: 'two', weight: 1 } });
});
