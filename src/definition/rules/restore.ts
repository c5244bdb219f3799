/** That a restore would prove something: what it brings back is looked into, and it is the copy that is looked into. */
import type { Portion } from '../../domain/catalogue.ts';
import { injected } from '../model.ts';
import type { Model } from '../model.ts';
import { paramAt, targetParams } from '../steps.ts';
import type { StepInfo, TargetUse } from '../steps.ts';

export function checkRestore(model: Model, pivots: readonly StepInfo[]): void {
  checkVerifyReadsCopy(model, pivots);
  const isExplained = model.report.has('verify-reads-source');
  if (!model.stepsUncertain && !model.probesUncertain && !isExplained) checkIsVerified(model);
}

/** Where users see recovery, their probes judge it. What a restore brings back has nobody but its verification. */
function checkIsVerified({ steps, probes, report }: Model): void {
  if (injected(steps).length > 0 || [...probes.values()].some(({ expect }) => expect === 'recovers')) return;
  const verifications = steps.filter((step) => isOfPortion(step, 'verify'));
  // Of what could not be read something else is said already.
  if (verifications.some((step) => subjectOf(step) === undefined)) return;
  for (const restore of steps) {
    if (restore.phase !== 'recover' || !isOfPortion(restore, 'restore') || !givesDatabase(restore)) continue;
    if (verifications.some((step) => subjectOf(step)?.outputOf === restore.id)) continue;
    const message = `'${restore.id}' restores what nobody looks into, which proves nothing: verify its output with postgres/verify or mysql/verify`;
    report.add('restore-without-verify', restore.at, message);
  }
}

/** What can be looked into. The copy of a snapshot is part of a restore, and shows nothing by itself. */
const givesDatabase = ({ spec }: StepInfo): boolean =>
  Object.values(spec?.outputs ?? {}).some(
    ({ targetType }) => targetType === 'rds/instance' || targetType === 'sql/database',
  );

/** What a verification looks into, and not what it only compares with. */
const subjectOf = ({ spec, targets }: StepInfo): TargetUse | undefined =>
  spec &&
  targets.get(targetParams(spec).find(([key, , isRequired]) => isRequired && key !== spec.comparesWith)?.[0] ?? '');

const isOfPortion = ({ spec }: StepInfo, portion: Portion): boolean =>
  typeof spec?.portion === 'object' ? Object.values(spec.portion).includes(portion) : spec?.portion === portion;

/** A restore is verified on the copy: the drill has a step that gives it, so the original proves nothing. */
function checkVerifyReadsCopy({ steps, report }: Model, pivots: readonly StepInfo[]): void {
  if (pivots.length > 0 || !steps.some(({ phase, spec }) => phase === 'recover' && spec?.effect === 'creates')) return;
  const bound = new Set(
    steps.flatMap(({ spec, targets }) => [spec?.binds?.as, spec?.promotes].map((key) => targets.get(key ?? '')?.ref)),
  );
  for (const step of steps) {
    if (step.phase !== 'verify' && !isOfPortion(step, 'verify')) continue;
    for (const [key, { ref, target }] of step.targets) {
      const type = target?.spec?.type;
      if (type === undefined || bound.has(ref) || step.spec?.comparesWith === key) continue;
      const maker = steps.find(
        ({ group, spec }) =>
          group < step.group && Object.values(spec?.outputs ?? {}).some(({ targetType }) => targetType === type),
      );
      const isSource = steps.some(({ spec, targets }) =>
        spec?.binds === undefined ? false : targets.get(spec.binds.source)?.ref === ref,
      );
      if (!maker && !isSource) continue;
      const instead = maker ? `an output of '${maker.id}'` : 'what was made';
      const message = `'${step.id}' verifies '${ref}', which was there before: verify ${instead}, never the source`;
      report.add('verify-reads-source', paramAt(step, key), message);
    }
  }
}
