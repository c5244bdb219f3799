/**
 * What an action is: its spec (what the language knows of it), the parts that a step of it expands to, and what the plan
 * shows of it. Actions know AWS through the funnel that they are handed and the run through `ActionInput`; they know neither
 * the driver nor each other.
 */
import type { z } from 'zod';
import type { Aws } from '../aws/aws.ts';
import type { ActionSpec, Params } from '../domain/catalogue.ts';
import type { Clock, Mark } from '../domain/clock.ts';
import type { Location, Phase } from '../domain/drill.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Part } from '../domain/part.ts';
import type { Finding, ResolvedTarget, StepPreview } from '../domain/plan.ts';
import type { ProbeStatus } from '../domain/sample.ts';
import type { SqlPort } from './sql-port.ts';

/** An answer to an approval step. */
export interface Approval {
  by: string;
  automatic: boolean;
  refused?: boolean;
}

/** What a step hands to its action. */
export interface ActionInput<P = unknown> {
  /** The step's `with`, parsed by the action's own `params`. */
  params: P;
  runId: string;
  stepId: string;
  phase: Phase;
  /** Bound of the step, milliseconds. */
  timeoutMs: number;
  /** The step's `for`, milliseconds. */
  forMs?: number;
  /** Bound of this step and of what follows it in its phase, milliseconds. Default: `timeoutMs`. */
  phaseLeftMs?: number;
  /** The RPO that the drill promises, milliseconds; absent when it promises none. */
  rpoMs?: number;
  /** Cadence of polls, milliseconds. */
  pollMs: number;
  /** A target by its name, as the plan resolved it; or by a step's output. */
  target(ref: string): ResolvedTarget;
  /** All declared targets of the drill. */
  targets: readonly ResolvedTarget[];
  outputs(stepId: string): JsonObject;
  /** A location by its name. */
  location(name: string): Location;
  /** Content of a file that the step names, as it was when the run was planned. */
  file(path: string): string;
  /** The funnel, counting for this step. */
  aws: Aws;
  clock: Clock;
  /** Newest status of every probe. */
  probes(): Promise<readonly ProbeStatus[]>;
  /** Answers to this step so far. */
  approvals(): readonly Approval[];
  /** Who started the run: they can't be one of four eyes. */
  startedBy: string;
  /** When this step began; absent before it did. */
  begunAt(): Mark | undefined;
  /** When the first fault began, absent in a run without one. */
  faultAt(): Mark | undefined;
  /** When recovery began, or the run where it has no recovery: what is older than that wasn't made by it. */
  recoveryBeganAt(): Mark | undefined;
  /** Where secrets behind `env:` references and FIREDRILL_RESOLVER are looked up. */
  env: NodeJS.ProcessEnv;
  /** SQL connections to databases. Default: real ones. */
  sql?: SqlPort;
}

/** What the plan shows of a step. Nothing is changed by finding it out. */
export type ActionPreview = Omit<StepPreview, 'step'> & {
  findings: readonly Finding[];
  /** Outputs that it would not give as things are, each with the reason as a sentence. */
  lacks?: Readonly<Record<string, string>>;
};

/** An action whose parameters' type is known. */
interface TypedAction<P extends Params> {
  spec: ActionSpec<P>;
  /**
   * The parts of a step, in order. Gives parts of the same names every time for the same step, also after a crash half-way.
   */
  parts(input: ActionInput<z.output<P>>): Promise<Part[]> | Part[];
  preview?(input: ActionInput<z.output<P>>): Promise<ActionPreview> | ActionPreview;
}

/** An action in the table of all actions. */
export interface Action {
  spec: ActionSpec;
  parts(input: ActionInput): Promise<Part[]> | Part[];
  preview?(input: ActionInput): Promise<ActionPreview> | ActionPreview;
}

/**
 * Makes an action of its typed definition. `with` is parsed by `spec.params` before it gets here, so the table may forget
 * the type that the action itself is written against.
 */
export const defineAction = <P extends Params>(action: TypedAction<P>): Action => action;
