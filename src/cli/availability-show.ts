/** Reads the figures that `firedrill availability` is given, and prints what comes out of them. */
import { recordOf } from '../app/records.ts';
import { UsageError } from '../domain/errors.ts';
import { parseDurationMs } from '../domain/fields.ts';
import type { RunRecord } from '../domain/record.ts';
import type { Availability, Downtime } from '../report/availability.ts';
import { availabilityOf, availabilityText, flattering } from '../report/availability.ts';
import { duration } from '../report/quantities.ts';
import type { Frame } from './frame.ts';
import { looking } from './looking.ts';

/** As commander gives them; each figure still as text, like `4x70m`. */
export interface AvailabilityOptions {
  failure?: string[];
  measured?: string[];
  update?: string[];
  drill?: string[];
  target?: string;
  period: string;
  json?: boolean;
}

export async function showAvailability(frame: Frame, options: AvailabilityOptions): Promise<void> {
  const { failure = [], update = [], drill = [], measured: measuredAs = [] } = options;
  const downtimes = [
    ...failure.map((text) => given('failure', text)),
    ...update.map((text) => given('update', text)),
    ...drill.map((text) => given('drill', text)),
  ];
  const wanted = measuredAs.map((text) => sketchOf(text, 'measured', '2xRUN_ID or 2xRUN_ID@50%'));
  const target = options.target === undefined ? undefined : targetOf(options.target);
  const periodMs = parseDurationMs(options.period);
  if (!periodMs) throw unreadable('period', options.period, '365d');
  if (downtimes.length + wanted.length === 0) {
    throw new UsageError('nothing-given', 'nothing takes the service down, so there is nothing to work out', {
      expected: 'at least one of --failure, --measured, --update, --drill',
      remedy: 'For example: firedrill availability --failure 2x20m --target 99.99',
    });
  }
  const { measured, lab } = await measuredIn(frame, wanted);
  const result = availabilityOf([...measured, ...downtimes], periodMs, target);
  frame.out(options.json ? JSON.stringify(jsonOf(result, lab), null, 2) : textOf(result, lab));
  if (result.target && !result.target.met) frame.setExit(1);
}

interface Sketch {
  times: number;
  what: string;
  impact: number;
}

/** `2x20m@50%` as its three figures. */
function sketchOf(text: string, option: string, example: string): Sketch {
  const match = /^(\d+(?:\.\d+)?)x([^@]+?)(?:@(\d+(?:\.\d+)?)%)?$/.exec(text);
  const impact = match?.[3] === undefined ? 1 : Number(match[3]) / 100;
  if (!match || impact > 1) throw unreadable(option, text, example);
  return { times: Number(match[1]), what: match[2]!, impact };
}

function given(kind: Downtime['kind'], text: string): Downtime {
  const { times, what, impact } = sketchOf(text, kind, '2x20m or 2x20m@50%');
  const eachMs = parseDurationMs(what);
  if (eachMs === undefined) throw unreadable(kind, text, '2x20m or 2x20m@50%');
  return { kind, label: kind, times, eachMs, impact };
}

function targetOf(text: string): number {
  const percent = /^(\d{1,2}(?:\.\d+)?)%?$/.exec(text)?.[1];
  if (percent === undefined) throw unreadable('target', text, '99.9');
  return Number((Number(percent) / 100).toFixed(12)); // 99.99 / 100 is not quite 0.9999
}

const unreadable = (option: string, found: string, example: string): UsageError =>
  new UsageError('unreadable-figure', `--${option} can't be read`, {
    expected: example,
    found,
    remedy: 'Durations need a unit: ms, s, m, h or d. A target is below 100 %, a share at most 100 %.',
  });

