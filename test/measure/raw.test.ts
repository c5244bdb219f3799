import { expect, test } from 'vitest';
import { measureSamples } from '../../src/measure/raw.ts';
import { clockId, nsAt, sample, watched } from './support/world.ts';

const samples = [...watched('read', 20_000, [[5_000, 8_000]]), ...watched('write', 20_000, [[5_100, 9_000]])];

test('raw samples alone give every probe’s interval, their hull, and what was lost', () => {
  const readbacks = [
    {
      probe: 'write',
      found: [
        [0, 48],
        [90, 199],
      ] as const,
      atNs: nsAt(21_000),
      clockId,
    },
  ];
  const { overall, probes, rpo } = measureSamples({ samples, readbacks, steadyMs: 1_000 });
  expect(probes['read']!.interval!.upperMs).toBeCloseTo(3_100);
  expect(probes['write']).toMatchObject({ requests: 200, failures: 39, episodes: 1 });
  expect(overall!.lowerMs).toBeCloseTo(3_900);
  expect(overall!.upperMs).toBeCloseTo(4_100);
  expect(rpo).toMatchObject({ lostWrites: 2 });
});

test('an outage that had not ended has no interval', () => {
  const to = { clockId, ns: nsAt(7_000) };
  const { overall, probes } = measureSamples({ samples, steadyMs: 1_000, to });
  expect(overall).toBeUndefined();
  expect(probes['read']!.interval).toBeUndefined();
});

test('positions of replicas are no requests', () => {
  const positions = [sample('position:db', 0, 100, 'good', { value: '1' })];
  expect(Object.keys(measureSamples({ samples: [...samples, ...positions], steadyMs: 1_000 }).probes)).toEqual([
    'read',
    'write',
  ]);
});
