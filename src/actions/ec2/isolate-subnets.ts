import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';

const params = z.strictObject({
  subnets: target('ec2/subnets', 'the subnets to cut off'),
  mayHit: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: 'network interface types that may be hit besides instances, balancers and databases' }),
});

export const spec = {
  name: 'ec2/isolate-subnets',
  describes:
    'Cuts subnets off: a network ACL that denies everything takes the place of each subnet’s own. Hits every network interface in them',
  params,
  effect: 'changes',
  timeoutMs: 120_000,
  fault: true,
} satisfies ActionSpec<typeof params>;
