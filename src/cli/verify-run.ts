/** Checks a stored run: its chain, its samples against their seal, and its verdict against what they give today. */
import { judgeRun } from '../app/drive-run.ts';
import { sealOf } from '../app/observer.ts';
import { entriesOf } from '../app/records.ts';
import { withApp } from '../app/with-app.ts';
import type { Json } from '../domain/json.ts';
import { sameJson } from '../domain/json.ts';
import { reportOf } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Judgement } from '../domain/record.ts';
import { unpack } from '../domain/sample-chain.ts';
import { verifyChain } from '../log/chain.ts';
import type { App } from '../app/app.ts';
import type { Frame } from './frame.ts';

interface Check {
  check: string;
  ok: boolean;
  says: string;
}

export async function verifyRun(frame: Frame, runId: string, json: boolean): Promise<void> {
  await withApp(frame.env, async (app) => {
    const entries = await entriesOf(app, runId);
    const checks = [chainCheck(entries), await sealCheck(app, entries), await verdictCheck(app, entries)];
    const ok = checks.every((check) => check.ok);
    if (json) frame.out(JSON.stringify({ runId, ok, checks }, null, 2));
    else
      frame.out(checks.map(({ check, ok: good, says }) => `${good ? 'ok  ' : 'FAIL'}  ${check}: ${says}`).join('\n'));
    frame.setExit(ok ? 0 : 1);
  });
}

function chainCheck(entries: readonly LogEntry[]): Check {
  const broken = verifyChain(entries);
  const check = 'hash chain';
  if (!broken) return { check, ok: true, says: `${entries.length} entries, head ${entries.at(-1)!.hash}` };
  const { seq, what, expected, found } = broken;
  return { check, ok: false, says: `entry ${seq}: ${what} is ${found}, expected ${expected}` };
}

/** Whoever changed samples could make chunks, hashes and seals anew; what the log says of them, nobody can. */
async function sealCheck(app: App, entries: readonly LogEntry[]): Promise<Check> {
  const check = 'raw samples';
  const recorded = entries.find(({ event }) => event.type === 'samples.sealed')?.event;
  if (recorded?.type !== 'samples.sealed') return { check, ok: false, says: 'the log has no seal of them' };
  const { runId } = entries[0]!;
  try {
    const [chunks, seals] = await Promise.all([app.samples.chunks(runId), app.samples.seals(runId)]);
    const { samples } = unpack(chunks, seals);
    const now = sealOf(seals);
    const ok = now?.hash === recorded.hash && now.chunks === recorded.chunks;
    return {
      check,
      ok,
      says: ok
        ? `${samples.length} in ${chunks.length} chunks, as sealed`
        : `sealed as ${recorded.hash}, now ${now?.hash ?? 'without a seal'}`,
    };
  } catch (error) {
    return { check, ok: false, says: reportOf(error).message };
  }
}

async function verdictCheck(app: App, entries: readonly LogEntry[]): Promise<Check> {
  const check = 'verdict from raw samples';
  const finished = entries.find(({ event }) => event.type === 'run.finished')?.event;
  if (finished?.type !== 'run.finished') return { check, ok: false, says: 'the run is not finished' };
  try {
    const again = await judgeRun(app, entries);
    const same = sameJson(figuresOf(again), figuresOf(finished.judgement));
    return {
      check,
      ok: same,
      says: same
        ? `${again.verdict}, as recorded`
        : `gives ${describe(again)}, recorded was ${describe(finished.judgement)}`,
    };
  } catch (error) {
    return { check, ok: false, says: reportOf(error).message };
  }
}

/** Sentences. Another version may put the same findings in other words. */
const worded: ReadonlySet<string> = new Set(['reasons', 'why', 'doubt']);

const figuresOf = (judgement: Judgement): Json =>
  JSON.parse(JSON.stringify(judgement, (key, value: unknown) => (worded.has(key) ? undefined : value))) as Json;

const describe = ({ verdict, recovery }: Judgement): string =>
  `${verdict}, RTO ${recovery.rto ? `${recovery.rto.lowerMs} to ${recovery.rto.upperMs} ms` : 'not measured'}`;
