import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';
import { choice, duration, probe } from '../domain/fields.ts';

const params = z.strictObject({
  probe: probe('the probe'),
  state: choice(['good', 'bad'], 'the state to wait for'),
  lasting: duration('how long it must have lasted; default: one sample').optional(),
});

export const spec = {
  name: 'await-probe',
  describes: 'Waits until a probe has been good or bad for a while: detection from the users’ side',
  params,
  effect: 'observes',
  timeoutMs: 600_000,
} satisfies ActionSpec<typeof params>;
