/**
 * The field types of drill definitions. Scalars reach a field as text (YAML's failsafe schema); each field turns text into a
 * typed value with its unit in the name of what it gives, or says what it wants instead. Actions, probes and targets build
 * their `params` from these.
 *
 * `meta.kind` tells the definition stage and the JSON Schema what a field means: `target` and `step` fields hold names that
 * are checked against the drill, `secret` fields hold a reference (`env:NAME`, `file:/PATH`) and never a value.
 */
import { z } from 'zod';

/** What `field.meta()` says of a field, beyond zod's own knowledge. */
export interface FieldMeta {
  kind:
    | 'text'
    | 'duration'
    | 'percent'
    | 'rate'
    | 'count'
    | 'flag'
    | 'target'
    | 'step'
    | 'probe'
    | 'location'
    | 'secret'
    | 'file'
    | 'choice';
  /** Of a `target` field: the target types that it takes. */
  targetTypes?: readonly string[];
  description?: string;
  [key: string]: unknown;
}

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s` as milliseconds; undefined when it isn't a duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * unitMs[match[2]!]! : undefined;
}

const describe = (meta: FieldMeta): FieldMeta => meta;

/** What a plan shows in the place of a text that only the run will know: an output of a step. */
export const standIn = (step: string, output: string): string => `(${output} of step ${step})`;

/** Whether nothing can be said of a text's form yet. */
export const isStandIn = (text: string): boolean => /\([\w-]+ of step [\w-]+\)/.test(text);

/** Any text of at least one character. */
export const text = (description?: string) =>
  z
    .string()
    .min(1, 'needs a value')
    .meta(describe({ kind: 'text', description }));

/** Nothing in a drill lasts longer: ten years, milliseconds. */
const longestMs = 3_650 * 86_400_000;

/** `200ms`, `30s`, `5m`, `2h`, `1d` -> milliseconds. */
export const duration = (description?: string, leastMs = 0) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'needs a unit, like 30s (ms s m h d)')
    .transform((value) => parseDurationMs(value)!)
    .refine((ms) => ms >= leastMs, `is too short: at least ${leastMs}ms`)
    .refine((ms) => ms <= longestMs, 'is too long: at most 3650d')
    .meta(describe({ kind: 'duration', description }));

/** `0.5%` -> 0.005. */
export const percent = (description?: string) =>
  z
    .string()
    .regex(/^(100(\.0+)?|\d{1,2}(\.\d+)?)%$/, 'not a percentage, like 1%')
    .transform((value) => Number(value.slice(0, -1)) / 100)
    .meta(describe({ kind: 'percent', description }));

/** `400/s` -> requests a second. */
export const rate = (description?: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?\/s$/, 'not a rate, like 400/s')
    .transform((value) => Number(value.slice(0, -2)))
    .meta(describe({ kind: 'rate', description }));

/** A whole number from 0. */
export const count = (description?: string, { least = 0, most = 999_999_999 } = {}) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'not a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is none: ${least} to ${most}`)
    .meta(describe({ kind: 'count', description }));

export const flag = (description?: string) =>
  z
    .enum(['true', 'false'], 'write true or false')
    .transform((value) => value === 'true')
    .meta(describe({ kind: 'flag', description }));

export const choice = <const T extends readonly [string, ...string[]]>(values: T, description?: string) =>
  z.enum(values, `write one of ${values.join(', ')}`).meta(describe({ kind: 'choice', description }));

/** Of a page, or whatever else answers HTTP. */
export const httpUrl = (description?: string) =>
  z
    .string()
    .refine((url) => /^https?:$/.test(protocolOf(url)), 'not a URL, like https://www.shop.example/health')
    .meta(describe({ kind: 'text', description }));

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return '';
  }
}

/** The name of a target of one of these types, or the output of a step that gives one. Nothing computed. */
export const target = (targetTypes: string | readonly string[], description?: string) =>
  z
    .string()
    .min(1, 'needs the name of a target')
    .meta(
      describe({
        kind: 'target',
        targetTypes: typeof targetTypes === 'string' ? [targetTypes] : targetTypes,
        description,
      }),
    );

/** The id of another step. */
export const step = (description?: string) =>
  z
    .string()
    .min(1, 'needs the id of a step')
    .meta(describe({ kind: 'step', description }));

/** The name of a probe. */
export const probe = (description?: string) =>
  z
    .string()
    .min(1, 'needs the name of a probe')
    .meta(describe({ kind: 'probe', description }));

/** The name of a location: a place that no target of the step stands in yet. */
export const location = (description?: string) =>
  z
    .string()
    .min(1, 'needs the name of a location')
    .meta(describe({ kind: 'location', description }));

/** A reference to a secret: `env:NAME` or `file:/PATH`. The secret itself never stands in a definition, log or report. */
export const secret = (description?: string) =>
  z
    .string()
    .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+)$/, 'a secret never stands in a file: write env:NAME or file:/PATH')
    .meta(describe({ kind: 'secret', description }));

/**
 * As `secret`, or one that AWS keeps: `secretsmanager:NAME_OR_ARN`, of its JSON one member with `#KEY`, and `ssm:/PARAMETER`.
 * Only for what is read with a funnel to AWS at hand.
 */
export const storedSecret = (description?: string) =>
  z
    .string()
    .regex(
      /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+|secretsmanager:[\w/+=.@!:-]+(#[\w.-]+)?|ssm:\/[\w./-]+)$/,
      'a secret never stands in a file: write env:NAME, file:/PATH, secretsmanager:NAME or ssm:/PARAMETER',
    )
    .meta(describe({ kind: 'secret', description }));

/** A file of the project, as a path relative to the definition. */
export const file = (description?: string) =>
  z
    .string()
    .min(1, 'needs a path')
    .meta(describe({ kind: 'file', description }));

/** What `meta` says of a field, looking through optional, default and transform wrappers. */
export function metaOf(schema: z.ZodType): FieldMeta | undefined {
  const own = schema.meta() as FieldMeta | undefined;
  if (own?.kind) return own;
  const inner = (schema as unknown as { def?: { innerType?: z.ZodType; in?: z.ZodType } }).def;
  if (inner?.innerType) return metaOf(inner.innerType);
  if (inner?.in) return metaOf(inner.in);
  return undefined;
}
