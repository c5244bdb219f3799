import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { choice, target, text } from '../../domain/fields.ts';

const params = z.strictObject({
  signals: target('s3/objects', 'the bucket and prefix that hold failover signals, in the standby region'),
  key: text('name of the signal under the prefix'),
  state: choice(['present', 'absent'], 'default present').optional(),
});

export const spec = {
  name: 's3/set-failover-signal',
  describes:
    'Puts or removes the object that an inverted Route 53 health check watches: failover through the data plane alone',
  params,
  effect: 'changes',
  timeoutMs: 60_000,
} satisfies ActionSpec<typeof params>;
