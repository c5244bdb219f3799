import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';

const params = z.strictObject({});

export const spec = {
  name: 'wait',
  describes: 'Lets the time of its `for` pass',
  params,
  effect: 'observes',
  timeoutMs: 86_400_000,
  needsFor: true,
} satisfies ActionSpec<typeof params>;
