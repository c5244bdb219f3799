/** What a terminal shows of a restore: a line for each check, a bar for each portion of its time. */
import type { RunRecord } from '../domain/record.ts';
import { duration } from './quantities.ts';
import type { CheckLine } from './restored.ts';
import { checkLines, checkMarks, checkName, checkTones, timeSpent } from './restored.ts';
import type { Paint } from './terminal.ts';
import { paragraph } from './terminal.ts';
import type { Cell } from './text-table.ts';
import { table } from './text-table.ts';

export function checks(record: RunRecord, width: number, paint: Paint): string[] {
  const lines = checkLines(record);
  const tones = { good: paint.good, bad: paint.bad, busy: paint.warn, quiet: paint.dim };
  const row = (line: CheckLine): Cell[] => [
    { text: `${checkMarks[line.outcome]} ${checkName(line, lines)}`, tone: tones[checkTones[line.outcome]] },
    { text: duration(line.durationMs), tone: paint.dim },
    line.said,
  ];
  return table('What was checked', lines.map(row), width, paint);
}

/** Characters of the longest bar. */
const longestBar = 40;

export function timeShares(record: RunRecord, width: number, paint: Paint): string[] {
  const spent = timeSpent(record);
  if (!spent) return [];
  const { shares, totalMs, promisedMs, note } = spent;
  const names = Math.max(8, ...shares.map(({ name }) => name.length));
  const took = Math.max(
    ...shares.map(({ ms }) => duration(ms, 'up').length),
    totalMs === undefined ? 0 : duration(totalMs, 'up').length,
  );
  const room = Math.max(4, Math.min(longestBar, width - names - took - 7));
  // Declared time would dwarf what was measured, and nobody can make it shorter by looking at it here.
  const mostMs = Math.max(1, ...shares.map(({ name, ms }) => (name === 'people' ? 0 : ms)));
  const rows = shares.map(({ name, ms }) => {
    const shown = name === 'people' ? paint.dim('declared') : barOf((ms / mostMs) * room);
    return `  ${name.padEnd(names)}  ${duration(ms, 'up').padStart(took)}  ${shown}`;
  });
  const promised = promisedMs === undefined ? '' : ` of at most ${duration(promisedMs)}`;
  return [
    paint.bold('Where the time went'),
    ...rows,
    ...(totalMs === undefined
      ? []
      : [`  ${'together'.padEnd(names)}  ${duration(totalMs, 'up').padStart(took)}${promised}`]),
    ...(note === undefined ? [] : paragraph(note, width, '  ').map(paint.dim)),
  ];
}

/** Whole characters, and a sliver for what is shorter than one. */
const barOf = (length: number): string => (length < 0.5 ? '▏' : '█'.repeat(Math.round(length)));
