/**
 * Checks a stored run: its chain, its samples against their seal, and its verdict against what they give today. What was never
 * finished can't be verified and was not tampered with either, so it is told apart from both.
 */
import { judgeRun } from '../app/drive-run.ts';
import { sealOf } from '../app/observer.ts';
import { entriesOf } from '../app/records.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { sameJson } from '../domain/json.ts';
import { reportOf } from '../domain/errors.ts';
import type { EventBody, LogEntry } from '../domain/event.ts';
import type { Judgement } from '../domain/record.ts';
import { isRestore } from '../domain/restore.ts';
import { unpack } from '../domain/sample-chain.ts';
import { verifyChain } from '../log/chain.ts';
import type { App } from '../app/app.ts';
import type { Frame } from './frame.ts';
import { looking } from './looking.ts';

interface Check {
  check: string;
  ok: boolean;
  /** Nothing speaks against the record, but it does not go far enough to be checked. Only where it is not ok. */
  open?: true;
  says: string;
}

/** Exit 1 where something is not what it was, 3 where nothing speaks against the record but it can't be checked whole. */
export async function verifyRun(frame: Frame, runId: string, json: boolean): Promise<void> {
  await looking(frame, async (app) => {
    const entries = await entriesOf(app, runId);
    const checks = [chainCheck(entries), await sealCheck(app, entries), await verdictCheck(app, entries)];
    const ok = checks.every((check) => check.ok);
    const open = !ok && checks.every((check) => check.ok || check.open);
    const unfinished = open && !isJudged(entries);
    if (json) frame.out(JSON.stringify({ runId, ok, ...(unfinished && { unfinished }), checks }, null, 2));
    else frame.out([...checks.map(lineOf), ...(unfinished ? [unfinishedWords] : [])].join('\n'));
    frame.setExit(ok ? 0 : open ? 3 : 1);
  });
}

const isJudged = (entries: readonly LogEntry[]): boolean => {
  const finished = bodyOf(entries, 'run.finished');
  return finished !== undefined && !finished.judgement.killed;
};

const lineOf = ({ check, ok, open, says }: Check): string =>
  `${ok ? 'ok  ' : open ? 'open' : 'FAIL'}  ${check}: ${says}`;

const unfinishedWords =
  'unfinished: what is stored is as it was written, but the run never came to its end, so there is no result to verify.';

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
  const { runId } = entries[0]!;
  try {
    const [chunks, seals] = await Promise.all([app.samples.chunks(runId), app.samples.seals(runId)]);
    const { samples } = unpack(chunks, seals);
    const recorded = bodyOf(entries, 'samples.sealed');
    if (samples.length === 0 && watchesNothing(entries))
      return { check, ok: true, says: 'none, as the drill has no probe' };
    const what = `${samples.length} in ${chunks.length} chunks`;
    if (!recorded) return { check, ok: false, open: true, says: `${what}, and no seal says that these are all` };
    const now = sealOf(seals);
    const ok = now?.hash === recorded.hash && now.chunks === recorded.chunks;
    return {
      check,
      ok,
      says: ok ? `${what}, as sealed` : `sealed as ${recorded.hash}, now ${now?.hash ?? 'without a seal'}`,
    };
  } catch (error) {
    return { check, ok: false, says: reportOf(error).message };
  }
}

async function verdictCheck(app: App, entries: readonly LogEntry[]): Promise<Check> {
  const check = `verdict from ${isFromLogAlone(entries) ? 'the log' : 'raw samples'}`;
  const finished = bodyOf(entries, 'run.finished');
  if (!finished) return { check, ok: false, open: true, says: 'the run is not finished, so there is none yet' };
  if (finished.judgement.killed) {
    const says = 'it was killed before its end, so nobody judged it and there is nothing to compute again';
    return { check, ok: false, open: true, says };
  }
  try {
    const again = await judgeRun(app, entries);
    const [now, then] = [figuresOf(again), figuresOf(finished.judgement)];
    if (sameJson(now, then)) return { check, ok: true, says: `${again.verdict}, as recorded` };
    const says = `gives ${describe(again)}, recorded was ${describe(finished.judgement)}; different: ${differing(now, then).slice(0, shownDifferences).join(', ')}`;
    const { rules = 1 } = finished.judgement;
    if (rules === again.rules) return { check, ok: false, says };
    const judges = `it was judged by rules ${rules}, and this version of firedrill judges by rules ${again.rules}`;
    return {
      check,
      ok: false,
      open: true,
      says: `${judges}. That ${says}. The version that judged it can compute it again`,
    };
  } catch (error) {
    return { check, ok: false, says: reportOf(error).message };
  }
}

function bodyOf<T extends EventBody['type']>(entries: readonly LogEntry[], type: T) {
  const event = entries.find((entry) => entry.event.type === type)?.event;
  return event as Extract<EventBody, { type: T }> | undefined;
}

const planOf = (entries: readonly LogEntry[]) => bodyOf(entries, 'run.started')?.plan;

function watchesNothing(entries: readonly LogEntry[]): boolean {
  const plan = planOf(entries);
  return plan !== undefined && plan.probes.length === 0 && plan.positions.length === 0;
}

/** A restore that nobody watches is measured by the marks of the log. */
function isFromLogAlone(entries: readonly LogEntry[]): boolean {
  const plan = planOf(entries);
  return plan !== undefined && isRestore(plan) && watchesNothing(entries);
}

/** Sentences, which another version may put in other words; and which version that was. */
const worded: ReadonlySet<string> = new Set(['reasons', 'why', 'doubt', 'rules']);

const figuresOf = (judgement: Judgement): Json =>
  JSON.parse(JSON.stringify(judgement, (key, value: unknown) => (worded.has(key) ? undefined : value))) as Json;

const describe = ({ verdict, recovery }: Judgement): string =>
  `${verdict}, RTO ${recovery.rto ? `${recovery.rto.lowerMs} to ${recovery.rto.upperMs} ms` : 'not measured'}`;

const shownDifferences = 4;

/** Where two judgements are not the same, as `recovery.rpo.upperMs`. */
function differing(a: Json | undefined, b: Json | undefined, path = ''): string[] {
  if (!isObject(a) || !isObject(b)) return a !== undefined && b !== undefined && sameJson(a, b) ? [] : [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differing(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
