import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { periodHtml } from '../../src/report/html-period.ts';
import { changeWords, newestPassWords, periodHeadline, periodOf, provenWords } from '../../src/report/period.ts';
import { periodMarkdown, periodText } from '../../src/report/period-text.ts';
import { toRecord } from '../../src/report/record.ts';
import { restoreRun } from './restores.ts';
import { passedRun } from './runs.ts';

const base = toRecord(passedRun({ environment: 'aws' }).entries, { published: 0, pending: 0 });

const run = (n: number, over: Partial<RunRecord> = {}): RunRecord => ({
  ...base,
  runId: `a${n}`,
  startedAt: new Date(Date.UTC(2026, n, 1)).toISOString(),
  recovery: { ...base.recovery, rto: { lowerMs: 600_000, upperMs: 600_000 + n * 60_000 } },
  ...over,
});
const runs = (count: number): RunRecord[] => Array.from({ length: count }, (_, n) => run(n));

describe('the history of a drill', () => {
  it('names the number of runs, the worst figures and what is promised now', () => {
    const [history] = periodOf([run(1), run(3), run(2, { verdict: 'fail' })]).drills;
    expect(history).toMatchObject({
      passed: 2,
      failed: 1,
      worstRtoMs: 780_000,
      worstRpoMs: 240,
      promisedRtoMs: 1_200_000,
    });
    expect(history!.runs.map(({ runId }) => runId)).toEqual(['a1', 'a2', 'a3']);
  });

  it('proves a share by a streak without a miss', () => {
    const [history] = periodOf(runs(10)).drills;
    expect(provenWords(history!)).toBe(
      '10 runs in a row without a miss show at 95 % confidence that at least 74 % of such events keep the promise. ' +
        '1 more run without a miss would show 75 %.',
    );
  });

  it('starts the count again with a miss, and with a change of the drill', () => {
    const missed = periodOf([...runs(4), run(5, { verdict: 'fail' }), run(6)]).drills[0]!;
    expect(missed.streak).toMatchObject({ n: 1, startedAfter: 'the last miss' });
    expect(provenWords(missed)).toContain('provided that its cause is gone');
    const changed = periodOf([...runs(4), run(5, { definitionHash: 'other' }), run(6, { definitionHash: 'other' })]);
    expect(changed.drills[0]!.streak).toMatchObject({ n: 2, startedAfter: 'the last change of the drill' });
  });

  it('counts a run without a result neither for nor against', () => {
    const [history] = periodOf([
      ...runs(3),
      run(4, { verdict: 'inconclusive' }),
      run(5, { verdict: 'aborted' }),
    ]).drills;
    expect(history).toMatchObject({ withoutResult: 2, streak: { n: 3 } });
  });

  it('never takes a loss that was not tested for no loss', () => {
    const rpo = { exercised: false, upperMs: 0, lostWrites: 0, ackedWrites: 1, indeterminateWrites: 0 };
    const [history] = periodOf([run(1, { recovery: { declared: {}, phases: [], rpo } })]).drills;
    expect(history!.worstRpoMs).toBeUndefined();
  });

  it('keeps rehearsals apart from runs on AWS, and lets them prove nothing', () => {
    const period = periodOf([...runs(2), run(3, { environment: 'lab', notAws: 'lab' })]);
    expect(period.drills.map(({ environment, runs }) => [environment, runs.length])).toEqual([
      ['aws', 2],
      ['lab', 1],
    ]);
    expect(provenWords(period.drills[1]!)).toBe(
      'Rehearsals show that the procedure works. They prove nothing about AWS.',
    );
    expect(periodHeadline(period)).toBe('2 runs of 1 failover drill: 1 of 1 kept the promise in their newest result.');
    expect(periodHeadline(periodOf([run(3, { environment: 'lab', notAws: 'lab' })]))).toContain('Only rehearsals');
  });
});

