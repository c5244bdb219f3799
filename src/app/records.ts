/** Run records and what reports need besides, out of the store. */
import type { LogEntry } from '../domain/event.ts';
import { UsageError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/record.ts';
import { unpack } from '../domain/sample-chain.ts';
import type { Sample } from '../domain/sample.ts';
import { toRecord } from '../report/record.ts';
import type { App } from './app.ts';
import { countEvents } from './publishing.ts';

/** @throws UsageError `run-not-found` */
export async function entriesOf(app: App, runId: string): Promise<LogEntry[]> {
  const entries = await app.log.read(runId);
  if (entries.length > 0) return entries;
  throw new UsageError('run-not-found', `there is no run ${runId}`, {
    remedy: 'List the runs with "firedrill runs".',
  });
}

export async function recordOf(app: App, runId: string): Promise<RunRecord> {
  return toRecord(await entriesOf(app, runId), await countEvents(app, runId));
}

export interface ReportInput {
  record: RunRecord;
  entries: readonly LogEntry[];
  samples: readonly Sample[];
}

export async function reportInputOf(app: App, record: RunRecord): Promise<ReportInput> {
  const { runId } = record;
  const [entries, chunks, seals] = await Promise.all([
    app.log.read(runId),
    app.samples.chunks(runId),
    app.samples.seals(runId),
  ]);
  return { record, entries, samples: unpack(chunks, seals).samples };
}
