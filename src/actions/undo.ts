/** The spec of the `undo` step. The driver itself carries it out: it takes another step back, part by part. */
import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';
import { step } from '../domain/fields.ts';

const params = z.strictObject({ step: step('the step whose effect is taken back') });

export const spec = {
  name: 'undo',
  describes: 'Takes back what an earlier step did',
  params,
  effect: 'undo',
  timeoutMs: 900_000,
  phases: ['failback'],
} satisfies ActionSpec<typeof params>;
