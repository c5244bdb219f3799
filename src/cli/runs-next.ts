/** What a person should do about a run as it stands, with the commands for it. */
import { needsPerson } from '../report/afterwards.ts';
import type { RunView } from '../report/record.ts';

export interface Next {
  why: string;
  commands: readonly string[];
}

/**
 * @param driven a process drives it; without meaning once it is over
 * @returns undefined where nothing is asked of anybody
 */
export function nextOf({ runId, record, waitingFor }: RunView, driven = false): Next | undefined {
  if (record) {
    if (!needsPerson(record)) return undefined;
    return {
      why: 'its undo is incomplete: see what is left, put the cause right, then have the rest taken back',
      commands: [`firedrill runs show ${runId}`, `firedrill undo ${runId}`],
    };
  }
  if (!driven) {
    return {
      why: 'no process drives it: finish it, or take it back',
      commands: [`firedrill resume ${runId}`, `firedrill undo ${runId}`],
    };
  }
  const asked = waitingFor.filter(({ question }) => question !== undefined);
  if (asked.length === 0) return undefined;
  return {
    why: `it waits for an answer: ${asked.map(({ question }) => question).join(' ')}`,
    commands: asked.map(({ step }) => `firedrill approve ${runId}${asked.length > 1 ? ` --step ${step}` : ''}`),
  };
}
