/**
 * A run on one time axis: what each probe saw, when the fault came, what the drill did, how long users were cut off. Pure
 * figures, no drawing. Milliseconds since the fault (without one: since recovery began, else since the start).
 */
import type { Mark } from '../domain/clock.ts';
import { msBetween } from '../domain/clock.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Interval, RunRecord } from '../domain/record.ts';
import type { Sample } from '../domain/sample.ts';
import { storyOf } from './fold.ts';
import type { RunStory, StepStory } from './story.ts';

export interface Span {
  fromMs: number;
  toMs: number;
}

/** A stretch of a lane: how many requests of it failed, got no answer, or say nothing. Shares of 0 to 1; the rest was good. */
export interface LaneCell extends Span {
  bad: number;
  indeterminate: number;
  unknown: number;
}

export interface Lane {
  probe: string;
  cells: readonly LaneCell[];
}

export interface StepBar extends Span {
  id: string;
  uses: string;
  tone: 'fault' | 'pivot' | 'acts' | 'watches' | 'failed';
}

export interface Timeline {
  /** What happened at 0. */
  origin: 'fault' | 'recovery began' | 'run started';
  run: Span;
  /** Where the outage is worth a closer look: from shortly before the fault to the start of failback. */
  focus: Span;
  lanes: readonly Lane[];
  steps: readonly StepBar[];
  phases: readonly (Span & { name: string })[];
  marks: readonly { atMs: number; label: string; tone: 'fault' | 'pivot' | 'quiet' }[];
  /** The outage that surely was, inside the longest that it can have been. */
  outage?: { lower: Span; upper: Span };
  /** Whether lanes come from samples or, coarser, from the log's notices. */
  source: 'samples' | 'log';
}

const mostCells = 400;

export function timelineOf(record: RunRecord, entries: readonly LogEntry[], samples: readonly Sample[] = []): Timeline {
  const story = storyOf(entries);
  const { mark, origin } = originOf(story);
  const at = (of: Mark): number => msBetween(mark, of).ms;
  const run = { fromMs: at(story.started), toMs: at(story.finished?.mark ?? story.newest) };
  const probes = story.plan.probes.map(({ name }) => name);
  const phases = story.phases.map(({ name, started }, n) => ({
    name,
    fromMs: at(started),
    toMs: at(story.phases[n + 1]?.started ?? story.closing ?? story.newest),
  }));
  const shown = samples.filter(({ probe }) => probes.includes(probe));
  const dots = shown.map(({ probe, outcome, clockId, sentNs, at: wall }) => ({
    probe,
    outcome,
    ms: at({ clockId, ns: sentNs, at: wall }),
  }));
  const focus = focusOf(record, run, phases);
  const widthOf = ({ fromMs, toMs }: Span): number => Math.max(1, (toMs - fromMs) / mostCells);
  const [fineMs, coarseMs] = [widthOf(focus), widthOf(run)];
  const cellMsAt = (ms: number): number => (ms >= focus.fromMs && ms < focus.toMs ? fineMs : coarseMs);
  return {
    origin,
    run,
    focus,
    phases,
    lanes: probes.map((probe) => ({
      probe,
      cells:
        dots.length > 0
          ? cellsOf(
              dots.filter((dot) => dot.probe === probe).toSorted((a, b) => a.ms - b.ms),
              cellMsAt,
            )
          : cellsOfNotices(story, probe, at, run.toMs),
    })),
    steps: [...story.steps.values()].flatMap((step) => barOf(step, at, run.toMs)),
    marks: [...story.steps.values()].flatMap((step) => marksOf(step, at)),
    outage: outageOf(record, dots),
    source: dots.length > 0 ? 'samples' : 'log',
  };
}

function originOf(story: RunStory): Pick<Timeline, 'origin'> & { mark: Mark } {
  const steps = [...story.steps.values()];
  const begun = (of: readonly StepStory[]): Mark | undefined =>
    of.flatMap(({ parts }) => parts.filter(({ effect }) => effect)).map(({ begun }) => begun)[0];
  const fault =
    begun(steps.filter(({ step }) => step.fault)) ?? begun(steps.filter(({ step }) => step.phase === 'inject'));
  if (fault) return { origin: 'fault', mark: fault };
  const recovery = story.phases.find(({ name }) => name === 'recover')?.started;
  return recovery ? { origin: 'recovery began', mark: recovery } : { origin: 'run started', mark: story.started };
}

function focusOf(record: RunRecord, run: Span, phases: Timeline['phases']): Span {
  const end = phases.find(({ name }) => name === 'failback' || name === 'undo')?.fromMs ?? run.toMs;
  const outageMs = record.recovery.measured?.upperMs ?? 0;
  const toMs = Math.max(end, Math.min(run.toMs, outageMs * 1.2));
  return { fromMs: Math.max(run.fromMs, -Math.max(1_000, toMs * 0.12)), toMs };
}

