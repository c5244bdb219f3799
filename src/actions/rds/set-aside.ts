import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';

const params = z.strictObject({ database: target('rds/instance', 'the database that makes room for its successor') });

export const spec = {
  name: 'rds/set-aside',
  describes:
    'Renames a database to NAME-kept-RUN and keeps it, so that a new one can take its name. People delete it later',
  params,
  effect: 'changes',
  outputs: { kept: { describes: 'identifier under which the database is kept' } },
  timeoutMs: 900_000,
  setsAside: 'database',
} satisfies ActionSpec<typeof params>;
