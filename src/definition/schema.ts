/**
 * The sections of the format as zod schemas, built from the fields of domain/fields.ts. What depends on the catalogue (the
 * parameters of actions, probes and targets) is read with the catalogue's own schemas. The JSON Schema is made of the same.
 */
import { z } from 'zod';
import { choice, duration, flag, percent, secret, text } from '../domain/fields.ts';
import { phases } from '../domain/drill.ts';
import type { DiagnosticCode } from './diagnostic.ts';
import { knownRegions, regionPattern } from './regions.ts';
import { namePattern } from './values.ts';

/** What a field of this stage says of itself beyond `FieldMeta`. */
export interface SectionMeta {
  kind: 'text' | 'target' | 'probe';
  /** What a text is called that doesn't match. */
  code?: DiagnosticCode;
  /** A name: it stands as written, nothing is computed in it. */
  isName?: boolean;
  /** Texts that are known to be good. One that only looks good is warned of, with this code. */
  known?: { texts: readonly string[]; code: DiagnosticCode; warning: string };
  targetTypes?: readonly string[];
  description?: string;
}

const described = (schema: z.ZodString, meta: Omit<SectionMeta, 'kind'>) => schema.meta({ kind: 'text', ...meta });

const name = (description: string) =>
  described(
    z.string().regex(namePattern, 'not a name: letters, digits, - and _, beginning with a letter').max(60, 'too long'),
    { code: 'bad-name', isName: true, description },
  );

const isTimezone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};
const timezone = () =>
  described(z.string().refine(isTimezone, 'not a time zone, like Europe/Berlin'), {
    code: 'not-a-timezone',
    description: 'IANA time zone',
  });

const isTime = (value: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(value);
const time = (description: string) =>
  described(z.string().refine(isTime, 'not a time, like 09:00'), {
    code: 'not-a-time',
    description,
  });

const isDate = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/.test(value) && !Number.isNaN(Date.parse(value));
/** Whether two such texts can be compared. */
export const isPointInTime = (value: string): boolean => isTime(value) || isDate(value);

const date = (description: string) =>
  described(z.string().refine(isDate, 'not a date, like 2026-11-27 or 2026-11-27T18:00'), {
    code: 'not-a-date',
    description,
  });

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const day = `(${weekdays.join('|')})`;
const days = () =>
  described(
    z
      .string()
      .regex(new RegExp(`^${day}(-${day})?(, *${day}(-${day})?)*$`), 'not days of the week, like mon-thu or mon,wed'),
    { code: 'not-a-day', description: 'Days of the week: mon-thu, or mon,wed' },
  );

const cronFields: readonly (readonly [number, number])[] = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]]; // prettier-ignore
const cronPart = (from: number, to: number) => (part: string) => {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(part);
  if (!match) return false;
  const [low, high] = [Number(match[1] ?? from), Number(match[2] ?? match[1] ?? to)];
  return low >= from && high <= to && low <= high;
};
const isCron = (value: string): boolean => {
  const fields = value.trim().split(/\s+/);
  return (
    fields.length === cronFields.length &&
    cronFields.every(([from, to], index) => fields[index]!.split(',').every(cronPart(from, to)))
  );
};

export const locationShape = {
  account: described(z.string().regex(/^\d{12}$/, 'not an account: 12 digits'), {
    code: 'not-an-account',
    description: 'AWS account, 12 digits',
  }),
  region: described(z.string().regex(regionPattern, 'not a region, like eu-central-1'), {
    code: 'not-a-region',
    known: {
      texts: knownRegions,
      code: 'unknown-region',
      warning: 'is no region that this version of firedrill knows',
    },
    description: 'AWS region',
  }),
  role: described(
    z.string().regex(/^(arn:aws[a-z-]*:iam::\d{12}:role\/)?[\w+=,.@/-]+$/, 'not a role: its name or ARN'),
    {
      code: 'not-a-role',
      description: 'Role to assume, by name or ARN. Default: the credentials as they are',
    },
  ).optional(),
  externalId: text('External id for assuming the role').optional(),
  production: flag('Whether a fault here needs approval or typed consent. Default: false').optional(),
};

