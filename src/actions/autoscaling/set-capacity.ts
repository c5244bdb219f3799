import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { count, target } from '../../domain/fields.ts';

const params = z.strictObject({
  group: target('autoscaling/group', 'the Auto Scaling group'),
  desired: count('instances that shall run'),
  min: count('new minimum; default: the old one, or `desired` where that is less').optional(),
  max: count('new maximum; default: the old one, or `desired` where that is more').optional(),
});

export const spec = {
  name: 'autoscaling/set-capacity',
  describes: 'Sets the capacity of an Auto Scaling group and waits until it is in service',
  params,
  effect: 'changes',
  timeoutMs: 900_000,
} satisfies ActionSpec<typeof params>;
