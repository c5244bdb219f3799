/** The story of one run: what happened when, what came of it, and what a person must do. */
import { describe, expect, it } from 'vitest';
import { toRecord } from '../../src/report/record.ts';
import { runStory, storySoFar } from '../../src/report/run-story.ts';
import { attack, hostile } from './hostile.ts';
import { restoreRun } from './restores.ts';
import type { Run } from './runs.ts';
import { abortedRun, passedRun, stuckRun, unfinishedRun } from './runs.ts';

const look = { columns: 100, color: false };
const restored = { entries: restoreRun({}) };
const recordOf = ({ entries }: Pick<Run, 'entries'>) => toRecord(entries, { published: 0, pending: 0 });
const tell = (run: Pick<Run, 'entries'>, more: Partial<typeof look & { reportFile: string }> = {}) =>
  runStory(run.entries, recordOf(run), { ...look, ...more });

describe('of a run that is over', () => {
  it('tells every step with its beginning, its end, and the time of both', () => {
    const text = tell(passedRun());
    expect(text).toContain(
      '  0:09.4    → promote: rds/promote-replica arn:aws:rds:eu-west-1:000000000000:db:orders-db\n',
    );
    expect(text).toContain('  0:11.9    ✓ promote 2.5 s\n');
    expect(text).toContain('  0:18.5    ↩ lose taken back\n');
  });

  it('tells what was checked, under the name of the check', () => {
    expect(tell(restored)).toMatch(/ {5}✓ contents rows: /);
  });

  it('tells who started it, why it ended as it did, and what it never came to', () => {
    const text = tell(abortedRun());
    expect(text).toMatch(/^ABORTED {2}Orders survive/);
    expect(text).toContain('started by ');
    expect(text).toMatch(
      /What came of it\n[\s\S]*- aborted by grace@example.com: wrong day\n {2}- Not reached: go, fence/,
    );
  });

  it('says what a person must do, and with which command the rest is taken back', () => {
    const text = tell(stuckRun());
    expect(text).toMatch(/^NEEDS A PERSON {2}/);
    expect(text).toMatch(/What you must do now\n {2}- cut: .*changed by someone else\. Give it back .*\n/);
  });

  it('lists what it made with the step that made it, also what is gone again', () => {
    const text = tell(passedRun());
    expect(text).toMatch(/What it made or set aside: \d resources\n/);
    expect(text).toMatch(/db:orders-db\n {4}step rebuild: created by the drill, part of the estate now/);
  });

  it('names the page that lies there, or how to write one', () => {
    expect(tell(passedRun(), { reportFile: '/home/reports/r1.html' })).toContain('  /home/reports/r1.html\n');
    expect(tell(passedRun())).toContain('firedrill report r1 --format html --out r1.html\n');
  });
});

it('of a run that is still on ends with what it waits for', () => {
  expect(storySoFar(unfinishedRun().entries, look).at(-1)).toMatch(/\? go: .* \(firedrill approve r5\)$/);
});

it('breaks lines between words where the terminal is narrow, and keeps the time in the margin free', () => {
  const lines = tell(restored, { columns: 50 }).split('\n');
  const start = lines.findIndex((line) => line.includes('✓ contents rows:'));
  expect(lines[start]!.length).toBeLessThanOrEqual(50);
  expect(lines[start + 1]).toMatch(/^ {16}\S/);
});

it('lets nothing from outside steer the terminal', () => {
  const run = stuckRun();
  const record = hostile(recordOf(run));
  expect(attack).toContain('\u001b');
  // oxlint-disable-next-line no-control-regex -- looking for them is the purpose
  expect(runStory(run.entries, record, look)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});
