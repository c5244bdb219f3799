import { describe, expect, it } from 'vitest';
import { toRecord } from '../../src/report/record.ts';
import { timelineOf } from '../../src/report/timeline.ts';
import { LogBuilder, markAt, planOf, samplesOf } from './log-builder.ts';
import type { Run } from './runs.ts';
import { abortedRun, passedRun } from './runs.ts';

const timeline = ({ entries, samples }: Run) =>
  timelineOf(toRecord(entries, { published: 0, pending: 0 }), entries, samples);

describe('the time line of a failover', () => {
  const line = timeline(passedRun());

  it('counts from the fault', () => {
    expect(line.origin).toBe('fault');
    expect(line.run).toEqual({ fromMs: -6_000, toMs: 31_000 });
    expect(line.marks.map(({ atMs, label }) => [atMs, label])).toEqual([
      [0, 'fault: lose'],
      [12_500, 'lose lifted'],
      [5_900, 'promote'],
      [6_400, 'flip'],
      [22_200, 'flip taken back'],
      [21_800, 'promote-back'],
    ]);
  });

  it('looks closer at the stretch from shortly before the fault to failback', () => {
    expect(line.focus.toMs).toBe(12_000);
    expect(line.focus.fromMs).toBeLessThan(0);
    expect(line.focus.fromMs).toBeGreaterThan(-2_000);
  });

  it('puts the measured interval where the samples show it: the sure outage inside the longest possible one', () => {
    expect(line.outage).toEqual({
      lower: { fromMs: 200, toMs: 6_400 },
      upper: { fromMs: 0, toMs: 6_620 },
    });
  });

  it('has a lane for each probe that covers its samples without a gap', () => {
    expect(line.lanes.map(({ probe }) => probe)).toEqual(['read', 'write']);
    for (const { cells } of line.lanes) {
      for (const [n, cell] of cells.slice(1).entries()) expect(cell.fromMs).toBe(cells[n]!.toMs);
    }
  });

  it('tells failed, unanswered and unknown requests apart', () => {
    const at = (ms: number) => line.lanes[1]!.cells.find((cell) => cell.fromMs <= ms && ms < cell.toMs);
    expect(at(-1_000)).toMatchObject({ bad: 0, indeterminate: 0, unknown: 0 });
    expect(at(300)).toMatchObject({ indeterminate: 1 });
    expect(at(2_000)).toMatchObject({ bad: 1 });
    expect(at(3_100)).toMatchObject({ unknown: 1 });
  });

  it('says which steps acted, waited, promoted or were the fault', () => {
    const tones = Object.fromEntries(line.steps.map(({ id, tone }) => [id, tone]));
    expect(tones).toMatchObject({ lose: 'fault', alarm: 'watches', flip: 'acts', promote: 'pivot', heal: 'acts' });
  });
});

it('draws lanes from the notices in the log when there are no samples', () => {
  const line = timeline({ ...passedRun(), samples: [] });
  expect(line.source).toBe('log');
  expect(line.lanes[0]!.cells).toEqual([
    { fromMs: -5_800, toMs: 200, bad: 0, indeterminate: 0, unknown: 0 },
    { fromMs: 200, toMs: 6_600, bad: 1, indeterminate: 0, unknown: 0 },
    { fromMs: 6_600, toMs: 31_000, bad: 0, indeterminate: 0, unknown: 0 },
  ]);
  expect(line.outage).toBeUndefined();
});

it('shows no outage that was not measured', () => {
  expect(timeline(abortedRun()).outage).toBeUndefined();
});

it('shares a cell between good and failed requests when there are more requests than pixels', () => {
  const log = new LogBuilder(
    planOf({ runId: 'l', name: 'l', title: 'l', steps: [{ id: 'w', uses: 'wait', phase: 'recover' }] }),
  );
  log.phase(0, 'recover').add(7_200_000, { type: 'run.closing' });
  const entries = log.finish(7_200_000, {
    verdict: 'pass',
    undo: 'none',
    recoveryLabel: 'unaided',
    exitCode: 0,
    reasons: [],
    recovery: { declared: {}, phases: [] },
    probes: [],
  });
  const every = samplesOf('read', 7_200_000, []).map((sample, n) =>
    n % 4 === 0 ? { ...sample, outcome: 'bad' as const } : sample,
  );
  const line = timeline({ entries, samples: every });
  const cells = line.lanes[0]!.cells;
  expect(line.origin).toBe('recovery began');
  expect(cells.length).toBeLessThan(420);
  expect(cells[10]!.bad).toBeCloseTo(0.25, 1);
});

it('stays small when a probe flaps for hours after a short outage', () => {
  const { entries, samples } = passedRun();
  const flapping = samplesOf('read', 7_200_000, []).map((sample, n) =>
    n % 2 === 0 && n > 300 ? { ...sample, outcome: 'bad' as const } : sample,
  );
  const finished = entries.at(-1)!;
  const later = { ...finished, event: { ...finished.event, mark: markAt(7_200_000) } };
  const line = timeline({ entries: [...entries.slice(0, -1), later], samples: [...samples, ...flapping] });
  expect(line.lanes[0]!.cells.length).toBeLessThan(1_000);
});
