/**
 * A time line as inline SVG: a lane for each probe, the fault and the way back on top, what the drill did below. Trouble
 * differs from health by height as well as by colour, so it reads in black and white.
 */
import { duration, interval } from './quantities.ts';
import type { Markup } from './markup.ts';
import { html } from './markup.ts';
import type { Lane, LaneCell, Span, StepBar, Timeline } from './timeline.ts';
import type { Interval } from '../domain/record.ts';

const width = 1_000;
const left = 112;
const right = 966;
const laneHeight = 26;
const laneGap = 10;
const goodHeight = 8;
const stepHeight = 18;
const charWidth = 6.6;

/** Where milliseconds lie in the drawing. */
interface Scale {
  span: Span;
  x(ms: number): number;
}

function scaleOf(span: Span): Scale {
  const factor = (right - left) / Math.max(1, span.toMs - span.fromMs);
  const inside = (ms: number): number => Math.min(span.toMs, Math.max(span.fromMs, ms));
  return { span, x: (ms) => round(left + (inside(ms) - span.fromMs) * factor) };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/**
 * @param span the part of the run to draw
 * @param measured the outage's bounds, written above the shaded stretch
 */
export function timelineSvg(timeline: Timeline, span: Span, measured: Interval | undefined, label: string): Markup {
  const scale = scaleOf(span);
  const overlaps = ({ fromMs, toMs }: Span): boolean => toMs >= span.fromMs && fromMs <= span.toMs;
  const flags = placeFlags(
    timeline.marks.filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.toMs),
    scale,
  );
  const shade = timeline.outage && measured && overlaps(timeline.outage.upper) ? timeline.outage : undefined;
  const flagRows = Math.max(0, ...flags.map(({ row }) => row + 1));
  const shadeTop = 10 + flagRows * 17;
  const lanesTop = shadeTop + (shade ? 24 : 8);
  const lanesEnd = lanesTop + timeline.lanes.length * (laneHeight + laneGap);
  const phasesTop = lanesEnd + 8;
  const steps = timeline.steps.filter(overlaps);
  const stepsTop = phasesTop + 34;
  const axisTop = stepsTop + steps.length * stepHeight + 8;
  const height = axisTop + 40;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
    ${shade && shadeParts(shade, measured!, scale, shadeTop, axisTop)}
    ${ticksOf(span).map((tick) => tickParts(tick, scale, lanesTop, axisTop))}
    ${flags.map((flag) => flagParts(flag, scale, axisTop))}
    ${timeline.lanes.map((lane, n) => laneParts(lane, scale, lanesTop + n * (laneHeight + laneGap)))}
    <text class="s end" x="${left - 12}" y="${phasesTop + 15}">phase</text>
    ${timeline.phases.filter(overlaps).map((phase, n) => phaseParts(phase, n, scale, phasesTop))}
    ${steps.length > 0 && html`<text class="s end" x="${left - 12}" y="${stepsTop + 12}">steps</text>`}
    ${steps.map((step, n) => stepParts(step, scale, stepsTop + n * stepHeight))}
    <text class="s mid" x="${(left + right) / 2}" y="${height - 4}">time since ${originWords[timeline.origin]}</text>
  </svg>`;
}

const originWords: Record<Timeline['origin'], string> = {
  fault: 'the fault',
  'recovery began': 'recovery began',
  'run started': 'the run started',
};

type Flag = Timeline['marks'][number] & { row: number; flip: boolean };

/** Labels get rows of their own where they would overlap; near the right edge they stand left of their line. */
function placeFlags(marks: Timeline['marks'], scale: Scale): Flag[] {
  const rows: number[] = [];
  return marks
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((mark) => {
      const x = scale.x(mark.atMs);
      const long = mark.label.length * charWidth + 12;
      const flip = x + long > width;
      const start = flip ? x - long : x;
      const free = rows.findIndex((end) => end <= start);
      const row = free < 0 ? rows.length : free;
      rows[row] = start + long;
      return { ...mark, row, flip };
    });
}

function flagParts({ atMs, label, tone, row, flip }: Flag, scale: Scale, bottom: number): Markup {
  const x = scale.x(atMs);
  const y = 16 + row * 17;
  return html`<line class="m-${tone}" x1="${x}" x2="${x}" y1="${y - 9}" y2="${bottom}" /><text
      class="t-${tone} ${flip ? 'end' : ''}"
      x="${flip ? x - 5 : x + 5}"
      y="${y}"
      >${label}</text
    >`;
}

function shadeParts(
  { lower, upper }: NonNullable<Timeline['outage']>,
  measured: Interval,
  scale: Scale,
  top: number,
  bottom: number,
): Markup {
  const band = (kind: string, { fromMs, toMs }: Span): Markup =>
    html`<rect
      class="${kind}"
      x="${scale.x(fromMs)}"
      y="${top}"
      width="${widthOf(scale, fromMs, toMs)}"
      height="${bottom - top}"
    />`;
  const from = scale.x(upper.fromMs);
  const to = scale.x(upper.toMs);
  const text = `unavailable ${interval(measured)}`;
  const roomy = to - from > text.length * charWidth + 10;
  const at = roomy ? (from + to) / 2 : to + 6;
  return html`${band('upper', upper)}${band('lower', lower)}<path
      class="edge"
      d="M${from} ${top + 6}v-6H${to}v6"
    /><text class="t-fault ${roomy && 'mid'}" x="${at}" y="${top + 16}">${text}</text>`;
}

const widthOf = (scale: Scale, fromMs: number, toMs: number): number =>
  Math.max(0.8, round(scale.x(toMs) - scale.x(fromMs)));

function laneParts({ probe, cells }: Lane, scale: Scale, top: number): Markup {
  const inside = cells.filter(({ fromMs, toMs }) => toMs > scale.span.fromMs && fromMs < scale.span.toMs);
  return html`<text class="b end" x="${left - 12}" y="${top + 17}">${shorten(probe, 15)}<title>${probe}</title></text
    >${inside.map((cell) => cellParts(cell, scale, top))} `;
}

function cellParts(cell: LaneCell, scale: Scale, top: number): Markup {
  const { fromMs, toMs, bad, indeterminate, unknown } = cell;
  const x = scale.x(fromMs);
  const wide = widthOf(scale, fromMs, toMs);
  const failing = bad + indeterminate;
  const bar = (kind: string, high: number): Markup =>
    html`<rect
      class="${kind}"
      x="${x}"
      y="${round(top + (laneHeight - high) / 2)}"
      width="${wide}"
      height="${round(high)}"
      >${title(cell)}</rect
    >`;
  const tall = (share: number): number => Math.max(goodHeight + 6, laneHeight * share);
  if (failing === 0) return unknown === 1 ? bar('lane-unknown', goodHeight) : bar('lane-good', goodHeight);
  const kind = bad >= indeterminate ? 'lane-bad' : 'lane-half';
  return failing === 1 ? bar(kind, laneHeight) : html`${bar('lane-good', goodHeight)}${bar(kind, tall(failing))}`;
}

function title({ fromMs, toMs, bad, indeterminate, unknown }: LaneCell): Markup {
  const share = (value: number, word: string): string[] => (value > 0 ? [`${Math.round(value * 100)} % ${word}`] : []);
  const words = [...share(bad, 'failed'), ...share(indeterminate, 'without an answer'), ...share(unknown, 'unknown')];
  return html`<title>${sinceWords(fromMs)} to ${sinceWords(toMs)}: ${words.join(', ') || 'good'}</title>`;
}

const sinceWords = (ms: number): string => `${ms < 0 ? '-' : '+'}${duration(Math.abs(Math.round(ms)))}`;

const shorten = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

function phaseParts({ name, fromMs, toMs }: Timeline['phases'][number], n: number, scale: Scale, top: number): Markup {
  const x = scale.x(fromMs);
  const wide = widthOf(scale, fromMs, toMs);
  const fits = wide > name.length * charWidth + 6;
  return html`<rect class="phase-${n % 2 === 0 ? 'a' : 'b'}" x="${x}" y="${top}" width="${wide}" height="21"
      ><title>${name}: ${duration(toMs - fromMs)}</title></rect
    >${fits && html`<text class="mid" x="${x + wide / 2}" y="${top + 15}">${name}</text>`}`;
}

function stepParts({ id, uses, fromMs, toMs, tone }: StepBar, scale: Scale, top: number): Markup {
  const x = scale.x(fromMs);
  const wide = Math.max(2, widthOf(scale, fromMs, toMs));
  const text = `${id}  ${duration(toMs - fromMs)}`;
  const flip = x + wide + 8 + text.length * charWidth > width;
  return html`<rect class="bar-${tone}" x="${x}" y="${top + 3}" width="${wide}" height="11" rx="2"
      ><title>${id} (${uses}): ${duration(toMs - fromMs)}</title></rect
    ><text class="halo ${flip && 'end'}" x="${flip ? x - 6 : x + wide + 6}" y="${top + 13}"
      >${id} <tspan class="s">${duration(toMs - fromMs)}</tspan></text
    > `;
}

const tickSteps = [
  100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1.8e6, 3.6e6, 7.2e6,
];

function ticksOf({ fromMs, toMs }: Span): number[] {
  const step =
    tickSteps.find((each) => (toMs - fromMs) / each <= 12) ?? Math.ceil((toMs - fromMs) / 12 / 14.4e6) * 14.4e6;
  const first = Math.ceil(fromMs / step) * step;
  return Array.from({ length: Math.floor((toMs - first) / step) + 1 }, (_, n) => first + n * step);
}

function tickParts(ms: number, scale: Scale, top: number, bottom: number): Markup {
  const x = scale.x(ms);
  const text = ms === 0 ? '0' : sinceWords(ms);
  return html`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" /><text
      class="s mid"
      x="${x}"
      y="${bottom + 16}"
      >${text}</text
    >`;
}
