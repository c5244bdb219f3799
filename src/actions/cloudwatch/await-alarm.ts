import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { choice, target } from '../../domain/fields.ts';

const params = z.strictObject({
  alarm: target('cloudwatch/alarm', 'the alarm'),
  state: choice(['ALARM', 'OK'], 'the state to wait for; default ALARM').optional(),
});

export const spec = {
  name: 'cloudwatch/await-alarm',
  describes: 'Waits until an alarm goes off. An alarm that was on before the fault doesn’t count',
  params,
  effect: 'observes',
  outputs: { changedAt: { describes: 'when the alarm changed its state, ISO 8601' } },
  timeoutMs: 600_000,
} satisfies ActionSpec<typeof params>;
