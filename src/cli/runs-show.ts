/** What `runs show` prints: the story of one run, where one stands that is still on, its record, or its log. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../app/app.ts';
import { lockOf } from '../app/app.ts';
import { countEvents } from '../app/publishing.ts';
import { entriesOf } from '../app/records.ts';
import type { LogEntry } from '../domain/event.ts';
import { isHeld } from '../postgres/locks.ts';
import { jsonReport } from '../report/json.ts';
import { duration } from '../report/quantities.ts';
import type { RunView } from '../report/record.ts';
import { toRecord, toView } from '../report/record.ts';
import { brokenWords, checkLines } from '../report/restored.ts';
import { runStory, storySoFar } from '../report/run-story.ts';
import { harmless, paintFor } from '../report/terminal.ts';
import type { Frame } from './frame.ts';
import { looking } from './looking.ts';

export interface ShowOptions {
  json?: boolean;
  log?: boolean;
}

export async function showRun(frame: Frame, runId: string, { json = false, log = false }: ShowOptions): Promise<void> {
  await looking(frame, async (app) => {
    const entries = await entriesOf(app, runId);
    if (log) return frame.out(logOf(entries));
    const events = await countEvents(app, runId);
    if (entries.some(({ event }) => event.type === 'run.finished')) {
      const record = toRecord(entries, events);
      const reportFile = await pageOf(app, runId);
      return frame.out(json ? jsonReport([record]).trimEnd() : runStory(entries, record, { ...frame, reportFile }));
    }
    const view = toView(entries, events);
    if (json) return frame.out(JSON.stringify(view, null, 2));
    const driven = await isHeld(app.store.pool, lockOf.owner(runId));
    const { bold } = paintFor(frame.color);
    const so = [bold('What happened so far'), ...storySoFar(entries, frame)];
    frame.out([...standing(view, driven).map(harmless), '', ...so].join('\n'));
  });
}

/** Every event with the hashes that chain it. */
const logOf = (entries: readonly LogEntry[]): string =>
  JSON.stringify(
    entries.map(({ runId, seq, prev, hash, event }) => ({ runId, seq, prev, hash, event })),
    null,
    2,
  );

/** The page that was written when the run ended, if it lies here. */
async function pageOf({ settings }: App, runId: string): Promise<string | undefined> {
  const file = join(settings.home, 'reports', `${runId}.html`);
  return access(file).then(
    () => file,
    () => undefined,
  );
}

const states = { forward: 'on', turned: 'being undone', closing: 'closing', finished: 'over' };

/** A run that is not over yet: where it is, what it sees, what it waits for, and who must do something. */
function standing(
  { runId, drill, state, phase, elapsedMs, turn, probes, steps, waitingFor }: RunView,
  driven: boolean,
): string[] {
  const checks = checkLines({ steps });
  const broken = checks.filter(({ holds }) => !holds);
  const seen = Object.entries(probes).map(([name, { state: how, why }]) => `${name} ${how}${why ? ` (${why})` : ''}`);
  return [
    `${runId}  ${drill} is ${states[state]}${phase ? `, in ${phase}` : ''}, after ${duration(elapsedMs)}`,
    ...(turn ? [`turned      ${turn.message}`] : []),
    ...(seen.length > 0 ? [`probes      ${seen.join(', ')}`] : []),
    ...(checks.length > 0
      ? [`checks      ${broken.length === 0 ? `${checks.length} so far, all hold` : brokenWords(checks)}`]
      : []),
    ...broken.map(({ step, name, said }) => `            ${step}: ${name}: ${said}`),
    ...waitingFor.map(({ step, uses, touches, question }) =>
      question === undefined
        ? `under way   ${step}: ${uses} ${touches}`.trimEnd()
        : `waits for   ${step}: ${question}  (firedrill approve ${runId} --step ${step})`,
    ),
    ...(driven
      ? []
      : [
          `No process drives it. Finish it with "firedrill resume ${runId}", or take it back with "firedrill undo ${runId}".`,
        ]),
  ];
}
