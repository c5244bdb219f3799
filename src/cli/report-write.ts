/** What `report` writes: one run in every format, several as the report over a period. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { App } from '../app/app.ts';
import { recordOf, reportInputOf } from '../app/records.ts';
import { UsageError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/record.ts';
import { judgedOf } from '../measure/judged.ts';
import { csvReport } from '../report/csv.ts';
import { periodHtml } from '../report/html-period.ts';
import { htmlReport } from '../report/html.ts';
import { jsonReport } from '../report/json.ts';
import { junitReport } from '../report/junit.ts';
import { markdownReport } from '../report/markdown.ts';
import { pdfReport } from '../report/pdf.ts';
import { periodMarkdown, periodText } from '../report/period-text.ts';
import { textReport } from '../report/text.ts';
import type { Frame } from './frame.ts';
import { looking } from './looking.ts';
import type { Format, Wanted } from './report-formats.ts';

export async function writeReport(
  frame: Frame,
  runIds: readonly string[],
  { format, last, out }: Wanted,
): Promise<void> {
  if (last !== undefined && runIds.length > 0) {
    throw new UsageError('ids-and-last', 'ids of runs and --last: give one of them', {
      remedy: 'Name the runs, or say how many of the newest: --last 5.',
    });
  }
  if (format === 'pdf' && out === undefined) {
    throw new UsageError('needs-out', 'a PDF is not for the terminal', { remedy: 'Say where to: --out report.pdf' });
  }
  await looking(frame, async (app, unlessStopped) => {
    const records = runIds.length > 0 ? await recordsOf(app, runIds) : await newest(app, last ?? 1);
    if (records.length === 0) throw nothingYet();
    const columns = out === undefined ? frame.columns : 100;
    const look = { ...frame, columns, color: frame.color && out === undefined };
    const content = await unlessStopped(contentOf(app, records, format, look));
    if (out === undefined) return frame.out(String(content).trimEnd());
    await writeFile(out, content).catch((cause: Error) => {
      throw new UsageError('out-unwritable', `can't write ${out}: ${cause.message}`, {
        cause,
        remedy: 'Name a file in a directory that is there and yours to write in.',
      });
    });
    frame.err(`wrote ${resolve(out)}`);
  });
}

/** Of each run once, however often it is named: a report over a period counts them. */
async function recordsOf(app: App, runIds: readonly string[]): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for (const id of new Set(runIds)) records.push(await recordOf(app, id));
  return records;
}

/** The newest runs that are over. */
async function newest(app: App, count: number): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for (const id of await app.log.runs()) {
    if (records.length === count) break;
    const entries = await app.log.read(id);
    if (entries.some(({ event }) => event.type === 'run.finished')) records.push(await recordOf(app, id));
  }
  return records;
}

type Look = Pick<Frame, 'columns' | 'color' | 'env'>;

async function contentOf(
  app: App,
  records: readonly RunRecord[],
  format: Format,
  look: Look,
): Promise<string | Uint8Array> {
  const one = records.length === 1 ? records[0] : undefined;
  switch (format) {
    case 'text':
      return one ? textReport(one, look) : periodText(records, look);
    case 'md':
      return one ? markdownReport(one) : periodMarkdown(records);
    case 'html':
      return htmlOf(app, records);
    case 'pdf':
      return pdfReport(await htmlOf(app, records), look.env);
    case 'json':
      return jsonReport(records);
    case 'csv':
      return csvReport(records);
    case 'junit':
      return junitReport(records);
    case 'samples':
      return one ? rawSamples(app, one) : Promise.reject(oneOnly());
  }
}

const htmlOf = async (app: App, records: readonly RunRecord[]): Promise<string> =>
  records.length === 1 ? htmlReport(await reportInputOf(app, records[0]!)) : periodHtml(records);

/** What `measure` reads: a sample a line, then what was read back, then by which marks of the log the run was judged. */
async function rawSamples(app: App, record: RunRecord): Promise<string> {
  const { samples, entries } = await reportInputOf(app, record);
  const seals = await app.samples.seals(record.runId);
  const readbacks = seals.flatMap((seal) => seal.readbacks);
  const start = entries[0]!.event;
  if (samples.length === 0 && start.type === 'run.started' && start.plan.probes.length === 0) throw noProbes(record);
  const judged = start.type === 'run.started' && judgedOf({ plan: start.plan, entries, samples, readbacks });
  const rows = [...samples, ...readbacks, ...(judged ? [{ judged }] : [])];
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

const nothingYet = (): UsageError =>
  new UsageError('no-runs', 'no run is over yet', {
    remedy: 'Try "firedrill rehearse drills/regional-failover.yaml".',
  });

const oneOnly = (): UsageError =>
  new UsageError('one-run-only', 'raw samples are those of one run', { remedy: 'Name one run.' });

const noProbes = ({ runId }: RunRecord): UsageError =>
  new UsageError('no-samples', `run ${runId} had no probe, so there is no sample of it`, {
    expected: 'a run that users were watched in',
    remedy: `Its figures come from the marks in its log: compute them again with "firedrill verify ${runId}".`,
  });
