/** What `measure` does: reads samples line by line, trusts none of them, and prints what they give. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../domain/errors.ts';
import { parseDurationMs } from '../domain/fields.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import type { RawMeasurement } from '../measure/raw.ts';
import { measureSamples } from '../measure/raw.ts';
import { duration, interval } from '../report/quantities.ts';
import { harmless } from '../report/terminal.ts';
import type { Frame } from './frame.ts';

export async function measureFile(
  frame: Frame,
  file: string,
  { steady, json }: { steady: string; json: boolean },
): Promise<void> {
  const steadyMs = parseDurationMs(steady);
  if (steadyMs === undefined) {
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
  const { samples, readbacks } = parseLines(file, text);
  const measured = measureSamples({ samples, readbacks, steadyMs });
  frame.out(json ? JSON.stringify(measured, null, 2) : textOf(measured));
}

function parseLines(file: string, text: string): { samples: Sample[]; readbacks: CanaryReadback[] } {
  const samples: Sample[] = [];
  const readbacks: CanaryReadback[] = [];
  const bad: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parseRow(line);
    if (row && isSample(row)) samples.push(row as unknown as Sample);
    else if (row && isReadback(row)) readbacks.push(row as unknown as CanaryReadback);
    else bad.push(`${file}:${i + 1}`);
  }
  if (bad.length === 0 && samples.length > 0) return { samples, readbacks };
  throw new UsageError(
    'bad-samples',
    bad.length > 0 ? `${file} holds lines that are no samples` : `${file} holds no sample`,
    {
      expected: 'one JSON object a line, with probe, seq, clockId, sentNs, doneNs, outcome and at',
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

function textOf({ probes, overall, rpo }: RawMeasurement): string {
  const rows = Object.entries(probes).map(([name, { interval: outage, episodes, requests, failures, unknown }]) => [
    harmless(name),
    outage ? outageWords(outage) : 'not measured: not good before, or not for long enough after',
    `${requests} requests, ${failures} failed${unknown > 0 ? `, ${unknown} unknown` : ''}${episodes > 1 ? `, ${episodes} episodes` : ''}`,
  ]);
  if (rows.length > 1) rows.push(['overall', overall ? outageWords(overall) : 'not measured', '']);
  const widths = [0, 1].map((n) => Math.max(...rows.map((row) => row[n]!.length)));
  const lines = rows.map((row) =>
    [row[0]!.padEnd(widths[0]!), row[1]!.padEnd(widths[1]!), row[2]!].join('  ').trimEnd(),
  );
  if (!rpo) return lines.join('\n');
  const lost =
    rpo.upperMs === undefined
      ? `not known: ${rpo.why ?? 'they were not read back'}`
      : `${rpo.lostWrites} lost (RPO at most ${duration(rpo.upperMs, 'up')})`;
  const open = rpo.indeterminateWrites > 0 ? `, ${rpo.indeterminateWrites} without an answer` : '';
  return [...lines, '', `writes  ${rpo.ackedWrites} acknowledged${open}, ${lost}`].join('\n');
}

const outageWords = (outage: { lowerMs: number; upperMs: number }): string =>
  outage.upperMs === 0 ? 'no outage' : `out for ${interval(outage)}`;
