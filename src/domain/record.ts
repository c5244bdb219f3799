/**
 * The run record: what `--json` prints, reports show and auditors keep. Its shape is a promise to the outside
 * (schemaVersion 1): fields are added, never renamed. Absent means not measured; it is never written as 0.
 */
import type { ErrorReport } from './errors.ts';
import type { Finding } from './plan.ts';
import type { Portion } from './catalogue.ts';
import type { Phase } from './drill.ts';

export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'aborted';
export type UndoState = 'complete' | 'rolled-forward' | 'incomplete' | 'none';
export type RecoveryLabel = 'unaided' | 'simulated-provider' | 'aided';

/** Bounds between which the truth lies, milliseconds. */
export interface Interval {
  lowerMs: number;
  upperMs: number;
}

export interface MeasuredRecovery extends Interval {
  clock: 'monotonic' | 'wall';
  /** 1 when the outage was one; more when it came back. Always 1 where no probe looked, and `perProbe` empty. */
  episodes: number;
  perProbe: Readonly<Record<string, Interval>>;
}

/** What became of numbered writes. */
export interface WriteCounts {
  lostWrites: number;
  ackedWrites: number;
  indeterminateWrites: number;
}

/** Counts are absent where nothing was written, e.g. of a restore. */
export interface MeasuredRpo extends Partial<WriteCounts> {
  /** False when replication still advanced after the fault: then nothing is said about loss. */
  exercised: boolean;
  /** Age of the newest surviving acknowledged write at the fault; 0 when no acknowledged write is missing. */
  upperMs?: number;
  /** Of a restore whose age nobody knows, `upperMs` and `recoveryPointAgeMs` absent: its data is at least this old. */
  lowerMs?: number;
  recoveryPointAgeMs?: number;
  /** Of a restore: what was said of the recovery point, in order. The last word counts. Absent where nothing was said. */
  recoveryPoints?: readonly RecoveryPoint[];
  /** Of a restore: why the words about the recovery point can't all be true, in one sentence. */
  doubt?: string;
  peakReplicaLagMs?: number;
  /** Why it was not exercised or is not known. */
  why?: string;
}

/** The moment up to which a restore has the data, by the word of a step. */
export interface RecoveryPoint {
  step: string;
  /** ISO 8601. */
  at: string;
  /**
   * `backup`: the date that the backup bears. `upload`: when it was stored, which is later than the data that it holds. `data`:
   * what was found in the restored data.
   */
  by: 'backup' | 'upload' | 'data';
}

export interface PhaseSpan {
  name: 'detect' | 'decide' | 'recover' | 'settle' | 'verify';
  /** Milliseconds since the fault. */
  startMs: number;
  endMs: number;
}

/** How much of a restore one kind of work took. */
export interface PortionSpan {
  name: Portion;
  durationMs: number;
}

export interface Recovery {
  measured?: MeasuredRecovery;
  declared: { detectionMs?: number; decisionMs?: number };
  /** Measured plus what was declared where no person decided. */
  rto?: Interval;
  rpo?: MeasuredRpo;
  phases: readonly PhaseSpan[];
  /** Of a restore: where its time went. Absent where no step says which portion it is. */
  portions?: readonly PortionSpan[];
  failback?: { rto?: Interval; rpo?: MeasuredRpo };
}

/** How each probe kept to its expectation, in each stretch of the run. */
export interface ProbeJudgement {
  probe: string;
  kept: boolean;
  /** One sentence when it was not. */
  why?: string;
}

/** What the judge makes of log and samples; it stands in `run.finished` and can be made again from both. */
export interface Judgement {
  verdict: Verdict;
  undo: UndoState;
  recoveryLabel: RecoveryLabel;
  /** 0 to 5, contract order 5 > 4 > 1 > 3 > 0. */
  exitCode: 0 | 1 | 3 | 4 | 5;
  reasons: readonly string[];
  recovery: Recovery;
  probes: readonly ProbeJudgement[];
  /** Nobody judged it: its process was killed, and its lab went with it. Whoever came next ended the log. */
  killed?: true;
  /** By which edition of the judge's rules; absent: the first. Another edition may come to other figures from the same log. */
  rules?: number;
}

export type StepState =
  'none' | 'begun' | 'applied' | 'settled' | 'failed' | 'undoing' | 'undone' | 'undo-failed' | 'skipped';

