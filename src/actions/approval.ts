import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';
import { flag, text } from '../domain/fields.ts';

const params = z.strictObject({
  ask: text('the question to people'),
  fourEyes: flag('two different people must approve, and neither may have started the run').optional(),
});

export const spec = {
  name: 'approval',
  describes: 'Asks people and waits for their answer',
  params,
  effect: 'observes',
  outputs: { by: { describes: 'who approved' } },
  timeoutMs: 3_600_000,
  asks: true,
  phases: ['baseline', 'decide'],
} satisfies ActionSpec<typeof params>;
