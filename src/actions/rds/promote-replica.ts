import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';

const params = z.strictObject({ replica: target('rds/instance', 'the read replica that becomes a primary') });

export const spec = {
  name: 'rds/promote-replica',
  describes: 'Promotes a read replica to a primary of its own. There is no way back: failback makes a new replica',
  params,
  effect: 'changes',
  outputs: {
    endpoint: { describes: 'host name of the new primary' },
    port: { describes: 'port of the new primary' },
    provenBy: { describes: '`sql-write` when a write succeeded, `control-plane` without a login' },
  },
  timeoutMs: 1_800_000,
  promotes: 'replica',
  irreversible: true,
} satisfies ActionSpec<typeof params>;
