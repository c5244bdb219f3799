import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { choice, target } from '../../domain/fields.ts';

const params = z.strictObject({
  database: target('rds/instance', 'the database that must take no more writes'),
  mode: choice(
    ['no-access', 'read-only'],
    'no-access: a security group without ingress, then a reboot; read-only: the engine’s setting in the instance’s own parameter group',
  ),
  ifUnconfirmed: choice(['fail', 'proceed'], 'what to do when the fence can’t be confirmed; default fail').optional(),
});

export const spec = {
  name: 'rds/fence-primary',
  describes: 'Keeps writes away from a database before another one becomes the primary',
  params,
  effect: 'changes',
  outputs: {
    confirmed: { describes: '`true` when the fence was seen to be in force, `false` when the drill went on without' },
  },
  timeoutMs: 600_000,
  fences: 'database',
} satisfies ActionSpec<typeof params>;