export interface StepRecord {
  id: string;
  phase: Phase;
  uses: string;
  state: StepState;
  attempts: number;
  startedAt?: string;
  durationMs?: number;
  /** Id of the step that took it back, where that was part of the drill; absent when the run undid it. */
  undoneBy?: string;
  /** Set where it was taken back by deleting what it had created; only with state `undone`. */
  deleted?: true;
  awsCalls: number;
  error?: ErrorReport;
  /** What its parts found that has to hold, in order; absent where none looked. */
  checks?: readonly CheckRecord[];
  /** What it holds restored data against, besides the drill's own word; absent where there is nothing. */
  comparesWith?: 'manifest' | 'source';
}

export interface CheckRecord {
  /** The part that looked, e.g. `rows`. */
  name: string;
  holds: boolean;
  said: string;
  durationMs: number;
  /** Set where it doesn't hold and the drill itself is at fault, so that nothing is said about the estate. */
  provesNothing?: true;
  /** Set where it holds and speaks for nothing, e.g. because there was nothing to compare with. */
  notShown?: true;
}

/** What it costs is told in words, in the plan and in reports: firedrill has no source of prices. */
export interface ResourceRecord {
  arn: string;
  /** Id of the step that created it. */
  createdBy: string;
  state: 'deleted' | 'adopted' | 'kept' | 'leaked';
}

/** That whoever started the run agreed to faults in production, by giving the drill's name back. */
export interface Consent {
  by: string;
  /** `typed` at a prompt, or given as an `option` where nobody could be asked. */
  how: 'typed' | 'option';
  /** Names of the production locations that it is about. */
  locations: readonly string[];
}

/**
 * What somebody had taken back after the run's end, because the run itself could not; or that nothing is left to take back. It
 * changes no verdict.
 */
export interface Addendum {
  /** Who asked for it; `firedrill` where it is `gone`. */
  by: string;
  startedAt: string;
  /** Absent when it goes on or was broken off; so are `undo` and `left` then. */
  endedAt?: string;
  /** Parts that were taken back, as `step/part`. */
  undone: readonly string[];
  /** How the estate stood afterwards. */
  undo?: UndoState;
  /** What was still left, a sentence each. */
  left?: readonly string[];
  /** The lab that the run stood in does not exist any more. `undo` stays what it was: what was left is gone, and not undone. */
  gone?: true;
}

/** What the plan found, and where. */
export interface FindingRecord extends Finding {
  /** Regions of the targets of its step; absent where it is about no step, or about one without a target. */
  regions?: readonly string[];
}

export interface RunRecord {
  schemaVersion: 1;
  runId: string;
  drill: string;
  title: string;
  /** `restore`: a backup was to be brought back and checked. `recovery`: a service was to be available again. */
  kind: 'recovery' | 'restore';
  environment: 'lab' | 'aws' | 'other';
  /** What shows that it did not take place on AWS, so that its figures are no evidence about AWS; absent where nothing does. */
  notAws?: 'lab' | 'local-endpoint' | 'emulated-account';
  verdict: Verdict;
  undo: UndoState;
  recoveryLabel: RecoveryLabel;
  /** What the command that ran it exited with. */
  exitCode: Judgement['exitCode'];
  /** Its process was killed: it has no result, and the lab that it ran in is gone with all that was in it. */
  killed?: true;
  reasons: readonly string[];
  startedAt: string;
  endedAt: string;
  accounts: readonly string[];
  regions: readonly string[];
  definitionHash: string;
  planHash: string;
  recordHash: string;
  toolVersion: string;
  startedBy: string;
  approvals: readonly { by: string; at: string; comment?: string; automatic: boolean }[];
  /** Given at the start, where the drill hits production and asks nobody before it. */
  consent?: Consent;
  objectives: { rtoMs?: number; recoveryMs?: number; rpoMs?: number; failbackMs?: number; failbackRpoMs?: number };
  recovery: Recovery;
  probes: readonly ProbeJudgement[];
  steps: readonly StepRecord[];
  resources: readonly ResourceRecord[];
  findings: readonly FindingRecord[];
  /** Absent when nothing came after the run's end. Steps and resources stand as the last of these left them. */
  addenda?: readonly Addendum[];
  events: { published: number; pending: number };
}
