/** What `measure` does: reads samples line by line, trusts none of them, and prints what they give. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../domain/errors.ts';
import { parseDurationMs } from '../domain/fields.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import type { Judged } from '../measure/judged.ts';
import type { RawMeasurement, RawProbe, RawStretch } from '../measure/raw.ts';
import { measureSamples } from '../measure/raw.ts';
import { duration, interval } from '../report/quantities.ts';
import { harmless } from '../report/terminal.ts';
import { wholeInterval, wholeRpo } from '../report/whole-ms.ts';
import type { Frame } from './frame.ts';

export async function measureFile(
  frame: Frame,
  file: string,
  { steady, json }: { steady?: string; json: boolean },
): Promise<void> {
  const steadyMs = steady === undefined ? undefined : parseDurationMs(steady);
  if (steady !== undefined && steadyMs === undefined) {
    throw new UsageError('bad-duration', `--steady ${steady} is no duration`, {
      remedy: 'Write it with a unit, like 5s (ms s m h d).',
    });
  }
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === 'ENOENT' ? 'no such file' : cause.message;
    throw new UsageError('samples-unreadable', `can't read ${file}: ${found}`, {
      remedy: 'Name a file of raw samples, from "firedrill report ID --format samples --out FILE".',
      cause,
    });
  });
  const measured = measureSamples({ ...parseLines(file, text), steadyMs });
  const whole = {
    ...measured,
    ...wholeStretch(measured),
    ...(measured.failback && { failback: wholeStretch(measured.failback) }),
  };
  frame.out(json ? JSON.stringify(whole, null, 2) : textOf(whole));
}

/** In whole milliseconds, as records have them. */
function wholeStretch({ stretch, lastedMs, probes, overall, rpo }: RawStretch): RawStretch {
  const rows = Object.entries(probes).map(([name, { interval: outage, ...row }]): [string, RawProbe] => [
    name,
    { ...(outage && { interval: wholeInterval(outage) }), ...row },
  ]);
  return {
    stretch,
    lastedMs: Math.round(lastedMs),
    probes: Object.fromEntries(rows),
    ...(overall && { overall: wholeInterval(overall) }),
    ...(rpo && { rpo: wholeRpo(rpo) }),
  };
}

interface Lines {
  samples: Sample[];
  readbacks: CanaryReadback[];
  judged?: Judged;
}

function parseLines(file: string, text: string): Lines {
  const samples: Sample[] = [];
  const readbacks: CanaryReadback[] = [];
  let judged: Judged | undefined;
  const bad: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parseRow(line);
    if (row && isSample(row)) samples.push(row as unknown as Sample);
    else if (row && isReadback(row)) readbacks.push(row as unknown as CanaryReadback);
    else if (row && !judged && isJudged(row)) judged = row['judged'] as Judged;
    else bad.push(`${file}:${i + 1}`);
  }
  if (bad.length === 0 && samples.length > 0) return { samples, readbacks, judged };
  throw new UsageError(
    'bad-samples',
    bad.length > 0 ? `${file} holds lines that are no samples` : `${file} holds no sample`,
    {
      expected:
        'one JSON object a line, with probe, seq, clockId, sentNs, doneNs, outcome and at (or what was read back, or once the marks of the run)',
      found: bad.length > 0 ? `${bad.slice(0, 10).join(', ')}${bad.length > 10 ? ' ...' : ''}` : 'nothing',
      remedy: 'Export the samples of a run with "firedrill report ID --format samples".',
    },
  );
}

type Row = Readonly<Record<string, unknown>>;

function parseRow(line: string): Row | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === 'object' && row !== null ? (row as Row) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const outcomes: readonly unknown[] = ['good', 'bad', 'indeterminate', 'unknown'];
const isText = (value: unknown): boolean => typeof value === 'string';
const isNs = (value: unknown): boolean => typeof value === 'string' && /^\d{1,20}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isSample = ({ probe, seq, clockId, sentNs, doneNs, outcome, at }: Row): boolean =>
  isText(probe) &&
  isCount(seq) &&
  isText(clockId) &&
  isNs(sentNs) &&
  isNs(doneNs) &&
  outcomes.includes(outcome) &&
  isText(at) &&
  !Number.isNaN(Date.parse(at as string));

const isReadback = ({ probe, found, atNs, clockId }: Row): boolean =>
  isText(probe) &&
  isText(clockId) &&
  isNs(atNs) &&
  Array.isArray(found) &&
  found.every((range: unknown) => Array.isArray(range) && range.length === 2 && range.every(isCount));