/** Failures that recover as slowly as a run did, at worst. @returns also the runs that did not take place on AWS */
async function measuredIn(frame: Frame, wanted: readonly Sketch[]): Promise<{ measured: Downtime[]; lab: string[] }> {
  if (wanted.length === 0) return { measured: [], lab: [] };
  const records = await looking(frame, async (app) => {
    const found: RunRecord[] = [];
    for (const { what } of wanted) found.push(await recordOf(app, what));
    return found;
  });
  return {
    measured: records.map((record, n) => failureLike(record, wanted[n]!)),
    lab: records.filter(({ notAws }) => notAws !== undefined).map(({ runId }) => runId),
  };
}

/** @throws UsageError `not-measured` when the run gives no recovery time */
export function failureLike(record: RunRecord, { times, impact }: Pick<Sketch, 'times' | 'impact'>): Downtime {
  const { rto } = record.recovery;
  if (!rto) {
    throw new UsageError('not-measured', `run ${record.runId} measured no recovery time`, {
      found: `verdict ${record.verdict}`,
      remedy: 'Name a run whose report shows an RTO.',
    });
  }
  return { kind: 'failure', label: `failure as in run ${record.runId}`, times, eachMs: rto.upperMs, impact };
}

const jsonOf = (result: Availability, lab: readonly string[]) => ({
  ...result,
  percent: availabilityText(result.availability),
  roundedUp: flattering(result.availability),
  labRuns: lab,
});

function textOf(result: Availability, lab: readonly string[]): string {
  const { lines, downtimeMs, periodMs, availability, target } = result;
  const rows = lines.map(({ label, times, eachMs, impact, totalMs }) => [
    label,
    `${times} x ${duration(eachMs, 'up')}`,
    impact < 1 ? `x ${Number((impact * 100).toFixed(4))} % of users` : '',
    minutes(totalMs, 'up'),
  ]);
  const widths = [0, 1, 2, 3].map((n) => Math.max(...rows.map((row) => row[n]!.length)));
  const table = rows.map((row) =>
    row
      .map((cell, n) => (n === 3 ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!)))
      .join('  ')
      .trimEnd(),
  );
  const rounded = flattering(availability);
  return [
    ...table.map((row) => `  ${row}`),
    '',
    `downtime      ${minutes(downtimeMs, 'up')} in ${duration(periodMs)} (${duration(downtimeMs, 'up')})`,
    `availability  ${availabilityText(availability)} %`,
    ...(rounded === undefined ? [] : [roundedNote(rounded, downtimeMs, periodMs)]),
    ...(target ? targetLines(target) : []),
    ...lab.map(
      (runId) => `note          run ${runId} did not take place on AWS: an illustration, no evidence about AWS`,
    ),
  ].join('\n');
}

const roundedNote = (rounded: string, downtimeMs: number, periodMs: number): string => {
  const allowed = (1 - Number(rounded) / 100) * periodMs;
  return `              rounded it would read ${rounded} %, which allows only ${minutes(allowed, 'down')}: ${minutes(downtimeMs - allowed, 'up')} less`;
};

function targetLines({ target, budgetMs, met, leftMs, longestRtoMs }: NonNullable<Availability['target']>): string[] {
  const left = met ? `${minutes(leftMs, 'down')} left` : `${minutes(-leftMs, 'up')} too much`;
  const longest =
    longestRtoMs === undefined
      ? []
      : longestRtoMs === 0
        ? ['              updates and drills alone use the budget up']
        : [`              keeps while failures take at most ${duration(longestRtoMs, 'down')} each, on average`];
  return [
    `target        ${Number((target * 100).toFixed(9))} % allows ${minutes(budgetMs, 'down')}: ${met ? 'kept' : 'missed'}, ${left}`,
    ...longest,
  ];
}

/** `1720 min`, `52.5 min`: what is allowed or left is cut, what is used is rounded up. */
function minutes(ms: number, direction: 'up' | 'down'): string {
  const tenths = direction === 'up' ? Math.ceil(ms / 6_000 - 1e-6) : Math.floor(ms / 6_000 + 1e-6);
  return `${tenths / 10} min`;
}
