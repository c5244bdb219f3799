/**
 * What a person or the system says to a command while a run is on. Ctrl-C, SIGTERM and a terminal that is closed all mean the
 * same: abort and undo. Asking once more leaves the run as it is; a terminal closes only once, however often it says so.
 */
import { userInfo } from 'node:os';
import type { App } from '../app/app.ts';
import type { FiredrillError } from '../domain/errors.ts';
import { reportOf } from '../domain/errors.ts';
import { ridingOut } from '../postgres/outage.ts';
import { leftByPerson } from './left-behind.ts';

export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type Signal = (typeof signals)[number];

export const words: Record<Signal, string> = {
  SIGINT: 'Ctrl-C (SIGINT)',
  SIGTERM: 'asked to end (SIGTERM)',
  SIGHUP: 'the terminal was closed (SIGHUP)',
};

export interface Interrupts {
  /** Lets signals end the process again. */
  stop(): void;
}

/** Where signals come from: tests have their own. */
export interface Signals {
  on?: NodeJS.EventEmitter;
}

export interface Teller {
  /** Tells the person at the terminal. */
  say: (text: string) => void;
  /** Ends the process, because of this. */
  leave: (why: FiredrillError) => void;
}

interface Left {
  /** The run is a rehearsal: its lab, with everything that it did, goes with this process. */
  rehearsal?: boolean;
}

export function catchInterrupts(
  { say, leave }: Teller,
  { inbox }: Pick<App, 'inbox'>,
  runId: string,
  { on = process, rehearsal = false }: Signals & Left = {},
): Interrupts {
  let asked = false;
  const onSignal = (signal: Signal): void => {
    if (asked) {
      if (signal === 'SIGHUP') return;
      if (rehearsal) {
        say(`\nleft rehearsal ${runId}. Its lab goes down now, and with it all that it did: there is nothing to undo.`);
      } else {
        say(`\nleft run ${runId} as it is. It is not undone. Carry it on and undo it with:\n  firedrill undo ${runId}`);
      }
      return leave(leftByPerson(runId, rehearsal));
    }
    asked = true;
    say(`\n${words[signal]}: aborting and undoing. Once more leaves it as it is.`);
    const message = { kind: 'abort', by: userInfo().username, reason: words[signal] } as const;
    ridingOut(() => inbox.post(runId, message)).catch((error: unknown) => {
      asked = false;
      say(`the abort could not be written down, so nothing is aborted: ${reportOf(error).message}`);
    });
  };
  for (const signal of signals) on.on(signal, onSignal);
  return {
    stop() {
      for (const signal of signals) on.off(signal, onSignal);
    },
  };
}
