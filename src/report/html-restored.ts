/**
 * What a page shows of a restore: a row for each check, and a bar of its portions and of the time declared for people against what
 * was promised. Shares are told by figures beside the bar too, so that it needs no colour to be read.
 */
import type { RunRecord } from '../domain/record.ts';
import { dataTable } from './html-page.ts';
import type { Markup, Piece } from './markup.ts';
import { html } from './markup.ts';
import { capital, duration } from './quantities.ts';
import type { CheckLine, TimeShare, TimeSpent } from './restored.ts';
import { brokenWords, checkLines, checkMarks, checkName, checkTones, holdingWords, timeSpent } from './restored.ts';

export function checkTable(record: RunRecord): Markup | undefined {
  const lines = checkLines(record);
  if (lines.length === 0) return undefined;
  const broken = lines.some(({ holds }) => !holds);
  const row = (line: CheckLine): Piece =>
    html`<tr>
      <td class="n ${checkTones[line.outcome]}">${checkMarks[line.outcome]} ${checkName(line, lines)}</td>
      <td class="found ${line.outcome !== 'holds' && checkTones[line.outcome]}">${line.said}</td>
      <td class="n quiet">${duration(line.durationMs)}</td>
    </tr> `;
  const further = record.recovery.measured ? '' : ' The run looked no further.';
  return html`<p>${broken ? `${brokenWords(lines)}.` : `${capital(holdingWords(lines))}.${further}`}</p>
    ${dataTable(['Check', 'What was found', 'Took'], lines.map(row), 'fits checks')}`;
}

export function timeBar(record: RunRecord): Markup | undefined {
  const spent = timeSpent(record);
  if (!spent) return undefined;
  const { shares, note } = spent;
  const measured = shares.filter(({ name }) => name !== 'people');
  const measuredMs = measured.reduce((sum, { ms }) => sum + ms, 0);
  return html`<figure class="spent">
    ${bar(spent)}
    ${
      measuredMs < spent.scaleMs / 4 &&
      html`<p class="closer">The measured ${duration(measuredMs, 'up')} closer:</p>
        ${bar({ shares: measured, scaleMs: Math.max(1, measuredMs) })}`
    }
    <table class="fits">
      <tbody>
        ${shares.map((share) => shareRow(share))}${totalRow(spent)}
      </tbody>
    </table>
    ${note !== undefined && html`<figcaption>${note}</figcaption>`}
  </figure>`;
}

function bar({ shares, promisedMs, scaleMs }: Pick<TimeSpent, 'shares' | 'promisedMs' | 'scaleMs'>): Markup {
  const percent = (ms: number): string => `${Math.round((ms / scaleMs) * 10_000) / 100}%`;
  const label = shares.map(({ name, ms }) => `${name} ${duration(ms)}`).join(', ');
  return html`<div class="stack ${promisedMs !== undefined && 'flagged'}" role="img" aria-label="${label}">
    ${shares.map(({ name, ms }) => html`<i class="p-${name}" style="width:${percent(ms)}" title="${name}: ${duration(ms)}"></i>`)}
    ${
      promisedMs !== undefined &&
      html`<b style="left:${percent(promisedMs)}" class="${promisedMs > scaleMs / 2 && 'flip'}"
        ><span>promised ${duration(promisedMs)}</span></b
      >`
    }
  </div>`;
}

const shareRow = ({ name, means, ms }: TimeShare): Piece =>
  html`<tr>
    <td class="n"><i class="swatch p-${name}"></i>${name}</td>
    <td class="n end">${duration(ms, 'up')}</td>
    <td class="quiet">${means}</td>
  </tr> `;

const totalRow = ({ totalMs, promisedMs }: TimeSpent): Piece =>
  totalMs !== undefined &&
  html`<tr class="first">
    <td><b>together</b></td>
    <td class="n end"><b>${duration(totalMs, 'up')}</b></td>
    <td class="quiet">${promisedMs !== undefined && `promised: at most ${duration(promisedMs)}`}</td>
  </tr> `;
