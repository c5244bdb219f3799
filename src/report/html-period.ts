/** The stakeholders' report of several runs as one page: a card and a trend for each drill, no percentiles. */
import type { RunRecord } from '../domain/record.ts';
import { dataTable, page } from './html-page.ts';
import type { Markup } from './markup.ts';
import { html } from './markup.ts';
import type { DrillHistory } from './period.ts';
import { countWords, periodHeadline, periodOf, provenWords, trendOf, worstWords } from './period.ts';
import { day, duration } from './quantities.ts';
import { environmentWords, labNotice } from './wording.ts';

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
    <h2>${history.drill} · ${environmentWords[history.environment]}</h2>
    <p class="quiet">${history.title}</p>
    ${history.environment === 'lab' && html`<p class="note"><b>Lab.</b> ${labNotice}</p>`}
    <p>${[countWords(history), ...worstWords(history)].join('; ')}.</p>
    <p>${provenWords(history)}</p>
    ${trendChart(history)}
    ${dataTable(
      ['Day', 'Verdict', 'RTO', 'RPO', 'Run', 'Started by'],
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

/** A bar a run: its RTO against the promise. */
function trendChart(history: DrillHistory): Markup | undefined {
  const { runs, promisedRtoMs, worstRtoMs } = history;
  if (worstRtoMs === undefined || worstRtoMs === 0 || runs.length < 2) return undefined;
  const top = Math.max(worstRtoMs, promisedRtoMs ?? 0) * 1.15;
  const y = (ms: number): number => Math.round((floor - (ms / top) * (floor - 12)) * 10) / 10;
  const step = (wide - 130) / runs.length;
  const width = Math.min(44, step * 0.6);
  const every = Math.ceil(runs.length / 12);
  const places = runs.map((run, n) => ({ run, middle: Math.round(110 + step * (n + 0.5)), named: n % every === 0 }));
  const bars = places.map(({ run: { recovery, verdict, runId }, middle }) => {
    const rto = recovery.rto?.upperMs;
    if (rto === undefined) return html`<text class="s mid" x="${middle}" y="${floor - 6}">–</text>`;
    const title = html`<title>${runId}: ${duration(rto, 'up')}</title>`;
    return html`<rect
      class="${barTones[verdict]}"
      x="${middle - width / 2}"
      y="${y(rto)}"
      width="${width}"
      height="${Math.max(1, floor - y(rto))}"
      rx="2"
      >${title}</rect
    >`;
  });
  const labels = places.map(({ run: { recovery, startedAt }, middle, named }) => {
    const rto = recovery.rto?.upperMs;
    const figure =
      rto !== undefined && html`<text class="halo mid" x="${middle}" y="${y(rto) - 5}">${duration(rto, 'up')}</text>`;
    return named && html`${figure}<text class="s mid" x="${middle}" y="${floor + 17}">${day(startedAt)}</text>`;
  });
  const promise =
    promisedRtoMs !== undefined &&
    html`<line class="promise" x1="110" x2="${wide - 10}" y1="${y(promisedRtoMs)}" y2="${y(promisedRtoMs)}" /><text
        class="s end"
        x="104"
        y="${y(promisedRtoMs) + 4}"
        >${duration(promisedRtoMs)}</text
      >`;
  return html`<div class="chart">
    <svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="RTO of every run against the promise">
      <text class="b end" x="104" y="${floor}">RTO</text>
      <line class="grid" x1="110" x2="${wide - 10}" y1="${floor}" y2="${floor}" />
      ${bars}${promise}${labels}
      <text class="s" x="110" y="${high - 4}">
        ${promisedRtoMs !== undefined && 'dashed: promised; '}bars: upper bound of each run
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