/** Marks of a run: of one only, and as `report` writes them. */
const isJudged = ({ judged }: Row): boolean =>
  isRow(judged) &&
  isText(judged['runId']) &&
  isCount(judged['steadyMs']) &&
  isList(judged['clocks'], (clock) => isMoment(clock) && isTime(clock['at'])) &&
  isList(judged['probes'], isJudgedProbe) &&
  [judged['recovery'], judged['failback']].every((window) => window === undefined || isWindow(window));

const isJudgedProbe = ({ name, expect, everyMs, timeoutMs, threshold }: Row): boolean =>
  isText(name) &&
  expectations.includes(expect) &&
  isCount(everyMs) &&
  isCount(timeoutMs) &&
  (threshold === undefined ||
    (isRow(threshold) && typeof threshold['maxFailureRate'] === 'number' && isCount(threshold['windowMs'])));

const isWindow = (window: unknown): boolean =>
  isRow(window) &&
  isMoment(window['from']) &&
  isMoment(window['to']) &&
  (window['loss'] === undefined || isLoss(window['loss']));

const isLoss = (loss: unknown): boolean =>
  isRow(loss) &&
  isMoment(loss['at']) &&
  [loss['from'], loss['to']].every((moment) => moment === undefined || isMoment(moment)) &&
  (loss['why'] === undefined || isText(loss['why']));

const expectations: readonly unknown[] = ['recovers', 'holds', 'breaks', 'appears', 'any'];
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;
const isMoment = (value: unknown): value is Row => isRow(value) && isText(value['clockId']) && isNs(value['ns']);
const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isList = (value: unknown, isOne: (row: Row) => boolean): boolean =>
  Array.isArray(value) && value.every((one: unknown) => isRow(one) && isOne(one));

function textOf({ runId, steadyMs, failback, ...measured }: RawMeasurement): string {
  const good = `Recovered means good for ${duration(steadyMs)} on end.`;
  if (measured.stretch === 'file') {
    const what = `Judged from the first sample to the last, ${duration(measured.lastedMs)}: `;
    const why = 'the file has no marks of a fault, so a failover and its failback would be one outage. ';
    return [`${what}${why}${good}`, '', ...tableOf(measured)].join('\n');
  }
  const lines = [
    `Run ${harmless(runId ?? '')}, by the marks of its log: from the fault to the end of recovery, ${duration(measured.lastedMs)}. ${good}`,
    '',
    ...tableOf(measured),
  ];
  if (!failback) return lines.join('\n');
  return [...lines, '', `Going back, from then on, ${duration(failback.lastedMs)}.`, '', ...tableOf(failback)].join(
    '\n',
  );
}

function tableOf({ probes, overall, rpo }: RawStretch): string[] {
  const entries = Object.entries(probes);
  const rows = entries.map(([name, { interval: outage, episodes, requests, failures, unknown, expect }]) => [
    harmless(name),
    outage ? outageWords(outage) : 'not measured: not good before, or not for long enough after',
    [
      `${requests} requests`,
      `${failures} failed`,
      ...(unknown > 0 ? [`${unknown} unknown`] : []),
      ...(episodes > 1 ? [`${episodes} episodes`] : []),
      ...(expect === undefined || expect === 'recovers' ? [] : [`expected: ${expect}`]),
    ].join(', '),
  ]);
  if (rows.length > 1) rows.push(['overall', overall ? outageWords(overall) : 'not measured', '']);
  const widths = [0, 1].map((n) => Math.max(...rows.map((row) => row[n]!.length)));
  const lines = rows.map((row) =>
    [row[0]!.padEnd(widths[0]!), row[1]!.padEnd(widths[1]!), row[2]!].join('  ').trimEnd(),
  );
  return rpo ? [...lines, '', writesLine(rpo)] : lines;
}

function writesLine(rpo: NonNullable<RawStretch['rpo']>): string {
  const open = rpo.indeterminateWrites > 0 ? `, ${rpo.indeterminateWrites} without an answer` : '';
  const lost =
    rpo.exercised && rpo.upperMs !== undefined
      ? `${rpo.lostWrites} lost (RPO at most ${duration(rpo.upperMs, 'up')})`
      : `${rpo.lostWrites} lost, RPO not known: ${harmless(rpo.why ?? 'they were not read back')}`;
  return `writes  ${rpo.ackedWrites} acknowledged${open}, ${lost}`;
}

const outageWords = (outage: { lowerMs: number; upperMs: number }): string =>
  outage.upperMs === 0 ? 'no outage' : `out for ${interval(outage)}`;