describe('runs against an endpoint that only answers like AWS', () => {
  const period = periodOf([...runs(2), ...[3, 4].map((n) => run(n, { notAws: 'local-endpoint' }))]);

  it('are counted apart from those on AWS, and prove nothing about it', () => {
    expect(period.drills.map(({ notAws, runs }) => [notAws, runs.length])).toEqual([
      [undefined, 2],
      ['local-endpoint', 2],
    ]);
    expect(periodHeadline(period)).toMatch(/^2 runs of 1 failover drill/);
    expect(provenWords(period.drills[1]!)).toMatch(/They prove nothing about AWS\.$/);
  });

  it('are no evidence when there is nothing else', () => {
    expect(periodHeadline(periodOf([run(1, { notAws: 'emulated-account' })]))).toContain('nothing was shown about AWS');
  });
});

describe('the report over a period', () => {
  const records = [...runs(3), run(4, { verdict: 'fail' }), run(5), run(6, { environment: 'lab', notAws: 'lab' })];

  it('reads as agreed on a terminal and as Markdown', async () => {
    await expect(periodText(records, { columns: 100, color: false })).toMatchFileSnapshot('golden/period.txt');
    await expect(periodMarkdown(records)).toMatchFileSnapshot('golden/period.md.txt');
  });

  it('never shows a percentile', () => {
    for (const text of [
      periodText(records, { columns: 100, color: false }),
      periodMarkdown(records),
      periodHtml(records),
    ]) {
      expect(text).not.toMatch(/\bp9\d|percentile|median|average/i);
    }
  });

  it('draws each run against the promise, and marks rehearsals', () => {
    const page = periodHtml(records);
    expect(page).toContain('dashed: promised');
    expect(page).toContain('it is no evidence about AWS');
    expect(page).not.toMatch(/NaN|undefined/);
  });
});

describe('restores over a period', () => {
  const minuteMs = 60_000;
  const restore = (n: number, restoreMs: number, over: Partial<RunRecord> = {}): RunRecord => ({
    ...toRecord(restoreRun({ restoreMs, over: { environment: 'aws', runId: `d${n}` } }), { published: 0, pending: 0 }),
    startedAt: new Date(Date.UTC(2026, n, 1)).toISOString(),
    ...over,
  });
  const restores = [restore(0, 4 * minuteMs), restore(1, 6 * minuteMs), restore(2, 9 * minuteMs)];

  it('are counted apart from failovers, and prove something about restores', () => {
    const period = periodOf([...runs(2), ...restores]);
    expect(periodHeadline(period)).toBe(
      '2 runs of 1 failover drill: 1 of 1 kept the promise in their newest result. ' +
        '3 runs of 1 restore drill: 1 of 1 kept the promise in their newest result.',
    );
    expect(provenWords(period.drills[1]!)).toContain('of such restores keep the promise');
    // One that nothing was restored in proves nothing of restores, whatever its drill is called.
    expect(periodOf([restore(0, 0), restore(1, 0, { kind: 'recovery' })]).drills).toHaveLength(2);
  });

  it('tell when one passed last, and what was tried in vain since', () => {
    const failed = restore(3, 0, { verdict: 'fail' });
    expect(newestPassWords(periodOf([...restores, failed]).drills[0]!)).toBe(
      'passed last on 2026-03-01 (d2), and 1 run since then did not',
    );
    expect(newestPassWords(periodOf(restores).drills[0]!)).toBe('passed last on 2026-03-01 (d2)');
    expect(newestPassWords(periodOf([failed]).drills[0]!)).toBe('never passed in this time');
  });

  it('show how the time that a restore takes grows, without the time that is declared', () => {
    const [history] = periodOf(restores).drills;
    expect(changeWords(history!)).toEqual([
      'the measured part went from 5 min 45 s to 10 min 45 s',
      'the age of the data stayed at 8 h 1 min',
    ]);
    expect(changeWords(periodOf(runs(3)).drills[0]!)).toEqual([]);
  });

  it('read as agreed, with the age of the data in place of lost writes', async () => {
    const records = [...restores, restore(3, 5 * minuteMs, { verdict: 'fail' })];
    await expect(periodText(records, { columns: 100, color: false })).toMatchFileSnapshot('golden/period-restores.txt');
    await expect(periodMarkdown(records)).toMatchFileSnapshot('golden/period-restores.md.txt');
    const page = periodHtml(records);
    expect(page).toContain('aria-label="Data age of every run against the promise"');
    expect(page).not.toMatch(/NaN|undefined/);
  });
});
