/**
 * A run as one HTML page, made to be forwarded: plain sentences first, then the outage on a time line, then everything an
 * engineer or an auditor asks for.
 */
import type { LogEntry } from '../domain/event.ts';
import type { RunRecord, StepRecord } from '../domain/record.ts';
import { afterwards, needsPerson } from './afterwards.ts';
import type { Sample } from '../domain/sample.ts';
import { bulletList, dataTable, factList, noticeLine, page, section, together } from './html-page.ts';
import { checkTable, timeBar } from './html-restored.ts';
import { timelineSvg } from './html-timeline.ts';
import { evidence } from './markdown.ts';
import type { Markup, Piece } from './markup.ts';
import { html } from './markup.ts';
import { notProven, planNotes } from './limits.ts';
import { notAwsNotice, placeWords } from './place.ts';
import { saidIn, toldIn } from './output.ts';
import { duration, moment } from './quantities.ts';
import { failureOf } from './restored.ts';
import { brokenProbes } from './text.ts';
import type { Timeline } from './timeline.ts';
import { timelineOf } from './timeline.ts';
import type { ObjectiveLine } from './objectives.ts';
import { objectiveLines } from './objectives.ts';
import {
  endOf,
  fateOf,
  left,
  leftTitle,
  mustDo,
  phaseNote,
  phaseWords,
  sourceOf,
  stepsByPhase,
  summary,
  tookMs,
  verdictWord,
} from './wording.ts';

/** What a page is made from. Without entries there is no time line, without samples a coarser one. */
export interface RunReport {
  record: RunRecord;
  entries?: readonly LogEntry[];
  samples?: readonly Sample[];
}

export function htmlReport(report: RunReport): string {
  const { record, entries } = report;
  const body = [
    header(record),
    needsPerson(record) &&
      html`<div class="alert">
        <h2>What a person must do now</h2>
        ${bulletList(mustDo(record))}
      </div> `,
    section('Why', bulletList(record.reasons.map(reason))),
    section('Promised and measured', cards(record)),
    section('What was checked', checkTable(record)),
    section('Where the time went', timeBar(record)),
    entries && timeSection(report, entries),
    section('Steps', stepTable(record)),
    section('Broken expectations', bulletList(brokenProbes(record))),
    section(leftTitle(record), leftTable(record)),
    section('What this run does not prove', bulletList(notProven(record))),
    entries && section('Assumptions', bulletList(assumptions(entries))),
    section('Notes of the plan', bulletList(planNotes(record))),
    section('Evidence', evidenceList(record)),
    section('After the run', bulletList(afterwards(record))),
    footer(record),
  ];
  return page(`${record.title}: ${verdictWord(record)}`, `firedrill ${record.toolVersion}`, body);
}

const toneOf = (record: RunRecord): string => (needsPerson(record) ? 'stuck' : record.verdict);

const header = (record: RunRecord): Markup =>
  html`<header>
      <p class="meta">
        <b>firedrill</b><span>${record.drill}</span><span>run ${record.runId}</span><span>${placeWords(record)}</span
        ><span>${moment(record.startedAt)}</span><span>took ${duration(tookMs(record))}</span>
      </p>
      <span class="verdict ${toneOf(record)}">${verdictWord(record)}</span>
      <h1>${record.title}</h1>
      ${noticeLine(notAwsNotice(record))}
    </header>
    <div class="lead">${summary(record).map((sentence) => html`<p>${together(sentence)}</p>`)}</div> `;

function reason(text: string): Piece {
  const { said, lines } = toldIn(text);
  return lines.length === 0
    ? said
    : html`${said}
        <pre>${lines.join('\n')}</pre>`;
}

const outcomeTones: Record<ObjectiveLine['outcome'], string> = {
  met: 'met',
  missed: 'missed',
  'not measured': 'unmeasured',
  'not shown': 'unmeasured',
  'no promise': 'quiet',
};

function cards(record: RunRecord): Markup | undefined {
  const lines = objectiveLines(record);
  if (lines.length === 0) return undefined;
  return html`<div class="cards">${lines.map((line) => card(line))}</div>`;
}

function card({ name, promised, measured, outcome, note, usedShare }: ObjectiveLine): Markup {
  const percent = usedShare === undefined ? undefined : Math.min(100, Math.max(1.5, Math.ceil(usedShare * 1_000) / 10));
  const gauge =
    percent !== undefined &&
    html`<div class="gauge ${outcome === 'missed' && 'over'}"><i style="width:${percent}%"></i></div>`;
  return html`<div class="card">
    <div class="name"><span>${name}</span><span class="tag ${outcomeTones[outcome]}">${outcome}</span></div>
    <div class="figure">${together(measured ?? '–')}</div>
    ${gauge}
    <p class="how">${promised === undefined ? 'nothing promised' : `promised: ${promised}`}</p>
    ${note !== undefined && html`<p class="how">${note}</p>`}
  </div>`;
}

/** The outage on a time line; a restore that nobody watched has none. */
function timeSection({ record, samples }: RunReport, entries: readonly LogEntry[]): Markup | undefined {
  // It would show the time until somebody noticed that the run was dead.
  if (record.killed) return undefined;
  const timeline = timelineOf(record, entries, samples);
  const watched = timeline.lanes.length > 0;
  if (!watched && record.recovery.portions) return undefined;
  return section(watched ? 'What users saw' : 'When it happened', timelines(timeline, record));
}

