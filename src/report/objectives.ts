/** What was promised of a run against what was measured, a line for each objective, as every reporter shows it. */
import type { Interval, RunRecord } from '../domain/record.ts';
import { atMost, counted, declaredMs, duration, interval } from './quantities.ts';
import { lookedAtData, recoveryPointNote } from './restored.ts';

/** Promise against measurement. */
export interface ObjectiveLine {
  name: 'RTO' | 'recovery' | 'RPO' | 'failback RTO' | 'failback RPO';
  /** `20 min`; absent when nothing was promised. */
  promised?: string;
  /** `6.2 to 6.6 s`; absent when not measured. */
  measured?: string;
  /** `not shown`: what was measured neither keeps the promise nor breaks it. */
  outcome: 'met' | 'missed' | 'not measured' | 'not shown' | 'no promise';
  /** How the figure came about. */
  note?: string;
  /** Share of the promise that was used up: 1 is all of it. */
  usedShare?: number;
}

/** Every objective that was promised or measured. Upper bounds are judged. */
export function objectiveLines(record: RunRecord): ObjectiveLine[] {
  const { objectives, recovery, kind } = record;
  const { measured, rto, rpo } = recovery;
  const declared = declaredMs(recovery);
  const parts =
    measured && declared > 0 ? `${interval(measured)} measured + ${duration(declared)} declared` : undefined;
  const ofRpo = (of: typeof rpo) => (of?.exercised && of.upperMs !== undefined ? point(of.upperMs) : undefined);
  const shown = kind !== 'restore' || lookedAtData(record);
  const lines = [
    inTime(line('RTO', objectives.rtoMs, rto, parts), shown),
    inTime(line('recovery', objectives.recoveryMs, measured, 'measured part alone'), shown),
    rpoLine(objectives.rpoMs, ofRpo(rpo), rpo),
    line('failback RTO', objectives.failbackMs, recovery.failback?.rto),
    line('failback RPO', objectives.failbackRpoMs, ofRpo(recovery.failback?.rpo), rpoNote(recovery.failback?.rpo)),
  ];
  return lines.filter(({ name, outcome, measured }) => {
    if (outcome !== 'no promise') return true;
    return measured !== undefined && name !== 'recovery';
  });
}

/** What was restored in time, and nobody looked into, keeps no promise. */
const inTime = (figures: ObjectiveLine, shown: boolean): ObjectiveLine =>
  shown || figures.outcome !== 'met'
    ? figures
    : {
        ...figures,
        outcome: 'not shown',
        usedShare: undefined,
        note: [figures.note, 'nothing was checked'].filter(Boolean).join('; '),
      };

/**
 * A backup older than what is promised breaks the promise, whether or not its data is there; one that is at least so old keeps
 * none.
 */
function rpoLine(
  promisedMs: number | undefined,
  exercised: Interval | undefined,
  rpo: RunRecord['recovery']['rpo'],
): ObjectiveLine {
  const oldestMs = rpo?.recoveryPointAgeMs ?? rpo?.lowerMs;
  const tooOld = promisedMs !== undefined && oldestMs !== undefined && oldestMs > promisedMs;
  const figures = line('RPO', promisedMs, exercised ?? (tooOld ? point(oldestMs) : undefined), rpoNote(rpo));
  if (rpo?.lowerMs === undefined) return figures;
  const outcome = figures.outcome === 'not measured' ? 'not shown' : figures.outcome;
  return { ...figures, outcome, measured: `at least ${duration(rpo.lowerMs, 'down')}` };
}

const point = (ms: number) => ({ lowerMs: ms, upperMs: ms });

function line(
  name: ObjectiveLine['name'],
  promisedMs: number | undefined,
  found: { lowerMs: number; upperMs: number } | undefined,
  note?: string,
): ObjectiveLine {
  const promised = promisedMs === undefined ? undefined : atMost(promisedMs);
  const base = { name, promised, measured: found && written(name, found), note };
  if (promisedMs === undefined) return { ...base, outcome: 'no promise' };
  if (!found) return { ...base, outcome: 'not measured' };
  const usedShare = promisedMs > 0 ? found.upperMs / promisedMs : undefined;
  return { ...base, outcome: found.upperMs <= promisedMs ? 'met' : 'missed', usedShare };
}

function written(name: ObjectiveLine['name'], found: { lowerMs: number; upperMs: number }): string {
  if (found.upperMs === 0) return 'none';
  return name.endsWith('RPO') ? duration(found.upperMs, 'up') : interval(found);
}

function rpoNote(rpo: RunRecord['recovery']['rpo']): string | undefined {
  if (!rpo) return undefined;
  if (rpo.recoveryPoints) return recoveryPointNote(rpo);
  if (!rpo.exercised || rpo.upperMs === undefined) return rpo.why;
  const { lostWrites = 0, ackedWrites = 0 } = rpo;
  return `${lostWrites.toLocaleString('en-US')} of ${counted(ackedWrites, 'acknowledged write')} lost`;
}
