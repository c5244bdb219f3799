import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { count, target } from '../../domain/fields.ts';

const params = z.strictObject({
  group: target('autoscaling/group', 'the Auto Scaling group'),
  atLeast: count('instances that must be in service; default: the group’s desired capacity').optional(),
});

export const spec = {
  name: 'autoscaling/await-capacity',
  describes: 'Waits until an Auto Scaling group has its capacity: in service, and healthy at its target groups',
  params,
  effect: 'observes',
  outputs: { inService: { describes: 'how many instances were in service and healthy' } },
  timeoutMs: 900_000,
} satisfies ActionSpec<typeof params>;
