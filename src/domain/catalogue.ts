/**
 * What can stand in a drill: the names of actions, probes and target types with their parameters and what the language must
 * know of them. The definition stage checks drills against a catalogue; it never sees the code behind the names.
 */
import type { z } from 'zod';
import type { Phase, WithValue } from './drill.ts';

/** The parameters of an action, probe or target: a zod strictObject over text fields (domain/fields.ts). */
export type Params = z.ZodObject;

export interface OutputSpec {
  /** One sentence for `--help` and the JSON Schema. */
  describes: string;
  /** Set when the output can be given to a `target` parameter of that type. */
  targetType?: string;
}

/** The kinds of work that a restore is made of: where its time goes. */
export type Portion = 'find' | 'launch' | 'boot' | 'restore' | 'verify';

/** A parameter that is the output of that name where exactly one earlier step gives one, and the step's `with` needs it. */
export interface Implied {
  param: string;
  output: string;
  neededBy: (given: Readonly<Record<string, WithValue>>) => boolean;
}

/** What the language and the plan know of an action. */
export interface ActionSpec<P extends Params = Params> {
  /** `service/verb-object`, as drills write it. */
  name: string;
  /** One sentence: what it does. */
  describes: string;
  params: P;
  /** `changes` and `creates` alter the estate and can be undone, `observes` only looks. `undo` is the undo step itself. */
  effect: 'changes' | 'creates' | 'observes' | 'undo';
  outputs?: Readonly<Record<string, OutputSpec>>;
  /** How what it does is taken back, for the reference; a plan says it with names. Absent when nothing is. */
  undo?: string;
  /** IAM actions that a step of it may need, besides those that find its targets. A plan says which, and on what. */
  permissions?: readonly string[];
  /** Default of the step's `timeout`, milliseconds. */
  timeoutMs: number;
  /** It asks people and waits for them; nobody is asked once the run has turned. */
  asks?: boolean;
  /** True when a step of it must say `for` (wait). */
  needsFor?: boolean;
  /** It promotes the target named by this parameter: a pivot, unless the drill itself created that target. */
  promotes?: string;
  /** It fences the database named by this parameter. */
  fences?: string;
  /** It renames the target named by this parameter and keeps it. */
  setsAside?: string;
  /** It binds the target named by `as` to what it creates from `source`. */
  binds?: { as: string; source: string };
  /** It takes the network, a zone or power away: a fault, in the sense of `inject`. */
  fault?: boolean;
  /** The drill does what the provider would do by itself; the run is then labelled `simulated-provider`. */
  simulatesProvider?: boolean;
  /** Can't be undone: the step needs `keep` (why it may stay) or a failback that deals with it. */
  irreversible?: boolean;
  /** It compares with the target named by this parameter: the one thing of a verification that may be the source. */
  comparesWith?: string;
  /** What a step that needs it and does not say it takes from the one step before it that gives it. */
  implied?: Implied;
  /** Which portion of a restore its time is; by part where they differ. */
  portion?: Portion | Readonly<Record<string, Portion>>;
  /** Phases in which it may stand. Default: all, except that `verify` takes only `observes`. */
  phases?: readonly Phase[];
}

export interface ProbeSpec<P extends Params = Params> {
  name: string;
  describes: string;
  params: P;
  /** It writes numbered rows and reads them back: gives RPO. */
  canary?: boolean;
}

export interface TargetSpec<P extends Params = Params> {
  /** `service/kind`, e.g. `rds/instance`. */
  type: string;
  describes: string;
  /** How it is selected, besides `type`, `in`, `mayBeEmpty`. */
  params: P;
  /** It may resolve to more than one resource, so `max` bounds it. */
  many?: boolean;
  /** Facts that `$(targets.NAME.FACT)` can use, e.g. `az`. */
  facts?: Readonly<Record<string, string>>;
  /** IAM actions that finding it needs. All of them read. */
  reads?: readonly string[];
}

export interface Catalogue {
  actions: ReadonlyMap<string, ActionSpec>;
  probes: ReadonlyMap<string, ProbeSpec>;
  targets: ReadonlyMap<string, TargetSpec>;
}
