import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';

const params = z.strictObject({
  source: target('rds/instance', 'the database that is replicated'),
  as: target('rds/instance', 'the target whose name, place and configuration the new replica takes'),
});

export const spec = {
  name: 'rds/create-replica',
  describes: 'Creates a read replica in the place of a database that was set aside, with the same configuration',
  params,
  effect: 'creates',
  outputs: { endpoint: { describes: 'host name of the new replica' }, port: { describes: 'port of the new replica' } },
  timeoutMs: 7_200_000,
  binds: { as: 'as', source: 'source' },
} satisfies ActionSpec<typeof params>;
