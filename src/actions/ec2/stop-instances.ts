import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { flag, target } from '../../domain/fields.ts';

const params = z.strictObject({
  instances: target('ec2/instances', 'the instances to stop'),
  force: flag('stop without letting the operating system flush its caches').optional(),
});

export const spec = {
  name: 'ec2/stop-instances',
  describes: 'Stops instances. Auto Scaling terminates and replaces its members; others are started again by the undo',
  params,
  effect: 'changes',
  timeoutMs: 300_000,
  fault: true,
} satisfies ActionSpec<typeof params>;
