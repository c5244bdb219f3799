import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { count, target, text } from '../../domain/fields.ts';

const params = z
  .strictObject({
    record: target('route53/record', 'the record set to change'),
    to: target('elbv2/load-balancer', 'the load balancer that it shall point to').optional(),
    values: z.array(text()).min(1, 'needs a value').optional().meta({ description: 'its new values, instead of `to`' }),
    weight: count('its new weight, 0 to 255, of a weighted record').optional(),
  })
  .refine(({ to, values, weight }) => [to, values, weight].filter((given) => given !== undefined).length === 1, {
    message: 'needs exactly one of to, values and weight',
  });

export const spec = {
  name: 'route53/change-record',
  describes:
    'Points a record set elsewhere, or changes its weight. A control-plane write in us-east-1; undone by putting the exact former set back',
  params,
  effect: 'changes',
  outputs: { answer: { describes: 'what the record answers now' } },
  timeoutMs: 300_000,
} satisfies ActionSpec<typeof params>;
