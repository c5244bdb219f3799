/** What comes after a run's end changes no verdict, and shows in where the run leaves the estate. */
import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../src/domain/event.ts';
import type { Judgement } from '../../src/domain/record.ts';
import { judge } from '../../src/measure/judge.ts';
import { undoIn } from '../../src/measure/undo.ts';
import type { Told } from './support/world.ts';
import { changed, logOf, phase, planOf, probe, step, watched } from './support/world.ts';

const plan = planOf({ probes: [probe('read')], steps: [step('lose', 'inject')], objectives: { rtoMs: 60_000 } });
const part = { step: 'lose', part: 'acl' };
const stuck: readonly Told[] = [
  phase(4_990, 'inject'),
  ...changed(5_000, 'lose').map(([ms, event]): Told => [ms, 'part' in event ? { ...event, ...part } : event]),
  phase(15_000, 'undo'),
  [15_000, { type: 'step.undoing', ...part }],
  [15_100, { type: 'step.undo-failed', ...part, error: { code: 'denied', message: 'not allowed' } }],
  [20_000, { type: 'run.closing' }],
  [20_500, { type: 'run.finished', judgement: {} as Judgement }],
];
const retried: readonly Told[] = [
  [60_000, { type: 'undo.retried', by: 'grace', owner: 'b' }],
  [60_100, { type: 'step.undoing', ...part }],
  [60_200, { type: 'step.undone', ...part }],
  [60_300, { type: 'undo.ended', undo: 'complete', left: [] }],
];

/** As if the entry had been written on another host, whose clock began an hour ago. */
const elsewhere = (entry: LogEntry): LogEntry => {
  const { event } = entry;
  return { ...entry, event: { ...event, mark: { ...event.mark, clockId: 'boot-2', ns: '3600000000000' } } };
};

describe('what was taken back after the end', () => {
  const samples = watched('read', 20_000, [[5_000, 8_000]]).map((sample, n) =>
    n % 2 === 0 ? sample : { ...sample, clockId: 'boot-2' },
  );

  test('changes nothing in the verdict, whichever host it was done on', () => {
    const end = logOf(plan, stuck);
    const later = logOf(plan, [...stuck, ...retried]).slice(end.length);
    const verdict = judge({ plan, entries: end, samples, readbacks: [] });
    expect(verdict).toMatchObject({ undo: 'incomplete', exitCode: 5 });
    expect(judge({ plan, entries: [...end, ...later], samples, readbacks: [] })).toEqual(verdict);
    expect(judge({ plan, entries: [...end, ...later.map(elsewhere)], samples, readbacks: [] })).toEqual(verdict);
  });

  test('counts for where the run leaves the estate', () => {
    expect(undoIn(plan, logOf(plan, stuck))).toMatchObject({ state: 'incomplete', left: [expect.any(String)] });
    expect(undoIn(plan, logOf(plan, [...stuck, ...retried]))).toEqual({ state: 'complete', left: [] });
  });
});
