/**
 * A plan: the drill with literal targets, in the order in which it will run. It is logged whole in the run's first event, so
 * that start, resume and takeover see the same plan, whatever the file or the estate says by then.
 */
import type { Portion } from './catalogue.ts';
import type { Drill, Phase, Probe, Step, Target } from './drill.ts';
import type { JsonObject } from './json.ts';

/** One AWS resource that a target stands for. */
export interface ResolvedItem {
  /** The service's own identifier: instance id, DB instance identifier, record name ... */
  id: string;
  arn?: string;
  /** What the actions need later: az, vpc, endpoint, port, engine, zoneId ... All plain JSON. */
  facts: JsonObject;
}

export interface ResolvedTarget {
  name: string;
  type: string;
  /** Name of the location, and its literal account, region, role. */
  location: string;
  account: string;
  region: string;
  role?: string;
  externalId?: string;
  /** Secret reference for SQL, never the secret. */
  login?: string;
  /** How the definition selects it. Names what a step may create where nothing was found. */
  select: Target['select'];
  /** Empty only where the definition says `mayBeEmpty`. */
  items: readonly ResolvedItem[];
}

export interface PlannedStep extends Step {
  /** Position of its group in the plan; steps with the same number run together. */
  group: number;
  effect: 'changes' | 'creates' | 'observes' | 'undo';
  /**
   * Bound of taking it back, milliseconds. A short `timeout` says how soon its effect must be there, and nothing of how long the
   * way back takes: so it is never shorter than the action's own. Default: `timeoutMs`.
   */
  undoTimeoutMs?: number;
  /** Set by an `undo` step: whose effect it takes back. */
  undoes?: string;
  /** Going back after it would lose data: name of the target that it makes the primary. */
  pivot?: string;
  /** Name of the target that it fences. */
  fences?: string;
  /** It outlives the run once a pivot was passed: pivots, fences, what was set aside, what was adopted. */
  stays: boolean;
  /** A fault in the sense of `inject`: its first effect is the start of the outage. */
  fault: boolean;
  /** The drill does what the provider would do by itself: the run is labelled `simulated-provider`. */
  simulatesProvider?: boolean;
  /** It asks people and waits for their answer. */
  asks: boolean;
  /** Which portion of a restore its time is; by part where they differ. */
  portion?: Portion | Readonly<Record<string, Portion>>;
  /** Set when the step will be skipped: its target is empty and may be. */
  skip?: string;
  /** Made by the plan, not written in the drill (steady state before, recovered after). */
  implicit: boolean;
}

/** What a reader of the plan must know. `refuse` stops run and rehearse; nothing has been touched then. */
export interface Finding {
  severity: 'note' | 'warn' | 'refuse';
  code: string;
  message: string;
  step?: string;
  remedy?: string;
}

export interface StepPreview {
  step: string;
  /** What it would touch, as ARNs or names. */
  touches: readonly string[];
  /** What it will look for, a short line each; absent for a step that doesn't check anything. */
  checks?: readonly string[];
  /** How it is taken back, in words; absent when nothing needs taking back. */
  undo?: string;
  /** IAM actions it needs, e.g. `rds:PromoteReadReplica`, with the resources they are needed for. */
  permissions: readonly Permission[];
}

/** When something is allowed, as IAM writes it: by operator and condition key, the values of which one must match. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface Permission {
  action: string;
  /** ARNs or `*`. */
  resources: readonly string[];
  /** Name of the location in which it is needed. */
  location: string;
  /** Narrower than by its resources. Only keys that AWS knows for this action: another one would deny it for good. */
  when?: Condition;
}

/** Something that the prober samples besides the drill's own probes: where a replica stands in its source's log. */
export interface PositionWatch {
  target: string;
  host: string;
  port: number;
  engine: string;
  login: string;
  everyMs: number;
}

export interface Plan {
  runId: string;
  drill: Drill;
  environment: 'lab' | 'aws' | 'other';
  /** Outside a lab: an AWS endpoint that the environment names is on this very machine, so it is not AWS. */
  localEndpoint?: true;
  targets: Readonly<Record<string, ResolvedTarget>>;
  /** In order; steps with an equal `group` run together. */
  steps: readonly PlannedStep[];
  probes: readonly Probe[];
  positions: readonly PositionWatch[];
  previews: readonly StepPreview[];
  findings: readonly Finding[];
  /** Peak ReplicaLag of the last 30 days of the replicas that are promoted, milliseconds; absent when unknown. */
  peakReplicaLagMs?: number;
  /** SHA-256 of the canonical plan without run id and this field. */
  planHash: string;
}

export const groupsOf = (plan: Pick<Plan, 'steps'>, phase?: Phase): PlannedStep[][] => {
  const groups = new Map<number, PlannedStep[]>();
  for (const step of plan.steps) {
    if (phase !== undefined && step.phase !== phase) continue;
    groups.set(step.group, [...(groups.get(step.group) ?? []), step]);
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, steps]) => steps);
};
