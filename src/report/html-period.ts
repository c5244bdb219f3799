/** The stakeholders' report of several runs as one page: a card and a trend for each drill, no percentiles. */
import type { RunRecord } from '../domain/record.ts';
import { dataTable, noticeLine, page, together } from './html-page.ts';
import type { Markup } from './markup.ts';
import { html } from './markup.ts';
import type { DrillHistory } from './period.ts';
import {
  changeWords,
  countWords,
  newestPassWords,
  periodHeadline,
  periodOf,
  provenWords,
  rpoTitle,
  trendOf,
  worstWords,
} from './period.ts';
import { notAwsNotice, placeWords } from './place.ts';
import { day, duration } from './quantities.ts';

export function periodHtml(records: readonly RunRecord[]): string {
  const period = periodOf(records);
  const title = `Drills from ${day(period.from)} to ${day(period.to)}`;
  const version = records.at(-1)?.toolVersion ?? '';
  const body = html`<header>
      <p class="meta"><b>firedrill</b><span>report over ${records.length} runs</span></p>
      <h1>${title}</h1>
    </header>
    <div class="lead"><p>${periodHeadline(period)}</p></div>
    ${period.drills.map((history) => drillSection(history))}
    <footer>
      <p>
        Figures are upper bounds of what was measured. A streak without a miss starts again with a miss and with every
        change of the drill; runs without a result count neither way.
      </p>
    </footer>`;
  return page(title, `firedrill ${version}`, body);
}

const drillSection = (history: DrillHistory): Markup =>
  html`<section>
    <h2>${history.drill} · ${placeWords(history)}</h2>
    <p class="quiet">${history.title}</p>
    ${noticeLine(notAwsNotice({ ...history, verdict: history.newestPass ? 'pass' : 'fail' }))}
    <p>
      ${together([countWords(history), newestPassWords(history), ...worstWords(history), ...changeWords(history)].join('; '))}.
    </p>
    <p>${provenWords(history)}</p>
    ${rtoChart(history)}${ageChart(history)}
    ${dataTable(
      ['Day', 'Verdict', 'RTO', rpoTitle(history), 'Run', 'Started by'],
      trendOf(history).map(
        (row) =>
          html`<tr>
            <td class="n">${row.day}</td>
            <td class="${row.verdict === 'pass' ? 'good' : row.verdict === 'fail' ? 'bad' : 'busy'}">${row.verdict}</td>
            <td class="n">${row.rto}</td>
            <td class="n">${row.rpo}</td>
            <td class="wide"><code>${row.runId}</code></td>
            <td class="wide">${row.startedBy}</td>
          </tr> `,
      ),
    )}
  </section> `;

const wide = 1_000;
const high = 170;
const floor = 130;

/** A figure of every run against what is promised of it. */
interface Trend {
  name: string;
  promisedMs?: number;
  of: (run: RunRecord) => number | undefined;
}

const rtoChart = (history: DrillHistory): Markup | undefined =>
  trendChart(history, { name: 'RTO', promisedMs: history.promisedRtoMs, of: ({ recovery }) => recovery.rto?.upperMs });

/** Of restores only: losses of writes are rare, and their bars would be none. */
const ageChart = (history: DrillHistory): Markup | undefined =>
  history.kind === 'restore'
    ? trendChart(history, {
        name: 'Data age',
        promisedMs: history.promisedRpoMs,
        of: ({ recovery: { rpo } }) => (rpo?.exercised ? rpo.recoveryPointAgeMs : undefined),
      })
    : undefined;

/** A bar a run. */
function trendChart({ runs }: DrillHistory, { name, promisedMs, of }: Trend): Markup | undefined {
  const worstMs = runs.reduce((most, run) => Math.max(most, of(run) ?? 0), 0);
  if (worstMs === 0 || runs.length < 2) return undefined;
  const top = Math.max(worstMs, promisedMs ?? 0) * 1.15;
  const y = (ms: number): number => Math.round((floor - (ms / top) * (floor - 12)) * 10) / 10;
  const step = (wide - 130) / runs.length;
  const width = Math.min(44, step * 0.6);
  const every = Math.ceil(runs.length / 12);
  const places = runs.map((run, n) => ({
    run,
    ms: of(run),
    middle: Math.round(110 + step * (n + 0.5)),
    named: n % every === 0,
  }));
  const bars = places.map(({ run: { verdict, runId }, ms, middle }) => {
    if (ms === undefined) return html`<text class="s mid" x="${middle}" y="${floor - 6}">–</text>`;
    const title = html`<title>${runId}: ${duration(ms, 'up')}</title>`;
    return html`<rect
      class="${barTones[verdict]}"
      x="${middle - width / 2}"
      y="${y(ms)}"
      width="${width}"
      height="${Math.max(1, floor - y(ms))}"
      rx="2"
      >${title}</rect
    >`;
  });
  const labels = places.map(({ run, ms, middle, named }) => {
    const figure =
      ms !== undefined && html`<text class="halo mid" x="${middle}" y="${y(ms) - 5}">${duration(ms, 'up')}</text>`;
    return named && html`${figure}<text class="s mid" x="${middle}" y="${floor + 17}">${day(run.startedAt)}</text>`;
  });
  const promise =
    promisedMs !== undefined &&
    html`<line class="promise" x1="110" x2="${wide - 10}" y1="${y(promisedMs)}" y2="${y(promisedMs)}" /><text
        class="s end"
        x="104"
        y="${y(promisedMs) + 4}"
        >${duration(promisedMs)}</text
      >`;
  return html`<div class="chart">
    <svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${name} of every run against the promise">
      <text class="b end" x="104" y="${floor}">${name}</text>
      <line class="grid" x1="110" x2="${wide - 10}" y1="${floor}" y2="${floor}" />
      ${bars}${promise}${labels}
      <text class="s" x="110" y="${high - 4}">
        ${promisedMs !== undefined && 'dashed: promised; '}bars: upper bound of each run
      </text>
    </svg>
  </div>`;
}

const barTones: Record<RunRecord['verdict'], string> = {
  pass: 'lane-good',
  fail: 'lane-bad',
  inconclusive: 'lane-unknown',
  aborted: 'lane-unknown',
};
