/** What steps may do in which phase, and that everything a drill does can be taken back or is dealt with. */
import type { Model } from '../model.ts';
import { changesEstate } from '../model.ts';
import type { StepInfo } from '../steps.ts';
import { child } from '../tree.ts';

export function checkSteps(model: Model, pivots: readonly StepInfo[]): void {
  const { steps, report, root } = model;
  const happens = steps.some(({ phase }) => ['inject', 'recover', 'verify'].includes(phase));
  if (!happens && !model.stepsUncertain) {
    const at = root.entries.find(({ key }) => key === 'name')?.keyAt ?? root.at;
    report.add('no-steps', at, 'nothing happens in this drill: it needs inject, recover or verify');
  }
  for (const step of steps) {
    checkPhase(step, model);
    checkFor(step, model);
    checkKeep(step, pivots, model);
  }
  checkUndoSteps(model, pivots);
  if (pivots.length > 0 && !model.stepsUncertain) checkCoverage(model, pivots);
}

function checkPhase({ id, phase, spec, at }: StepInfo, { report }: Model): void {
  if (!spec) return;
  const allowed = spec.phases ?? (spec.effect === 'undo' ? ['failback'] : undefined);
  if (allowed) {
    const message = `'${id}' can't stand in ${phase}: ${spec.name} belongs in ${allowed.join(' or ')}`;
    if (!allowed.includes(phase)) report.add('step-in-wrong-phase', at, message);
  } else if (phase === 'verify' && spec.effect !== 'observes') {
    report.add('change-in-verify', at, `'${id}' changes things: not in verify`);
  }
}

function checkFor({ id, phase, spec, node }: StepInfo, { report }: Model): void {
  const given = node.entries.find(({ key }) => key === 'for');
  if (!given || !spec || spec.needsFor === true) return;
  if (phase === 'inject' && spec.effect !== 'observes') return;
  const message = `'${id}' takes no 'for': it is how long a fault of inject lasts, or a wait`;
  report.add('for-not-allowed', given.keyAt, message);
}

function checkKeep(step: StepInfo, pivots: readonly StepInfo[], { report, steps, stepsUncertain }: Model): void {
  const { id, spec, node, at } = step;
  const given = node.entries.find(({ key }) => key === 'keep');
  if (given && spec && !changesEstate(step)) {
    report.add('keep-not-allowed', given.keyAt, `'${id}' changes nothing: there is nothing to keep`);
  }
  const isPivot = pivots.includes(step);
  const oneWay = isPivot || (spec?.irreversible === true && spec.promotes === undefined);
  const hasFailback = steps.some(({ phase }) => phase === 'failback');
  if (!oneWay || given || hasFailback || stepsUncertain) return;
  report.add('irreversible', at, `'${id}' can't be undone: add a failback, or say with 'keep' why it may stay`);
}

function checkUndoSteps({ steps, report }: Model, pivots: readonly StepInfo[]): void {
  const undone = new Set<string>();
  for (const step of steps) {
    const of = steps.find(({ id }) => id === step.undoes);
    if (!of) continue;
    const at = child(step.node, 'with', 'step')?.at ?? step.at;
    if (undone.has(of.id)) report.add('undone-twice', at, `'${of.id}' is undone twice`);
    else if (of.read.for !== undefined && of.phase === 'inject') {
      report.add('undone-twice', at, `'${of.id}' is undone twice: its 'for' does it already`);
    }
    undone.add(of.id);
    if (pivots.includes(of) || of.spec?.irreversible === true) {
      report.add('nothing-to-undo', at, `'${of.id}' can't be undone: there is no way back from ${of.spec!.name}`);
    } else if (of.spec && !changesEstate(of)) {
      report.add('nothing-to-undo', at, `'${of.id}' changes nothing: there is nothing to undo`);
    }
  }
}

/** With a pivot nothing is undone by itself: failback deals with all that was changed before it. */
function checkCoverage({ steps, report }: Model, pivots: readonly StepInfo[]): void {
  const failback = steps.filter(({ phase }) => phase === 'failback');
  if (failback.length === 0) return;
  const touched = new Set(
    failback.filter(changesEstate).flatMap((step) => [...step.targets.values()].map(({ ref }) => ref)),
  );
  const undone = new Set(failback.map(({ undoes }) => undoes));
  for (const step of steps) {
    if (step.phase === 'failback' || !changesEstate(step) || pivots.includes(step)) continue;
    if (child(step.node, 'keep') || child(step.node, 'for') || undone.has(step.id)) continue;
    const takenUp = step.spec?.fault !== true && [...step.targets.values()].some(({ ref }) => touched.has(ref));
    if (takenUp) continue;
    const message = `failback leaves '${step.id}' as it is: undo it there, or say with 'keep' why it may stay`;
    report.add('not-covered-by-failback', step.at, message);
  }
}
