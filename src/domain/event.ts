/**
 * The events of a run. The log of these is the only checkpoint and the only truth: state, record, published messages,
 * resource ledger and reports are folds of it. An event is written before the effect it announces.
 *
 * Never holds a secret. `before` and `after` are captured state; they stay in the log and are not published.
 */
import type { Mark } from './clock.ts';
import type { ErrorReport } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { Ask, Check } from './part.ts';
import type { Plan } from './plan.ts';
import type { Phase } from './drill.ts';
import type { Consent, Judgement, UndoState } from './record.ts';

/** Why a run stopped going forward. */
export interface Turn {
  kind: 'failed' | 'aborted' | 'guardrail' | 'inconclusive';
  message: string;
  /** Who asked, for an abort. */
  by?: string;
  step?: string;
}

/** A process as whoever comes later can look for it: a pid alone is given to others in time. */
export interface ProcessIdentity {
  host: string;
  /** Id of the machine's boot. */
  boot: string;
  /** Within which namespace the pid counts: containers of a machine have their own. */
  pidSpace: string;
  pid: number;
  /** Its start, in clock ticks since the boot. */
  startTicks: string;
}

interface OfPart {
  step: string;
  part: string;
}

export type EventBody =
  | {
      type: 'run.started';
      plan: Plan;
      startedBy: string;
      toolVersion: string;
      consent?: Consent;
      /** Origin of the endpoint that stood for AWS, like `http://127.0.0.1:4566`; absent in a rehearsal and on AWS. */
      endpoint?: string;
      /** The lab that the run stands in, where it stands in one; absent also of runs that older versions began. */
      lab?: ProcessIdentity;
    }
  /** A process takes the run over (also the first). Moves the head, so that an older writer is Lost. */
  | { type: 'run.claimed'; owner: string; attempt: number }
  | { type: 'phase.started'; phase: Phase | 'undo' }
  | { type: 'step.skipped'; step: string; why: string }
  | ({
      type: 'step.begun';
      key: string;
      before?: Json;
      after?: Json;
      identity?: JsonObject;
      touches: string;
      asks?: Ask;
      /** Going back after this part would lose data. */
      pivot?: boolean;
      /** What becomes of it when the run rolls forward: the estate needs it, or people decide. Absent: it leaves nothing. */
      fate?: 'adopted' | 'kept';
    } & OfPart)
  | ({ type: 'step.applied'; found?: Json; arn?: string } & OfPart)
  | ({ type: 'step.settled'; outputs?: JsonObject; check?: Check; awsCalls: number } & OfPart)
  | ({ type: 'step.failed'; error: ErrorReport; awsCalls: number } & OfPart)
  /** `by`: the undo step that asked; absent when the run was turned or came to its end. */
  | ({ type: 'step.undoing'; by?: string } & OfPart)
  /** `nothing`: what it should have created was looked for, and was not there. */
  | ({ type: 'step.undone'; nothing?: true } & OfPart)
  | ({ type: 'step.undo-failed'; error: ErrorReport } & OfPart)
  /** All parts of the step are settled. `outputs` are the parts' outputs, merged. */
  | { type: 'step.succeeded'; step: string; outputs: JsonObject }
  /** `inbox`: id of the message that was folded in, so that a takeover doesn't fold it again. */
  | {
      type: 'approval.given';
      step: string;
      by: string;
      comment?: string;
      automatic: boolean;
      refused?: boolean;
      inbox?: number;
    }
  | {
      type: 'probe.changed';
      probe: string;
      state: 'good' | 'bad' | 'unknown';
      sinceNs: string;
      clockId: string;
      why?: string;
    }
  | { type: 'run.turned'; turn: Turn; inbox?: number }
  /** Everything is done or undone; the prober reads the canaries back and seals its samples. */
  | { type: 'run.closing' }
  | { type: 'samples.sealed'; chunks: number; hash: string }
  | { type: 'run.finished'; judgement: Judgement }
  /**
   * Opens an addendum: after the end somebody has taken back what still stands. Moves the head as a claim does. One that was
   * broken off is opened again.
   */
  | { type: 'undo.retried'; by: string; owner: string }
  /**
   * Closes the addendum: where the estate stands now, and what is left of the run in it, a sentence each. With `gone` it is one by
   * itself, that nobody opened: the estate, a lab, does not exist any more, and what was left went with it.
   */
  | { type: 'undo.ended'; undo: UndoState; left: readonly string[]; gone?: true };

/** An event as it was appended: what, and when on both clocks. */
export type RunEvent = EventBody & { mark: Mark };

/** One row of the log. `body` is the canonical text that `hash` was made over; `event` is that text parsed. */
export interface LogEntry {
  runId: string;
  /** From 1, gap-free. */
  seq: number;
  /** Hash of the entry before, 64 zeros for the first. */
  prev: string;
  /** SHA-256 over `prev`, newline, `runId`, newline, `seq`, newline, `body`; lower-case hex. */
  hash: string;
  body: string;
  event: RunEvent;
}
