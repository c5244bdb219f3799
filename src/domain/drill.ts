/**
 * A drill after its definition was read and found good: parameters substituted for one value set, units turned into
 * numbers, names checked. What still refers to the run (`$(targets…)`, `$(steps…)`) stays text in `with`.
 */
export const phases = ['baseline', 'inject', 'detect', 'decide', 'recover', 'verify', 'failback'] as const;
export type Phase = (typeof phases)[number];

/** Where something stands in a definition file; line and column count from 1. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

export interface Location {
  name: string;
  account: string;
  region: string;
  /** Role name or ARN to assume; absent: the credentials as they are. */
  role?: string;
  externalId?: string;
  production: boolean;
}

export interface Target {
  name: string;
  type: string;
  /** Name of its location. */
  location: string;
  /** How it is selected, as text by field (id, ids, tags, az, max, pick, name ...). `tags` is a map. */
  select: Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;
  mayBeEmpty: boolean;
  /** Secret reference, `env:NAME` or `file:/PATH`. */
  login?: string;
}

export type Expectation = 'recovers' | 'holds' | 'breaks' | 'appears' | 'any';

export interface Probe {
  name: string;
  uses: string;
  with: Readonly<Record<string, string>>;
  everyMs: number;
  timeoutMs: number;
  expect: Expectation;
  canary: boolean;
  /** How it resolves names. `resolver`: `system`, `authoritative` or `HOST:PORT`. Default: FIREDRILL_RESOLVER, else system. */
  resolver?: string;
  ttl: 'honour' | 'ignore';
  connection: 'fresh' | 'pooled';
  /** Share of failures below which a window counts as good, and the window; for partial outages. Default: none fails. */
  threshold?: { maxFailureRate: number; windowMs: number };
}

/** Text as written after substitution of parameters; may hold `$(targets.NAME.FACT)` and `$(steps.ID.outputs.NAME)`. */
export type WithValue = string | readonly WithValue[] | { readonly [key: string]: WithValue };

export interface Step {
  id: string;
  uses: string;
  phase: Phase;
  with: Readonly<Record<string, WithValue>>;
  /** Bound of the whole step, milliseconds. */
  timeoutMs: number;
  /** In inject: undo this long after it took effect. For `wait`: its duration. */
  forMs?: number;
  /** Why something irreversible may stay. */
  keep?: string;
  at: SourcePosition;
}

/** Steps that run together. A step in order is a group of one. */
export type StepGroup = readonly Step[];

export interface Objectives {
  /** Measured plus declared. */
  rtoMs?: number;
  /** Measured alone. */
  recoveryMs?: number;
  rpoMs?: number;
  failback: { rtoMs?: number; rpoMs?: number };
  /** How long a probe must stay good to count as recovered. Default 30 s. */
  steadyMs: number;
  /** Human time that this run had nobody for. */
  declared: { detectionMs?: number; decisionMs?: number };
}

export interface Guardrails {
  /** Default 2 h; until failback begins. */
  maxDurationMs: number;
  stopOn: readonly ({ alarm: string } | { probe: string; badMs: number })[];
  window?: { days: readonly string[]; from: string; to: string; timezone: string };
  blackout: readonly { from: string; to: string; timezone?: string }[];
}

export interface Schedule {
  cron: string;
  timezone: string;
  values: readonly string[];
  forEach?: Readonly<Record<string, string>>;
  spreadMs?: number;
  jitterMs?: number;
  overlap: 'skip' | 'queue';
  missed: 'skip' | 'run';
  overdueAfterMs?: number;
}

export interface Notification {
  /** Secret reference: a webhook URL is a credential. */
  webhook: string;
  on: readonly string[];
}

export interface LabSettings {
  estate: 'single-instance' | 'multi-az' | 'multi-region';
  /** Lag that the estate's cross-region replication has on purpose, milliseconds. */
  replicaLagMs?: number;
  /** The provider's replication outlives subnet isolation. */
  replicationSurvives?: boolean;
}

export interface Drill {
  apiVersion: 'firedrill/v1';
  name: string;
  title: string;
  file: string;
  /** SHA-256 of the definition's bytes (and its estate file's). */
  definitionHash: string;
  /** Name of the value set in force, e.g. `lab`. */
  values: string;
  lab?: LabSettings;
  locations: Readonly<Record<string, Location>>;
  targets: Readonly<Record<string, Target>>;
  probes: Readonly<Record<string, Probe>>;
  objectives: Objectives;
  assume: { regionApiUnavailable?: string };
  guardrails: Guardrails;
  steps: Readonly<Record<Phase, readonly StepGroup[]>>;
  schedule: readonly Schedule[];
  notify: readonly Notification[];
  /** Contents of the project's files that steps name, by path as written: a run never looks at the disk again. */
  files?: Readonly<Record<string, string>>;
}
