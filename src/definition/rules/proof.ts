/** That a drill would prove something: what is promised is measured, and what is injected is seen. */
import { injected } from '../model.ts';
import type { Model } from '../model.ts';
import { paramAt } from '../steps.ts';
import type { StepInfo } from '../steps.ts';
import { child, entryOf, textChild } from '../tree.ts';
import { formatDuration } from './format.ts';

export function checkProof(model: Model, pivots: readonly StepInfo[]): void {
  if (!model.stepsUncertain && !model.probesUncertain) {
    checkFaultIsSeen(model);
    checkObjectivesAreMeasured(model, pivots);
    checkProbesHaveFault(model);
    checkFailbackIsDrilled(model, pivots);
  }
  checkFaultLasts(model);
  checkAssumedRegion(model);
  warnCoarseProbes(model);
  warnFlipBeforePromote(model, pivots);
}

function checkFaultIsSeen({ steps, probes, report }: Model): void {
  const [first] = injected(steps);
  if (!first) return;
  if (probes.size === 0) {
    const message = `'${first.id}' is a fault that no probe watches: nobody would know what it did`;
    report.add('fault-without-probe', first.at, message);
  } else if ([...probes.values()].every(({ expect }) => expect === 'holds' || expect === 'any')) {
    const at = [...probes.values()][0]!.at;
    const message = `all probes hold: nothing shows that '${first.id}' took effect (let one recover, break or appear)`;
    report.add('nothing-shows-fault', at, message);
  }
}

function checkObjectivesAreMeasured({ steps, probes, report, root }: Model, pivots: readonly StepInfo[]): void {
  const objectives = entryOf(root, 'objectives');
  const given = (key: string) => entryOf(objectives?.value, key);
  const recovering = [...probes.values()].find(({ expect }) => expect === 'recovers');
  const disturbed = injected(steps).length > 0 || pivots.length > 0;
  const rto = given('rto') ?? given('recovery');
  if (recovering && !given('rto')) {
    const at = objectives?.keyAt ?? recovering.at;
    report.add('missing-key', at, `'objectives' needs 'rto': probe '${recovering.name}' recovers`);
  }
  const restores = probes.size === 0 && steps.some(({ phase }) => phase === 'recover');
  if (rto && !recovering && (disturbed || !restores)) {
    report.add(
      'rto-needs-probe',
      rto.keyAt,
      `'${rto.key}' needs a probe that recovers: no other can show how long it took`,
    );
  }
  const rpo = given('rpo');
  if (rpo && disturbed && ![...probes.values()].some(({ spec }) => spec?.canary === true)) {
    report.add('rpo-needs-canary', rpo.keyAt, "'rpo' needs a canary: only numbered writes show what was lost");
  }
}

function checkProbesHaveFault({ steps, probes, report }: Model): void {
  if (injected(steps).length > 0) return;
  for (const { name, expect, node, at } of probes.values()) {
    if (expect !== 'breaks' && expect !== 'appears') continue;
    const message = `probe '${name}' ${expect}, but nothing is injected`;
    report.add('breaks-needs-fault', child(node, 'expect')?.at ?? at, message);
  }
}

/** A way back is failback, or the undoing of a fault. What a restore made is deleted where nobody sees it. */
function checkFailbackIsDrilled({ steps, report, root }: Model, pivots: readonly StepInfo[]): void {
  const promised = entryOf(entryOf(root, 'objectives')?.value, 'failback');
  const isUndone = injected(steps).length > 0 && pivots.length === 0;
  if (!promised || isUndone || steps.some(({ phase }) => phase === 'failback')) return;
  const message = "'failback' promises what nothing here shows: add a failback, or leave the promise out";
  report.add('failback-not-drilled', promised.keyAt, message);
}

/** A fault that ends by itself must outlast everything up to the end of detect. */
function checkFaultLasts({ steps, report }: Model): void {
  if (!steps.some(({ phase }) => phase === 'detect')) return;
  for (const step of steps) {
    const { for: forMs } = step.read;
    if (step.phase !== 'inject' || step.spec?.fault !== true || forMs === undefined) continue;
    const after = steps.filter(({ group, phase }) => group > step.group && (phase === 'inject' || phase === 'detect'));
    const neededMs = sumOfGroups(after);
    if (forMs >= neededMs) continue;
    const message = `'for' ends '${step.id}' after ${formatDuration(forMs)}, but detect may take until ${formatDuration(neededMs)}`;
    report.add('fault-ends-before-detect', child(step.node, 'for')!.at, message);
  }
}

function sumOfGroups(steps: readonly StepInfo[]): number {
  const longest = new Map<number, number>();
  for (const { group, phase, read, spec } of steps) {
    const lastsMs = phase === 'detect' && spec?.needsFor !== true ? (read.timeout ?? spec?.timeoutMs ?? 0) : 0;
    const waitsMs = spec?.needsFor === true ? (read.for ?? 0) : 0;
    longest.set(group, Math.max(longest.get(group) ?? 0, lastsMs, waitsMs));
  }
  return [...longest.values()].reduce((sum, ms) => sum + ms, 0);
}

/** A drill that assumes a region's control plane away must not lean on it. */
function checkAssumedRegion({ steps, sections, locations, report }: Model): void {
  const location = sections.assume?.regionApiUnavailable;
  const region = location === undefined ? undefined : locations.get(location)?.region;
  if (region === undefined) return;
  for (const step of steps) {
    if (!['detect', 'decide', 'recover'].includes(step.phase)) continue;
    for (const [key, { target }] of step.targets) {
      if (target?.location?.region !== region) continue;
      const fences = step.spec?.fences === key;
      if (fences && textChild(child(step.node, 'with'), 'ifUnconfirmed')?.text === 'proceed') continue;
      const message = fences
        ? `'${step.id}' can't be confirmed while ${region} is assumed unavailable: say ifUnconfirmed: proceed`
        : `'${step.id}' calls ${region}, which is assumed unavailable: use a probe or something of the other region`;
      report.add('region-assumed-unavailable', paramAt(step, key), message);
    }
  }
}

/** How many looks must fit into the objective for the figure to mean something. */
const looksPerObjective = 10;

function warnCoarseProbes({ probes, sections, report }: Model): void {
  const rtoMs = sections.objectives?.rto ?? sections.objectives?.recovery;
  if (rtoMs === undefined || rtoMs === 0) return;
  for (const { name, expect, everyMs, node, at } of probes.values()) {
    if (expect !== 'recovers' || everyMs * looksPerObjective <= rtoMs) continue;
    const message = `probe '${name}' is coarse for an rto of ${formatDuration(rtoMs)}: it looks every ${formatDuration(everyMs)}`;
    report.add('coarse-probe', child(node, 'every')?.at ?? at, message, { severity: 'warning' });
  }
}

function warnFlipBeforePromote({ steps, report }: Model, pivots: readonly StepInfo[]): void {
  for (const step of steps) {
    const flips = [...step.targets.values()].some(({ target }) => target?.spec?.type === 'route53/record');
    if (!flips || step.spec?.effect !== 'changes') continue;
    const later = pivots.find(({ phase, group }) => phase === step.phase && group > step.group);
    if (!later) continue;
    const message = `'${step.id}' sends users over before '${later.id}' promotes: their writes fail until then`;
    report.add('flip-before-promote', step.at, message, { severity: 'warning' });
  }
}
