/** Limits that contradict each other, and schedules that nobody would survive. */
import type { Hazard } from '../../domain/hazard.ts';
import { unasked } from '../../domain/hazard.ts';
import type { Model } from '../model.ts';
import { isPointInTime } from '../schema.ts';
import type { StepInfo } from '../steps.ts';
import { child, entryOf, itemsOf, textChild } from '../tree.ts';
import { formatDuration } from './format.ts';

export function checkLimits(model: Model, pivots: readonly StepInfo[]): void {
  checkRto(model);
  for (const { root } of model.parts) checkWindows(root, model);
  checkStopOn(model);
  checkProduction(model, pivots);
  checkAssumedLocation(model);
}

function checkRto({ root, sections, report }: Model): void {
  const { guardrails } = sections;
  const rtoMs = sections.objectives?.rto;
  if (rtoMs === undefined || rtoMs <= guardrails.maxDurationMs) return;
  const said = `rto is ${formatDuration(rtoMs)}, but the drill is stopped after ${formatDuration(guardrails.maxDurationMs)}`;
  report.add('rto-beyond-duration', child(root, 'objectives', 'rto')!.at, `${said} (guardrails.maxDuration)`);
}

function checkWindows(root: Model['root'], { report }: Model): void {
  const guardrails = child(root, 'guardrails');
  for (const node of [child(guardrails, 'window'), ...itemsOf(child(guardrails, 'blackout'))]) {
    const [from, to] = [textChild(node, 'from'), textChild(node, 'to')];
    if (!from || !to || ![from, to].every(({ text }) => isPointInTime(text))) continue;
    // A last day without a time of day includes that day.
    const ends = to.text.includes('T') || to.text.includes(':') ? to.text : `${to.text}~`;
    if (ends > from.text) continue;
    report.add('window-ends-before-start', to.at, `the window ends at ${to.text}, before it starts at ${from.text}`);
  }
}

function checkStopOn({ parts, report }: Model): void {
  for (const item of parts.flatMap(({ root }) => itemsOf(child(root, 'guardrails', 'stopOn')))) {
    if (item.kind !== 'map') continue;
    const [alarm, probe, bad] = ['alarm', 'probe', 'bad'].map((key) => entryOf(item, key));
    if (alarm && probe) report.add('wrong-shape', probe.keyAt, 'alarm and probe: write two entries');
    else if (!alarm && !probe) report.add('missing-key', item.at, "'stopOn' needs 'alarm' or 'probe'");
    else if (probe && !bad)
      report.add('missing-key', item.at, "'stopOn' needs 'bad': for how long the probe must be bad");
    else if (alarm && bad) report.add('unknown-key', bad.keyAt, "'bad' goes with a probe: an alarm has its own period");
  }
}

/** Nobody is there to consent when a schedule starts what hits production. */
function checkProduction(model: Model, pivots: readonly StepInfo[]): void {
  const { steps, locations, scheduled, stepsUncertain, report, root } = model;
  if (!scheduled || stepsUncertain) return;
  const production = [...locations.values()].filter((location) => location.production === true).map(({ name }) => name);
  const [hit] = unasked(
    steps.map((step) => hazardOf(step, pivots)),
    production,
  );
  if (!hit) return;
  const { id, phase } = hit.step;
  const where = phase === 'inject' ? 'to baseline' : 'before it, to baseline or decide';
  const message = `'${id}' hits production on a schedule, and nobody is asked before: add an approval ${where}`;
  report.add('production-needs-approval', entryOf(root, 'schedule')!.keyAt, message);
}

const hazardOf = (step: StepInfo, pivots: readonly StepInfo[]): Hazard & { id: string } => ({
  id: step.id,
  phase: step.phase,
  group: step.group,
  effect: step.spec?.effect ?? 'observes',
  fault: step.phase === 'inject' && step.spec?.fault === true,
  pivot: pivots.includes(step),
  asks: step.spec?.asks === true,
  locations: [...[...step.targets.values()].map(({ target }) => target?.location?.name), ...step.locations],
});

function checkAssumedLocation({ sections, locations, root, report }: Model): void {
  const name = sections.assume?.regionApiUnavailable;
  if (name === undefined || locations.has(name)) return;
  report.add('unknown-location', child(root, 'assume', 'regionApiUnavailable')!.at, `no location '${name}'`);
}
