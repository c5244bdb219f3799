/** The stakeholders' report of several runs, for a terminal and as Markdown. */
import type { RunRecord } from '../domain/record.ts';
import { md, table as markdownTable } from './markdown.ts';
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
import { placeWords } from './place.ts';
import { day } from './quantities.ts';
import { harmless, paintFor, paragraph } from './terminal.ts';
import type { TextOptions } from './text.ts';

export function periodText(records: readonly RunRecord[], { columns, color }: TextOptions): string {
  const width = Math.min(120, Math.max(72, columns));
  const paint = paintFor(color);
  const period = periodOf(records);
  const blocks = period.drills.map((history) => [
    paint.bold(`${harmless(history.drill)}  ${placeWords(history)}`),
    ...paragraph(history.title, width, '  ').map(paint.dim),
    ...paragraph(factsOf(history).join('; '), width, '  '),
    ...paragraph(provenWords(history), width, '  '),
    ...trendLines(history),
  ]);
  const head = [
    paint.bold(`Drills from ${day(period.from)} to ${day(period.to)}`),
    ...paragraph(periodHeadline(period), width),
  ];
  return `${[head, ...blocks].map((block) => block.join('\n')).join('\n\n')}\n`;
}

/** Counts, extremes, the newest success, and how figures changed. */
const factsOf = (history: DrillHistory): string[] => [
  countWords(history),
  newestPassWords(history),
  ...worstWords(history),
  ...changeWords(history),
];

function trendLines(history: DrillHistory): string[] {
  const heading = ['', 'RTO', rpoTitle(history), 'run'];
  const rows = [heading, ...trendOf(history).map((row) => [`${row.day}  ${row.verdict}`, row.rto, row.rpo, row.runId])];
  const widths = heading.map((_, n) => Math.max(...rows.map((row) => row[n]!.length)));
  return rows.map((row) => `    ${row.map((cell, n) => harmless(cell).padEnd(widths[n]!)).join('  ')}`.trimEnd());
}

export function periodMarkdown(records: readonly RunRecord[]): string {
  const period = periodOf(records);
  const sections = period.drills.map((history) =>
    [
      `## ${md(history.drill)} (${placeWords(history)})`,
      md(history.title),
      factsOf(history)
        .map((line) => `- ${md(line)}`)
        .join('\n'),
      md(provenWords(history)),
      markdownTable(
        ['Day', 'Verdict', 'RTO', rpoTitle(history), 'Run', 'Started by'],
        trendOf(history).map((row) => [row.day, row.verdict, row.rto, row.rpo, md(row.runId), md(row.startedBy)]),
      ),
    ].join('\n\n'),
  );
  const head = `# Drills from ${day(period.from)} to ${day(period.to)}\n\n${md(periodHeadline(period))}`;
  return `${[head, ...sections].join('\n\n')}\n`;
}
