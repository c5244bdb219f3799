/** What a run does not prove, and what its plan found beforehand: sentences for every reporter. */
import type { FindingRecord, RunRecord } from '../domain/record.ts';
import { counted, declaredMs, duration, listed, sentence } from './quantities.ts';
import { ageNotProven, notAskedFor } from './restored.ts';

/** Findings of the plan that limit what a run can prove; the others are notes. */
const unprovable: ReadonlySet<string> = new Set([
  'position-unknown',
  'control-plane-only',
  'control-plane-stays',
  'lag-unprovable',
]);

/** What the plan found and a reader should know, besides what is listed as not proven. */
export const planNotes = (record: RunRecord): string[] => findingsOf(record, ({ code }) => !unprovable.has(code));

/** What the plan found, each once, with where it is so unless the drill is about one region alone. */
function findingsOf({ findings, regions }: RunRecord, which: (finding: FindingRecord) => boolean): string[] {
  const texts = findings.filter(which).map(({ message, regions: where = [] }) => {
    const place = regions.length > 1 && where.length > 0 && !where.every((region) => message.includes(region));
    return `${place ? `${where.join(', ')}: ` : ''}${sentence(message)}`;
  });
  return [...new Set(texts)];
}

/** What this run does not show, so that nobody reads more into it. */
export function notProven(record: RunRecord): string[] {
  const { notAws, recovery, recoveryLabel, approvals } = record;
  const { measured, rpo, declared } = recovery;
  const unanswered = rpo?.indeterminateWrites ?? 0;
  const automatic = approvals.filter((approval) => approval.automatic).length;
  return [
    notAws === 'lab' && 'Anything about AWS: this ran in the local lab, on processes of one machine.',
    (notAws === 'local-endpoint' || notAws === 'emulated-account') &&
      'Anything about AWS: this ran against something that answers in its place.',
    rpo &&
      !rpo.exercised &&
      `${rpo.recoveryPoints ? 'The age of the data' : 'Loss of writes'}: ${rpo.why ?? 'replication was never cut'}.`,
    unanswered > 0 &&
      `The fate of ${counted(unanswered, 'write')} that got no answer: counted neither as acknowledged nor as lost.`,
    declaredMs(recovery) > 0 &&
      `The time people need: ${declaredWords(declared)} ${declared.detectionMs && declared.decisionMs ? 'are' : 'is'} declared, not measured.`,
    automatic > 0 && `A decision by a person: ${counted(automatic, 'approval')} came automatically.`,
    recoveryLabel === 'simulated-provider' &&
      "The provider's own detection and failover: the drill started it by hand.",
    measured?.clock === 'wall' &&
      'Sub-second precision: the measurement spans two hosts, so their wall clocks stand behind it.',
    rpo?.peakReplicaLagMs !== undefined &&
      rpo.upperMs !== undefined &&
      rpo.peakReplicaLagMs > rpo.upperMs &&
      `The worst loss: replication lagged by up to ${duration(rpo.peakReplicaLagMs, 'up')} in the last 30 days.`,
    ...ageNotProven(recovery),
    ...notAskedFor(record),
    ...findingsOf(record, ({ code }) => unprovable.has(code)),
  ].filter((text) => typeof text === 'string');
}

const declaredWords = ({ detectionMs, decisionMs }: RunRecord['recovery']['declared']): string =>
  listed([
    ...(detectionMs ? [`${duration(detectionMs)} to notice`] : []),
    ...(decisionMs ? [`${duration(decisionMs)} to decide`] : []),
  ]) || 'the human part';