/** What every target has besides the fields of its type. */
export const targetBaseShape = {
  type: text('Kind of resource'),
  in: name('Name of a location. Default: the only one').optional(),
  mayBeEmpty: flag('Finding nothing is no error: steps on it are skipped and reported. Default: false').optional(),
};

const expectations = ['recovers', 'holds', 'breaks', 'appears', 'any'] as const;

export const probeBaseShape = {
  uses: text('Kind of probe'),
  with: z.unknown().meta({ description: 'Its parameters' }).optional(),
  every: duration('How often. Default: 1s', 10).optional(),
  timeout: duration('After what time an answer counts as none. Default: `every`, at least 500ms', 1).optional(),
  expect: choice(expectations, 'What the probe is expected to see. Default: recovers').optional(),
  resolver: described(
    z
      .string()
      .regex(
        /^(system|authoritative|[\w.-]+:\d{1,5}|\[[\da-fA-F:]+\]:\d{1,5})$/,
        'not a resolver: system, authoritative or HOST:PORT',
      ),
    { code: 'not-a-resolver', description: 'Who resolves names: system, authoritative or HOST:PORT' },
  ).optional(),
  ttl: choice(['honour', 'ignore'], 'Whether DNS answers are kept for their TTL. Default: honour').optional(),
  connection: choice(['fresh', 'pooled'], 'Whether every request connects anew. Default: fresh').optional(),
  threshold: z
    .strictObject({
      failures: percent('Share of failures that still counts as good'),
      window: duration('Over what time the share is taken'),
    })
    .meta({ description: 'For partial outages. Default: no failure is good' })
    .optional(),
};

export const stepShape = {
  id: name('Name of the step, unique in the drill'),
  uses: text('The action'),
  with: z.unknown().meta({ description: 'Its parameters' }).optional(),
  timeout: duration('Bound of the whole step. Default: the one of its action', 1).optional(),
  for: duration('In inject: undo it this long after it took effect. For `wait`: how long').optional(),
  keep: text('Why something irreversible may stay').optional(),
};

const labShape = {
  estate: choice(['single-instance', 'multi-az', 'multi-region'], 'What `rehearse` builds; multi-az not yet'),
  replicaLag: duration('Lag that cross-region replication has on purpose').optional(),
  replicationSurvives: flag('Whether replication outlives the isolation of its subnets').optional(),
};

const objectivesShape = {
  rto: duration('Longest outage: measured, plus human time that is declared').optional(),
  recovery: duration('Longest outage, the measured part alone').optional(),
  rpo: duration('Most that may be lost, as time. 0s: no acknowledged write').optional(),
  steady: duration('How long probes must stay good to count as recovered. Default: 30s').optional(),
  failback: z
    .strictObject({
      rto: duration('Longest outage during failback. 0s: none seen').optional(),
      rpo: duration('Most that failback may lose').optional(),
    })
    .meta({ description: 'What is promised of the way back' })
    .optional(),
  declared: z
    .strictObject({
      detection: duration('Human time to notice, when no person does in the run').optional(),
      decision: duration('Human time to decide, when no person does in the run').optional(),
    })
    .meta({ description: 'Time of people that the run has nobody for: added to the RTO, and always shown apart' })
    .optional(),
};

const stopOn = z.strictObject({
  alarm: z
    .string()
    .min(1, 'needs the name of a target')
    .meta({ kind: 'target', targetTypes: ['cloudwatch/alarm'], description: 'Stop when this alarm is raised' })
    .optional(),
  probe: z
    .string()
    .min(1, 'needs the name of a probe')
    .meta({ kind: 'probe', description: 'Stop when this probe is bad' })
    .optional(),
  bad: duration('For how long the probe must be bad').optional(),
});

const guardrailsShape = {
  maxDuration: duration('Longest time until failback begins. Default: 2h').optional(),
  stopOn: z.array(stopOn).meta({ description: 'From inject to the end of recover' }).optional(),
  window: z
    .strictObject({ days: days(), from: time('From when'), to: time('Until when'), timezone: timezone() })
    .meta({ description: 'When `run` may begin' })
    .optional(),
  blackout: z
    .array(z.strictObject({ from: date('First day'), to: date('Last day'), timezone: timezone().optional() }))
    .meta({ description: 'When `run` may not' })
    .optional(),
};

