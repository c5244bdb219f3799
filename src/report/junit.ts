/**
 * Runs as JUnit XML: the verdict for CI. One suite a run; a test case for the verdict, the way back, every objective, every
 * check, every probe's expectation and every step. A drill that proved nothing is an error, never a skipped test: CI must not go green on it.
 * One check of many that shows nothing is skipped.
 */
import type { RunRecord, StepRecord } from '../domain/record.ts';
import { needsPerson } from './afterwards.ts';
import { saidIn, toldIn } from './output.ts';
import type { CheckLine } from './restored.ts';
import { checkLines, failureOf } from './restored.ts';
import type { ObjectiveLine } from './objectives.ts';
import { objectiveLines } from './objectives.ts';
import { mustDo, endOf, tookMs } from './wording.ts';

type Outcome =
  { kind: 'passed' } | { kind: 'failure' | 'error' | 'skipped'; type: string; message: string; text?: string };

interface Case {
  group: 'run' | 'objectives' | 'checks' | 'expectations' | 'steps';
  name: string;
  timeMs?: number;
  outcome: Outcome;
  out?: string;
}

export function junitReport(records: readonly RunRecord[]): string {
  const suites = records.map((record) => ({ record, cases: casesOf(record) }));
  const all = suites.flatMap(({ cases }) => cases);
  const body = suites.map(({ record, cases }) => suite(record, cases)).join('');
  const timeMs = records.reduce((sum, record) => sum + tookMs(record), 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="firedrill"${counts(all)} time="${seconds(timeMs)}">\n${body}</testsuites>\n`;
}

function casesOf(record: RunRecord): Case[] {
  return [
    { group: 'run', name: 'verdict', timeMs: tookMs(record), outcome: verdict(record) },
    { group: 'run', name: 'way back', outcome: wayBack(record) },
    ...objectiveLines(record)
      .filter(({ outcome }) => outcome !== 'no promise')
      .map((line): Case => ({ group: 'objectives', name: line.name, outcome: objective(line), out: figures(line) })),
    ...checkLines(record).map((line): Case => ({
      group: 'checks',
      name: `${line.step}: ${line.name}`,
      timeMs: line.durationMs,
      outcome: checkOutcome(line),
      ...(line.outcome === 'holds' && { out: line.said }),
    })),
    ...record.probes.map(({ probe, kept, why }): Case => {
      const broken: Outcome = { kind: 'failure', type: 'expectation', message: why ?? 'the expectation was broken' };
      return { group: 'expectations', name: probe, outcome: kept ? { kind: 'passed' } : broken };
    }),
    ...record.steps.map((step): Case => {
      const name = `${step.phase}: ${step.id}`;
      return { group: 'steps', name, timeMs: step.durationMs, outcome: stepOutcome(step), out: step.uses };
    }),
  ];
}

function checkOutcome({ outcome, said }: CheckLine): Outcome {
  if (outcome === 'holds') return { kind: 'passed' };
  if (outcome === 'shows nothing') return { kind: 'skipped', type: 'check', message: `shows nothing: ${said}` };
  return { kind: outcome === 'does not hold' ? 'failure' : 'error', type: 'check', message: said };
}

function verdict({ verdict, reasons, kind, recoveryLabel }: RunRecord): Outcome {
  if (verdict === 'pass') return { kind: 'passed' };
  const message = saidIn(reasons[0] ?? verdict);
  const text = [...reasons, ...(kind === 'recovery' ? [`recovery: ${recoveryLabel}`] : [])].join('\n');
  return { kind: verdict === 'fail' ? 'failure' : 'error', type: verdict, message, text };
}

function wayBack(record: RunRecord): Outcome {
  if (!needsPerson(record)) return { kind: 'passed' };
  const text = mustDo(record).join('\n');
  return { kind: 'error', type: 'undo-incomplete', message: 'the way back is incomplete: a person must act', text };
}

function objective({ name, outcome, measured, promised, note }: ObjectiveLine): Outcome {
  if (outcome === 'met') return { kind: 'passed' };
  if (outcome === 'missed')
    return { kind: 'failure', type: 'objective', message: `${name}: ${measured}, promised ${promised}` };
  const how = note === undefined ? '' : `: ${note}`;
  return outcome === 'not shown'
    ? { kind: 'error', type: 'not-shown', message: `${name} is not shown by ${measured}${how}` }
    : { kind: 'error', type: 'not-measured', message: `${name} was not measured${how}` };
}

const figures = ({ measured, promised, note }: ObjectiveLine): string =>
  [`measured: ${measured ?? 'no'}`, `promised: ${promised}`, ...(note === undefined ? [] : [note])].join('\n');

function stepOutcome(step: StepRecord): Outcome {
  const { state } = step;
  const error = failureOf(step);
  const message = error ? `${saidIn(error.message)} (${error.code})` : endOf(step).word;
  const text =
    error && [...toldIn(error.message).lines, ...(error.remedy === undefined ? [] : [error.remedy])].join('\n');
  switch (state) {
    case 'settled':
      return { kind: 'passed' };
    case 'undone':
      return error ? { kind: 'failure', type: 'step', message, text } : { kind: 'passed' };
    case 'failed':
      return { kind: error?.provesNothing ? 'error' : 'failure', type: 'step', message, text };
    case 'none':
    case 'skipped':
      return { kind: 'skipped', type: state, message };
    case 'undo-failed':
    case 'begun':
    case 'applied':
    case 'undoing':
      return { kind: 'error', type: state, message, text };
  }
}

function suite(record: RunRecord, cases: readonly Case[]): string {
  const properties: [string, string | undefined][] = [
    ['runId', record.runId],
    ['kind', record.kind],
    ['environment', record.environment],
    ...(record.notAws === undefined ? [] : [['notAws', record.notAws] satisfies [string, string]]),
    ['verdict', record.verdict],
    ['undo', record.undo],
    ['definitionHash', record.definitionHash],
    ['planHash', record.planHash],
    ['recordHash', record.recordHash],
    ['toolVersion', record.toolVersion],
  ];
  const head = `name="${xml(record.drill)}"${counts(cases)} time="${seconds(tookMs(record))}" timestamp="${xml(record.startedAt)}"`;
  const lines = properties.map(([name, value]) => `      <property name="${name}" value="${xml(value ?? '')}"/>\n`);
  const body = cases.map((each) => testCase(record, each)).join('');
  return `  <testsuite ${head}>\n    <properties>\n${lines.join('')}    </properties>\n${body}  </testsuite>\n`;
}

function testCase(record: RunRecord, { group, name, timeMs = 0, outcome, out }: Case): string {
  const head = `    <testcase classname="${xml(`${record.drill}.${group}`)}" name="${xml(name)}" time="${seconds(timeMs)}"`;
  const result =
    outcome.kind === 'passed'
      ? ''
      : outcome.kind === 'skipped'
        ? `<skipped message="${xml(outcome.message)}"/>`
        : trouble(outcome);
  const shown = out === undefined ? '' : `<system-out>${xml(out)}</system-out>`;
  return result + shown === '' ? `${head}/>\n` : `${head}>${result}${shown}</testcase>\n`;
}

const trouble = ({ kind, type, message, text = '' }: Exclude<Outcome, { kind: 'passed' }>): string =>
  `<${kind} type="${xml(type)}" message="${xml(message)}">${xml(text)}</${kind}>`;

function counts(cases: readonly Case[]): string {
  const of = (kind: Outcome['kind']): number => cases.filter(({ outcome }) => outcome.kind === kind).length;
  return ` tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** Escaped, and without the characters that XML 1.0 forbids even when escaped. */
const xml = (text: string): string =>
  text
    .replace(forbidden, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\r', '&#13;');

/** Control characters, non-characters and halves of surrogate pairs. */
const forbidden =
  // oxlint-disable-next-line no-control-regex -- removing them is the purpose
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
