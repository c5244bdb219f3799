/** What `runs` and `runs show` print. */
import { lockOf } from '../app/app.ts';
import { withApp } from '../app/with-app.ts';
import { countEvents } from '../app/publishing.ts';
import { entriesOf } from '../app/records.ts';
import { isHeld } from '../postgres/locks.ts';
import { jsonReport } from '../report/json.ts';
import { duration, moment } from '../report/quantities.ts';
import { toRecord, toView } from '../report/record.ts';
import { brokenWords, checkLines } from '../report/restored.ts';
import type { RunView } from '../report/record.ts';
import { textReport } from '../report/text.ts';
import { harmless, paintFor } from '../report/terminal.ts';
import type { Frame } from './frame.ts';

interface Line {
  runId: string;
  drill: string;
  environment: string;
  startedAt: string;
  state: string;
  verdict?: string;
  rtoMs?: number;
}

export async function listRuns(frame: Frame, { json, limit }: { json: boolean; limit: number }): Promise<void> {
  await withApp(frame.env, async (app) => {
    const lines: Line[] = [];
    for (const runId of await app.log.runs(limit)) {
      const view = toView(await app.log.read(runId), { published: 0, pending: 0 });
      const { drill, environment, startedAt, state, record } = view;
      const { verdict, recovery } = record ?? {};
      lines.push({ runId, drill, environment, startedAt, state, verdict, rtoMs: recovery?.rto?.upperMs });
    }
    if (json) frame.out(JSON.stringify(lines, null, 2));
    else
      frame.out(
        lines.length > 0
          ? tableOf(lines, frame)
          : 'nothing has run yet: firedrill rehearse drills/regional-failover.yaml',
      );
  });
}

function tableOf(lines: readonly Line[], { color }: Frame): string {
  const paint = paintFor(color);
  const widest = Math.max(...lines.map(({ drill }) => drill.length));
  const row = ({ runId, drill, environment, startedAt, state, verdict, rtoMs }: Line): string => {
    const word = (verdict ?? state).padEnd(12);
    const shown = verdict === 'pass' ? paint.good(word) : verdict ? paint.bad(word) : paint.warn(word);
    const rto = rtoMs === undefined ? '-' : `<= ${duration(rtoMs, 'up')}`;
    return [runId, moment(startedAt), environment.padEnd(5), drill.padEnd(widest), shown, rto].join('  ').trimEnd();
  };
  return lines.map(row).join('\n');
}

export async function showRun(frame: Frame, runId: string, json: boolean): Promise<void> {
  await withApp(frame.env, async (app) => {
    const entries = await entriesOf(app, runId);
    const events = await countEvents(app, runId);
    if (entries.some(({ event }) => event.type === 'run.finished')) {
      const record = toRecord(entries, events);
      const { columns, color } = frame;
      frame.out(json ? jsonReport([record]).trimEnd() : textReport(record, { columns, color }).trimEnd());
      return;
    }
    const view = toView(entries, events);
    if (json) return frame.out(JSON.stringify(view, null, 2));
    const driven = await isHeld(app.store.pool, lockOf.owner(runId));
    frame.out(standing(view, driven).map(harmless).join('\n'));
  });
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