export const scheduleItem = z.strictObject({
  cron: described(z.string().refine(isCron, 'not a cron expression, like 0 3 * * * (minute hour day month weekday)'), {
    code: 'not-a-cron',
    description: 'When: minute hour day month weekday',
  }),
  timezone: timezone().optional(),
  values: z.array(name('Name of a value set')).meta({ description: 'Value sets to lay over each other' }).optional(),
  forEach: z
    .record(z.string(), text())
    .meta({ description: 'A run for every value set in which these parameters are so' })
    .optional(),
  spread: duration('Over what time the runs of forEach are spread').optional(),
  jitter: duration('Longest random delay').optional(),
  overlap: choice(['skip', 'queue'], 'When the run before is still on. Default: skip').optional(),
  missed: choice(['skip', 'run'], 'When nothing was up to start it. Default: skip').optional(),
  overdueAfter: duration('Notify when no run has finished for this long').optional(),
});

const occasions = [
  'started',
  'approval',
  'pass',
  'fail',
  'inconclusive',
  'aborted',
  'undo-incomplete',
  'overdue',
] as const;
const notifyItem = z.strictObject({
  webhook: secret('Where to post, by reference'),
  on: z.array(choice(occasions)).meta({ description: 'On what occasions' }),
});

const assumeShape = {
  regionApiUnavailable: name(
    'Location whose region is taken to have no control plane: after inject our own calls there are refused',
  ).optional(),
};

/** A section that is read by itself, with the catalogue. */
const unread = (description: string) => z.unknown().meta({ description });

/** The keys of a drill file; what is `unknown` here is read section by section. */
export const drillShape = {
  apiVersion: text('Version of the format'),
  kind: unread('Drill, which is the default; or Estate for what drills share').optional(),
  name: described(z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'not a name of a drill: small letters, digits and -'), {
    code: 'bad-name',
    isName: true,
    description: 'Name of the drill',
  }),
  title: text('One sentence: what a pass proves'),
  lab: z.strictObject(labShape).meta({ description: 'What `rehearse` builds; `run` ignores it' }).optional(),
  estate: unread('File of `kind: Estate`, relative to this one, whose sections are shared').optional(),
  parameters: unread('Names that `$(NAME)` stands for, each with what it means').optional(),
  values: unread('Value sets by name: what the parameters are; `default` lies under every other').optional(),
  locations: unread('Where it may act, by name').optional(),
  targets: unread('What it may act on, by name').optional(),
  probes: unread('What users see, by name').optional(),
  objectives: z.strictObject(objectivesShape).meta({ description: 'What is promised' }).optional(),
  guardrails: z
    .strictObject(guardrailsShape)
    .meta({ description: 'What stops a run, and when one may begin' })
    .optional(),
  schedule: z.array(scheduleItem).meta({ description: 'When it shall run; checked, and not acted on yet' }).optional(),
  notify: z.array(notifyItem).meta({ description: 'Who is told; checked, and not acted on yet' }).optional(),
  assume: z.strictObject(assumeShape).meta({ description: 'What is taken for given although it is not so' }).optional(),
  ...(Object.fromEntries(
    phases.map((phase) => [phase, unread('Steps, in order; `- parallel: [steps]` for several at once').optional()]),
  ) as Record<(typeof phases)[number], z.ZodOptional<z.ZodUnknown>>),
};

/** The keys of a file of `kind: Estate`. */
export const estateShape = {
  apiVersion: drillShape.apiVersion,
  kind: unread('Estate'),
  name: drillShape.name.optional(),
  title: drillShape.title.optional(),
  parameters: drillShape.parameters,
  values: drillShape.values,
  locations: drillShape.locations,
  targets: drillShape.targets,
  probes: drillShape.probes,
  guardrails: drillShape.guardrails,
  notify: drillShape.notify,
};
