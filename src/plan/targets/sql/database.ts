/**
 * Target `sql/database`: a database by its address, e.g. one that stands on an instance. AWS isn't asked; the facts are
 * named as those of `rds/instance`, so that whoever speaks SQL treats both alike.
 */
import { z } from 'zod';
import { choice, count, text } from '../../../domain/fields.ts';
import { login } from '../select.ts';
import { defineTarget } from '../target.ts';
import { host } from '../written.ts';

export const database = defineTarget({
  spec: {
    type: 'sql/database',
    describes: 'A database by its address, on whatever it runs',
    params: z.strictObject({
      host: host('host name or address'),
      port: count('port', { least: 1, most: 65_535 }),
      database: text('name of the database'),
      engine: choice(['postgres', 'mysql'], 'engine; MariaDB is mysql'),
      login,
    }),
    facts: { endpoint: 'host name or address', port: 'port', database: 'name of the database', engine: 'engine' },
  },
  reads: [],
  find: async (_aws, { host, port, database: name, engine }) => [
    { id: `${host}:${port}/${name}`, facts: { endpoint: host, port, database: name, engine } },
  ],
});
