/** What `report` writes, format by format. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { App } from '../app/app.ts';
import { recordOf, reportInputOf } from '../app/records.ts';
import { withApp } from '../app/with-app.ts';
import { UsageError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/record.ts';
import { csvReport } from '../report/csv.ts';
import { htmlReport } from '../report/html.ts';
import { jsonReport } from '../report/json.ts';
import { junitReport } from '../report/junit.ts';
import { markdownReport } from '../report/markdown.ts';
import { pdfReport } from '../report/pdf.ts';
import { textReport } from '../report/text.ts';
import type { Frame } from './frame.ts';
import type { Format } from './report.ts';

export async function writeReport(
  frame: Frame,
  runIds: readonly string[],
  { format, out }: { format: Format; out?: string },
): Promise<void> {
  await withApp(frame.env, async (app) => {
    const ids = runIds.length > 0 ? runIds : await app.log.runs(1);
    if (ids.length === 0)
      throw new UsageError('no-runs', 'nothing has run yet', {
        remedy: 'Try "firedrill rehearse drills/regional-failover.yaml".',
      });
    const records: RunRecord[] = [];
    for (const id of ids) records.push(await recordOf(app, id));
    const content = await contentOf(frame, app, records, format, out);
    if (out === undefined) {
      frame.out(typeof content === 'string' ? content.trimEnd() : '');
      return;
    }
    await writeFile(out, content);
    frame.err(`wrote ${resolve(out)}`);
  });
}

async function contentOf(
  frame: Frame,
  app: App,
  records: readonly RunRecord[],
  format: Format,
  out: string | undefined,
): Promise<string | Uint8Array> {
  const [first, ...more] = records;
  switch (format) {
    case 'text':
      return records
        .map((record) => textReport(record, { columns: frame.columns, color: frame.color && out === undefined }))
        .join('\n');
    case 'json':
      return jsonReport(records);
    case 'csv':
      return csvReport(records);
    case 'junit':
      return junitReport(records);
    case 'md':
      return records.map((record) => markdownReport(record)).join('\n');
    case 'html':
    case 'pdf':
    case 'samples':
      if (more.length > 0) throw oneOnly(format);
      return single(frame, app, first!, format, out);
  }
}

async function single(
  frame: Frame,
  app: App,
  record: RunRecord,
  format: 'html' | 'pdf' | 'samples',
  out: string | undefined,
): Promise<string | Uint8Array> {
  const input = await reportInputOf(app, record);
  if (format === 'html') return htmlReport(input);
  if (format === 'samples') {
    const seals = await app.samples.seals(record.runId);
    const rows = [...input.samples, ...seals.flatMap(({ readbacks }) => readbacks)];
    return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
  if (out === undefined)
    throw new UsageError('needs-out', 'a PDF is not for the terminal', { remedy: 'Say where to: --out report.pdf' });
  return pdfReport(htmlReport(input), frame.env);
}

const oneOnly = (format: string): UsageError =>
  new UsageError('one-run-only', `a ${format} report holds one run`, {
    remedy: 'Name one run, or use text, json, csv, md or junit.',
  });
