/**
 * Parameters of RDS for PostgreSQL that the lab knows: the ones drills and operators reach for. Which are dynamic follows the RDS
 * user guide ("Working with parameters on your RDS for PostgreSQL DB instance").
 */
export interface ParameterSpec {
  name: string;
  description: string;
  apply: 'dynamic' | 'static';
  type: 'boolean' | 'integer' | 'string';
  allowed: string;
  /** Engine default where there is one. */
  value?: string;
  modifiable: boolean;
  /** Name of the server's own setting; absent: RDS keeps it to itself. */
  setting?: string;
}

const boolean = '0,1';
const spec = (
  name: string,
  apply: 'dynamic' | 'static',
  type: 'boolean' | 'integer' | 'string',
  allowed: string,
  description: string,
  value?: string,
): ParameterSpec => ({
  name,
  description,
  apply,
  type,
  allowed,
  ...(value === undefined ? {} : { value }),
  modifiable: true,
  ...(name.startsWith('rds.') ? {} : { setting: name }),
});

/** In the order in which RDS lists them. */
export const parameters: readonly ParameterSpec[] = [
  spec(
    'default_transaction_read_only',
    'dynamic',
    'boolean',
    boolean,
    'Sets the default read-only status of new transactions.',
  ),
  spec(
    'hot_standby_feedback',
    'dynamic',
    'boolean',
    boolean,
    'Allows feedback from a hot standby to the primary that will avoid query conflicts.',
  ),
  spec(
    'idle_in_transaction_session_timeout',
    'dynamic',
    'integer',
    '0-2147483647',
    '(ms) Sets the maximum allowed idle time between queries, when in a transaction.',
    '86400000',
  ),
  spec(
    'lock_timeout',
    'dynamic',
    'integer',
    '0-2147483647',
    '(ms) Sets the maximum allowed duration of any wait for a lock.',
  ),
  spec(
    'log_min_duration_statement',
    'dynamic',
    'integer',
    '-1-2147483647',
    '(ms) Sets the minimum execution time above which statements will be logged.',
  ),
  spec(
    'max_connections',
    'static',
    'integer',
    '6-8388607',
    'Sets the maximum number of concurrent connections.',
    'LEAST({DBInstanceClassMemory/9531392},5000)',
  ),
  spec(
    'max_logical_replication_workers',
    'static',
    'integer',
    '0-262143',
    'Maximum number of logical replication worker processes.',
  ),
  spec(
    'max_standby_streaming_delay',
    'dynamic',
    'integer',
    '-1-2147483647',
    '(ms) Sets the maximum delay before canceling queries when a hot standby server is processing streamed WAL data.',
    '14000',
  ),
  spec('rds.force_ssl', 'dynamic', 'boolean', boolean, 'Force SSL connections.', '1'),
  spec('rds.logical_replication', 'static', 'boolean', boolean, 'Enables logical decoding.', '0'),
  {
    ...spec(
      'shared_preload_libraries',
      'static',
      'string',
      'auto_explain,pg_cron,pg_stat_statements',
      'Lists shared libraries to preload into server.',
      'pg_stat_statements',
    ),
    // The lab's servers preload nothing.
    setting: undefined,
  },
  spec(
    'statement_timeout',
    'dynamic',
    'integer',
    '0-2147483647',
    '(ms) Sets the maximum allowed duration of any statement.',
  ),
  spec(
    'synchronous_commit',
    'dynamic',
    'string',
    'local,on,off',
    'Sets the current transactions synchronization level.',
  ),
  spec(
    'work_mem',
    'dynamic',
    'integer',
    '64-2147483647',
    '(kB) Sets the maximum memory to be used for query workspaces.',
  ),
];

export const parameterNamed = (name: string): ParameterSpec | undefined =>
  parameters.find((each) => each.name === name);

/** Whether RDS takes `value` for the parameter. Formulas (`{DBInstanceClassMemory/…}`) are taken as they are. */
export function allows({ type, allowed }: ParameterSpec, value: string): boolean {
  if (type !== 'integer') return allowed.split(',').includes(value);
  if (value.includes('{')) return true;
  const bounds = /^(-?\d+)-(\d+)$/.exec(allowed);
  const number = Number(value);
  return Number.isInteger(number) && number >= Number(bounds?.[1]) && number <= Number(bounds?.[2]);
}

/** A group's values as server settings. */
export function settingsOf(values: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const known = parameterNamed(name);
    if (known?.setting === undefined || value.includes('{')) continue;
    settings[known.setting] = known.type === 'boolean' ? (value === '1' ? 'on' : 'off') : value;
  }
  return settings;
}