function timelines(timeline: Timeline, record: RunRecord): Markup {
  const { focus, run } = timeline;
  const { measured } = record.recovery;
  const whole = focus.toMs - focus.fromMs > (run.toMs - run.fromMs) * 0.7;
  const phases = phaseWords(record).map(({ name, took }) => `${name} ${took}`);
  const chart = (span: typeof run, label: string): Markup =>
    html`<div class="chart">${timelineSvg(timeline, span, measured, label)}</div>`;
  return html`<figure>
      ${chart(whole ? run : focus, 'Availability over time, as users saw it, with the steps of the drill')}
      ${legend(timeline)}
      ${phases.length > 0 && html`<figcaption>Phases of the recovery: ${phases.join(' · ')}. ${phaseNote(record)}</figcaption>`}
    </figure>
    ${
      !whole &&
      html`<h3>The whole run, with the way back</h3>
        <figure>${chart(run, 'The whole run over time')}</figure>`
    }`;
}

function legend(timeline: Timeline): Markup {
  const swatch = (kind: string, high: number, text: string): Markup =>
    html`<span
      ><svg viewBox="0 0 16 14" aria-hidden="true">
        <rect class="${kind}" x="0" y="${(14 - high) / 2}" width="16" height="${high}" /></svg
      >${text}</span
    >`;
  const cells = timeline.lanes.flatMap((lane) => lane.cells);
  const used = new Set(timeline.steps.map(({ tone }) => tone));
  return html`<p class="legend">
      ${timeline.lanes.length > 0 && html`${swatch('lane-good', 5, 'good')}${swatch('lane-bad', 14, 'failed')}`}
      ${cells.some(({ indeterminate }) => indeterminate > 0) && swatch('lane-half', 14, 'no answer: may have been stored')}
      ${cells.some(({ unknown }) => unknown > 0) && swatch('lane-unknown', 5, 'unknown: the prober was held up')}
      ${(used.has('fault') || used.has('failed')) && swatch('bar-fault', 7, used.has('failed') ? 'fault or failed step' : 'fault')}${used.has('acts') && swatch('bar-acts', 7, 'step that acts')}${used.has('pivot') && swatch('bar-pivot', 7, 'promotion')}${used.has('watches') && swatch('bar-watches', 7, 'step that waits')}
    </p>
    ${timeline.source === 'log' && html`<p class="legend">Drawn from the notices in the log; the raw samples were not at hand.</p>`}`;
}

const stepTable = (record: RunRecord): Markup | undefined =>
  dataTable(
    ['Phase', 'Step', 'Action', 'State', 'Took', 'AWS calls'],
    stepsByPhase(record.steps).flatMap(({ phase, steps }) =>
      steps.map((step, n) => stepRow(step, n === 0 ? phase : '')),
    ),
  );

function stepRow(step: StepRecord, phase: string): Piece {
  const { id, uses, durationMs, awsCalls, attempts } = step;
  const error = failureOf(step);
  const { word, mark, tone } = endOf(step);
  const trouble =
    error &&
    html`<small class="why"
      >${saidIn(error.message)} (${error.code})${error.remedy !== undefined && `. ${error.remedy}`}</small
    >`;
  const again = attempts > 1 && html`<small>${attempts} attempts</small>`;
  return html`<tr class="${phase !== '' && 'first'}">
    <td class="phase">${phase}</td>
    <td><b>${id}</b>${trouble}</td>
    <td><code>${uses}</code></td>
    <td class="n ${tone}">${mark} ${word}${again}</td>
    <td class="n">${durationMs !== undefined && duration(durationMs)}</td>
    <td class="n">${awsCalls}</td>
  </tr> `;
}

const leftTable = (record: RunRecord): Markup | undefined =>
  dataTable(
    ['Resource', 'What became of it', 'From step'],
    left(record).map(
      (resource) =>
        html`<tr>
          <td class="wide"><code>${resource.arn}</code></td>
          <td class="${resource.state === 'leaked' && 'bad'}">${fateOf(resource, record)}</td>
          <td>${resource.createdBy}</td>
        </tr> `,
    ),
  );

/** What the drill took as given, from its definition. */
function assumptions(entries: readonly LogEntry[]): string[] {
  const first = entries[0]?.event;
  if (first?.type !== 'run.started') return [];
  const { assume, objectives, guardrails, probes } = first.plan.drill;
  const { detectionMs, decisionMs } = objectives.declared;
  const watched = Object.keys(probes).length > 0;
  return [
    ...(assume.regionApiUnavailable === undefined
      ? []
      : [`The control plane of ${assume.regionApiUnavailable} is taken to be gone: no recovery step may call it.`]),
    ...(detectionMs ? [`People need ${duration(detectionMs)} to notice (declared).`] : []),
    ...(decisionMs ? [`People need ${duration(decisionMs)} to decide (declared).`] : []),
    ...(watched ? [`Recovered means: good for ${duration(objectives.steadyMs)} on end.`] : []),
    ...Object.values(probes).map(
      ({ name, uses, everyMs, timeoutMs, ttl, connection }) =>
        `Probe ${name}: ${uses} every ${duration(everyMs)}, good within ${duration(timeoutMs)}, ${connection} connections, DNS TTL ${ttl === 'honour' ? 'honoured' : 'ignored'}.`,
    ),
    `The drill would have been stopped after ${duration(guardrails.maxDurationMs)}.`,
  ];
}

const evidenceList = (record: RunRecord): Markup =>
  factList(
    evidence(record).map(([name, value]) => [
      name,
      /^[0-9a-f]{64}$/.test(value) ? html`<span class="hash">${value}</span>` : value,
    ]),
  );

const footer = ({ runId, kind, killed, toolVersion, recordHash }: RunRecord): Markup =>
  html`<footer>
    <p>
      Made by firedrill ${toolVersion} from the log of run ${runId}. <code>firedrill verify ${runId}</code>
      ${!killed && `computes the figures again from the ${sourceOf(kind)} and `}checks the log up to
      <span class="hash">${recordHash.slice(0, 16)}…</span>
    </p>
  </footer>`;
