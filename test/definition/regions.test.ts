/** The known regions, against those that the AWS SDK knows. */
import { partition } from '@aws-sdk/core/client';
import { expect, it } from 'vitest';
import { knownRegions, regionPattern } from '../../src/definition/regions.ts';
import { edited, validate } from './samples.ts';

it.each(knownRegions)('%s is one of the SDK', (region) => {
  expect(partition(region)).toMatchObject({ description: expect.any(String) as string });
  expect(region).toMatch(regionPattern);
});

it.each([
  ['eu-centrall-1', 'eu-central-1'],
  ['us-est-1', 'us-east-1'],
  ['eucentral1', 'eu-central-1'],
  ['EU-WEST-1', 'eu-west-1'],
  ['eu-central-1a', 'eu-central-1'],
])('%s was probably meant to be %s', (written, meant) => {
  const { diagnostics } = validate(edited('failover', [['region: eu-central-1', `region: ${written}`]]));
  expect(diagnostics).toMatchObject([{ code: 'not-a-region', severity: 'error', suggestion: meant }]);
});

it('a region that may be new can be used, with a warning', () => {
  const { drill, diagnostics } = validate(edited('failover', [['region: eu-west-1', 'region: eu-southwest-1']]));
  expect(diagnostics).toMatchObject([{ code: 'unknown-region', severity: 'warning' }]);
  expect(drill!.locations['passive']!.region).toBe('eu-southwest-1');
});
