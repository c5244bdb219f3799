import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { duration, target } from '../../domain/fields.ts';

const params = z.strictObject({
  replica: target('rds/instance', 'the read replica'),
  max: duration('greatest lag that is good enough; 0s: everything that the source has is replayed (needs a login)'),
});

export const spec = {
  name: 'rds/await-lag',
  describes: 'Waits until a read replica is no further behind its source than `max`',
  params,
  effect: 'observes',
  outputs: { lagSeconds: { describes: 'the lag that was seen last, in seconds' } },
  timeoutMs: 900_000,
} satisfies ActionSpec<typeof params>;
