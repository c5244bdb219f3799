/**
 * The three shapes of which every action is made. The driver knows these and nothing else of an action, so crash behaviour
 * is tested once per shape. A step expands to an ordered list of parts, each with its own begun, applied, settled, undone.
 *
 *   change   read -> desired -> write -> settled        undo: write what was before
 *   create   find -> create -> settled                  undo: remove what was found
 *   observe  poll                                       undo: nothing
 *
 * Every method may be called again after a crash at any point. Methods throw FiredrillError for answers a person must act
 * on, LostError when the run is driven by another process, and pass `signal.reason` on when they are aborted.
 */
import type { Json, JsonObject } from './json.ts';

export interface Attempt {
  /** Stable across retries and takeover; different for do and undo. Usable as an AWS client token (<= 64 characters). */
  key: string;
  /** Aborts when the run is aborted or the step's time is over. A write that is under way should be let finish. */
  signal: AbortSignal;
}

/**
 * What an observation found out about something that has to hold, e.g. one rung of a verification. One that doesn't hold
 * fails its step, but only once the step's other parts have looked too: a person wants to know all that is wrong.
 */
export interface Check {
  holds: boolean;
  /** What was found, in one sentence; where it doesn't hold, what was expected too. */
  said: string;
  /** Where it doesn't hold: the drill itself is at fault, so the run proves nothing about the estate. */
  provesNothing?: boolean;
  /**
   * Where it holds: it tells what is there and speaks for nothing, because nothing stood against it or because what it found
   * breaks another promise. Reports never count it among what was shown.
   */
  notShown?: boolean;
}

/** One look at something that takes time. `saw` is what a person is shown while waiting, and on a time-out. */
export type Progress = { done: true; outputs?: JsonObject; check?: Check } | { done: false; saw: string };

/** A question to people. Its presence makes the begun event an approval request. */
export interface Ask {
  question: string;
  /** Two different people must approve, and none of them may have started the run. */
  fourEyes: boolean;
}

interface PartBase {
  /** Unique within its step, stable across crashes: `acl`, `subnet-0a1b`. */
  name: string;
  /** What it touches, for plan and log: an ARN or name. */
  touches: string;
  /** Cadence of polls, milliseconds. Default 1000 (a lab says 100). */
  pollMs?: number;
}

export interface ChangePart<S extends Json = Json> extends PartBase {
  shape: 'change';
  /** What is there now, as far as this part is concerned. Must not report a state on its way as a third value. */
  read(attempt: Attempt): Promise<S>;
  /** What shall be there. Pure. */
  desired(before: S): S;
  /** Whether two states are the same state. Default: equal JSON. */
  same?(a: S, b: S): boolean;
  /** Takes the estate from one state to the other; compare-and-change where AWS offers it. */
  write(to: S, from: S, attempt: Attempt): Promise<void>;
  /** Whether the effect of `write(to)` is there: a field that only it produces, then the effect itself. */
  settled(to: S, attempt: Attempt): Promise<Progress>;
  /** No way back once begun, unless `read` still gives the state before. */
  pivot?: boolean;
  /** Of a pivot: whether something goes on that may end in `desired`, while `read` still gives the state before. */
  underWay?(attempt: Attempt): Promise<boolean>;
  /** ARN under which what it sets aside is kept for people, once the run rolls forward. */
  keeps?: string;
}

export interface CreatePart<R extends Json = Json> extends PartBase {
  shape: 'create';
  /** Name or token under which it is created: known to the log before AWS knows it. */
  identity: JsonObject;
  /**
   * Finds what was created under the identity, even when the create call's answer was lost. Never what others made: it is
   * removed. Asked before the part begins, too: what is there by then isn't this step's. Going forward it throws where it sees
   * that others have the name, so that nothing begins.
   * @param known what the log says was created. Where that is there and is no longer known as this step's, it throws: only a
   *   person can say whether it may go
   */
  find(attempt: Attempt, known?: R): Promise<R | undefined>;
  create(attempt: Attempt): Promise<R>;
  settled(found: R, attempt: Attempt): Promise<Progress>;
  remove(found: R, attempt: Attempt): Promise<void>;
  /** Whether `found` only stands for something that nobody saw. It may show late, so that its undo looks for longer. */
  unseen?(found: R): boolean;
  /** ARN for the ledger of resources. */
  arn(found: R): string;
  /** The estate needs it from now on: it is adopted instead of removed when the run rolls forward. */
  adopted?: boolean;
}

export interface ObservePart extends PartBase {
  shape: 'observe';
  poll(attempt: Attempt): Promise<Progress>;
  asks?: Ask;
}

export type Part = ChangePart | CreatePart | ObservePart;
