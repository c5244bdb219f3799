/**
 * How old the data is that a restore brought back. Steps say so in their output `recoveryPointAt` (ISO 8601): what finds or restores
 * a backup gives the date that it bears, what verifies it the age of its newest row. The newest word counts, because rows say
 * more than a file's date. A backup that bears no date was uploaded after its data was read, by a second or by a day: it gives a
 * lower bound, by which a promise can be broken and never kept. How old data is that was not proven to be there, nobody can say
 * either: only that what is younger than the backup is lost. Two words that can't both be true are told, and so is a recovery point that lies ahead.
 */
import type { RecoveryPoint } from '../domain/record.ts';
import { verifies } from '../domain/restore.ts';
import { unprovenWhy } from './restores.ts';
import type { Loss } from './rpo.ts';
import type { Story } from './story.ts';
import { durationText } from './wording.ts';

/** Clocks of two machines may be this far apart, milliseconds. */
const skewMs = 5_000;
/** A backup may be dated by when it was begun, and hold what was written until it was complete. Milliseconds. */
const dateTolerance = 60_000;

export function recoveryPointLoss(story: Story): Loss | undefined {
  const recoveryPoints = wordsOf(story);
  const newest = recoveryPoints.at(-1);
  if (!newest || story.recoverAt === undefined) return undefined;
  const beganMs = Date.parse(story.recoverAt);
  const ageOf = ({ at }: RecoveryPoint): number => beganMs - Date.parse(at);
  const ageMs = ageOf(newest);
  if (ageMs < -skewMs) {
    const why = `the recovery point that step ${newest.step} gives lies ${durationText(-ageMs)} after recovery began, so it is none that a backup had before`;
    return { recoveryPoints, atLeastMs: 0, exercised: false, why };
  }
  const atLeastMs = Math.max(0, ageMs);
  const age = newest.by === 'upload' ? { lowerMs: atLeastMs } : { recoveryPointAgeMs: atLeastMs };
  const known = { recoveryPoints, atLeastMs, ...age };
  const unproven = unprovenWhy(story);
  if (unproven !== undefined) return { ...known, exercised: false, why: unproven };
  if (newest.by === 'upload') return { ...known, exercised: true, why: onlyUploaded };
  const claimed = newest.by === 'data' ? recoveryPoints.findLast(({ by }) => by !== 'data') : undefined;
  const youngerMs = claimed ? ageOf(claimed) - ageMs : 0;
  return {
    ...known,
    atLeastMs: 0,
    exercised: true,
    upperMs: atLeastMs,
    ...(youngerMs > dateTolerance && { doubt: doubtOf(claimed!, newest, youngerMs), claimedAgeMs: ageOf(claimed!) }),
  };
}

const onlyUploaded =
  'its backup says when it was uploaded, and not from when its data is ' +
  '(give it metadata recovery-point or a manifest, or let the verification look at its newest row: freshness)';

const doubtOf = (claimed: RecoveryPoint, found: RecoveryPoint, youngerMs: number): string =>
  `The newest data that step ${found.step} found is ${durationText(youngerMs)} younger than the backup is by the word of step ` +
  `${claimed.step}: one of the two dates is wrong, or something writes to the restored database.`;

/** Every readable word, in the order of the steps. */
function wordsOf({ steps }: Story): RecoveryPoint[] {
  return steps.flatMap(({ step, outputs }): RecoveryPoint[] => {
    const said = outputs['recoveryPointAt'];
    const ms = typeof said === 'string' ? Date.parse(said) : Number.NaN;
    if (!Number.isFinite(ms)) return [];
    const backup = outputs['recoveryPointFrom'] === 'upload' ? 'upload' : 'backup';
    return [{ step: step.id, at: new Date(ms).toISOString(), by: verifies(step) ? 'data' : backup }];
  });
}