interface Dot {
  probe: string;
  outcome: Sample['outcome'];
  ms: number;
}

/** Neighbouring requests in one cell, finer where the reader looks closer; equal neighbours become one. A request stands for the time until the next one. */
function cellsOf(dots: readonly Dot[], cellMsAt: (ms: number) => number): LaneCell[] {
  const cells: LaneCell[] = [];
  for (let n = 0; n < dots.length;) {
    const fromMs = dots[n]!.ms;
    const cellMs = cellMsAt(fromMs);
    let next = n + 1;
    while (next < dots.length && dots[next]!.ms < fromMs + cellMs) next += 1;
    const own = dots.slice(n, next);
    const share = (outcome: Sample['outcome']): number =>
      own.filter((dot) => dot.outcome === outcome).length / own.length;
    const rest = next < dots.length ? dots[next]!.ms : dots.at(-1)!.ms + cellMs;
    push(cells, {
      fromMs,
      toMs: rest,
      bad: share('bad'),
      indeterminate: share('indeterminate'),
      unknown: share('unknown'),
    });
    n = next;
  }
  return cells;
}

function push(cells: LaneCell[], cell: LaneCell): void {
  const last = cells.at(-1);
  const same = last?.bad === cell.bad && last.indeterminate === cell.indeterminate && last.unknown === cell.unknown;
  if (same) last.toMs = cell.toMs;
  else cells.push(cell);
}

function cellsOfNotices(story: RunStory, probe: string, at: (mark: Mark) => number, endMs: number): LaneCell[] {
  const changes = story.probeChanges.filter((change) => change.probe === probe);
  return changes.map(({ state, since }, n) => ({
    fromMs: at(since),
    toMs: changes[n + 1] ? at(changes[n + 1]!.since) : endMs,
    bad: state === 'bad' ? 1 : 0,
    indeterminate: 0,
    unknown: state === 'unknown' ? 1 : 0,
  }));
}

function barOf({ step, started, ended, error }: StepStory, at: (mark: Mark) => number, endMs: number): StepBar[] {
  if (!started) return [];
  const acts = step.effect === 'observes' ? 'watches' : 'acts';
  const tone = error ? 'failed' : step.fault ? 'fault' : step.pivot === undefined ? acts : 'pivot';
  return [{ id: step.id, uses: step.uses, fromMs: at(started), toMs: ended ? at(ended) : endMs, tone }];
}

/** What a reader looks for on the axis: the fault, when it was lifted, promotions, and what else sent users elsewhere. */
function marksOf({ step, parts, undone, succeeded, ended }: StepStory, at: (mark: Mark) => number): Timeline['marks'] {
  const applied = parts.find((part) => part.effect)?.begun;
  if (!applied) return [];
  if (step.fault) {
    const lifted = undone ? [{ atMs: at(undone), label: `${step.id} lifted`, tone: 'quiet' as const }] : [];
    return [{ atMs: at(applied), label: `fault: ${step.id}`, tone: 'fault' }, ...lifted];
  }
  if (!succeeded || !ended) return [];
  if (step.pivot !== undefined) return [{ atMs: at(ended), label: step.id, tone: 'pivot' }];
  if (!step.uses.startsWith('route53/')) return [];
  const back = undone ? [{ atMs: at(undone), label: `${step.id} taken back`, tone: 'quiet' as const }] : [];
  return [{ atMs: at(ended), label: step.id, tone: 'pivot' }, ...back];
}

/** The measured interval, put where the samples of its probes show it. */
function outageOf({ recovery: { measured } }: RunRecord, dots: readonly Dot[]): Timeline['outage'] {
  if (!measured || measured.upperMs === 0) return undefined;
  const edges = Object.keys(measured.perProbe).flatMap((probe) => edgeOf(dots.filter((dot) => dot.probe === probe)));
  if (edges.length === 0) return undefined;
  const from = (pick: (edge: (typeof edges)[number]) => number, width: number): Span => {
    const fromMs = Math.min(...edges.map(pick));
    return { fromMs, toMs: fromMs + width };
  };
  const { lowerMs, upperMs }: Interval = measured;
  return { lower: from(({ firstBad }) => firstBad, lowerMs), upper: from(({ lastGood }) => lastGood, upperMs) };
}

function edgeOf(dots: readonly Dot[]): { lastGood: number; firstBad: number }[] {
  const sorted = dots.toSorted((a, b) => a.ms - b.ms);
  const isBad = ({ outcome }: Dot): boolean => outcome === 'bad' || outcome === 'indeterminate';
  const first = sorted.findIndex((dot) => dot.ms >= 0 && isBad(dot));
  if (first < 0) return [];
  const firstBad = sorted[first]!.ms;
  return [{ firstBad, lastGood: sorted.slice(0, first).findLast(({ outcome }) => outcome === 'good')?.ms ?? firstBad }];
}
