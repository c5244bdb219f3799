/** Promises against figures. Upper bounds are judged; what was promised and not measured makes a run inconclusive. */
import type { Interval } from '../domain/record.ts';
import { isRestore } from '../domain/restore.ts';
import type { Finding } from './finding.ts';
import type { Figures } from './recovery.ts';
import { checkedText, longestText, portionsText } from './restores.ts';
import type { Loss } from './rpo.ts';
import type { Story } from './story.ts';
import { countText, durationDown, durationText, sentenceText } from './wording.ts';

export function objectiveFindings(story: Story, { recovery, loss, failbackLoss, seen }: Figures): Finding[] {
  const { rtoMs, recoveryMs, rpoMs, failback } = story.plan.drill.objectives;
  const whole = story.turn === undefined;
  const { measured, rto } = recovery;
  const addedMs = measured && rto ? rto.upperMs - measured.upperMs : 0;
  const declared =
    addedMs > 0 ? `, ${durationText(addedMs)} of it declared for people who had no part in this run` : '';
  const restore = isRestore(story.plan);
  const longest = restore && measured ? longestText(recovery.portions, measured.upperMs) : '';
  const wentBack = story.phases.has('failback') || story.phases.has('undo');
  return [
    // What the restore took, people's time is no part of.
    ...timeFindings(restore && addedMs === 0 ? 'The restore' : 'Recovery', rto, rtoMs, {
      whole,
      detail: declared,
      longest,
      name: 'rto',
      seen: seen.recovery,
    }),
    ...timeFindings(`The measured part of ${restore ? 'the restore' : 'recovery'}`, measured, recoveryMs, {
      whole,
      detail: '',
      longest,
      name: 'recovery',
      seen: seen.recovery,
    }),
    ...lossFindings('failover', loss, rpoMs, whole),
    ...timeFindings('The interruption by going back', recovery.failback?.rto, failback.rtoMs, {
      whole: whole && wentBack,
      detail: '',
      longest: '',
      name: 'failback.rto',
      seen: seen.failback,
    }),
    ...lossFindings('failback', failbackLoss, failback.rpoMs, whole && failbackLoss !== undefined),
  ];
}

interface Judged {
  /** The run went to its end, so the figure was to be had. */
  whole: boolean;
  detail: string;
  /** Where most of it went, as a sentence of its own. */
  longest: string;
  /** As drills write it. */
  name: string;
  /** A failure was seen. */
  seen: boolean;
}

function timeFindings(
  what: string,
  interval: Interval | undefined,
  promisedMs: number | undefined,
  { whole, detail, longest, name, seen }: Judged,
): Finding[] {
  if (promisedMs === undefined) return [];
  const promised = durationText(promisedMs);
  if (!interval) {
    const reason = `${what} was not measured, so the objective ${name} (${promised}) is not proven.`;
    return whole ? [{ exit: 3, reason }] : [];
  }
  if (interval.upperMs <= promisedMs) return [];
  if (!seen && interval.lowerMs <= promisedMs) {
    // `0s` promises that none is seen; a stall of the prober can't break that.
    if (promisedMs === 0) return [];
    const unseen = durationText(interval.upperMs);
    return [
      {
        exit: 3,
        reason: `Nothing was seen for up to ${unseen}, so the objective ${name} (${promised}) is not proven.`,
      },
    ];
  }
  const atMost = interval.lowerMs === interval.upperMs ? '' : 'up to ';
  const took = `${what} took ${atMost}${durationText(interval.upperMs)}${detail}`;
  const over = durationText(interval.upperMs - promisedMs);
  return [{ exit: 1, reason: `${took}; the objective ${name} is ${promised}. That is ${over} too long.${longest}` }];
}

function lossFindings(
  direction: string,
  loss: Loss | undefined,
  promisedMs: number | undefined,
  whole: boolean,
): Finding[] {
  if (promisedMs === undefined) return [];
  const promised = durationText(promisedMs);
  const inconclusive = (why: string): Finding[] => {
    const what = loss?.recoveryPoints ? 'How old the restored data is' : `The loss of writes in ${direction}`;
    const reason = `${what} is not known: ${why}. The objective rpo (${promised}) is not proven.`;
    return whole ? [{ exit: 3, reason }] : [];
  };
  if (!loss) return inconclusive('no canary and no recovery point was measured');
  const lossMs = loss.upperMs ?? loss.atLeastMs;
  if (lossMs > promisedMs) {
    const overMs = lossMs - promisedMs;
    const over = `That is ${loss.lowerMs === undefined ? durationText(overMs) : `at least ${durationDown(overMs)}`} too much.`;
    return [{ exit: 1, reason: `${lostText(direction, loss)}; the objective is ${promised}. ${over}` }];
  }
  if (loss.doubt !== undefined && (loss.claimedAgeMs ?? 0) > promisedMs) {
    return whole ? [{ exit: 3, reason: `${loss.doubt} The objective rpo (${promised}) is not proven.` }] : [];
  }
  if (loss.exercised && loss.upperMs !== undefined) return [];
  return inconclusive(loss.why ?? 'the writes were not read back');
}

function lostText(
  direction: string,
  { lostWrites = 0, ackedWrites = 0, upperMs, lowerMs, atLeastMs, recoveryPointAgeMs }: Loss,
): string {
  if (recoveryPointAgeMs !== undefined) return `The recovery point was ${durationText(recoveryPointAgeMs)} old`;
  if (lowerMs !== undefined) return `The recovery point was at least ${durationDown(lowerMs)} old`;
  const age = upperMs === undefined ? `at least ${durationText(atLeastMs)}` : `up to ${durationText(upperMs)}`;
  return `${countText(lostWrites, 'acknowledged write')} of ${ackedWrites} lost in ${direction}, ${age} worth of data`;
}

/** What a pass rests on. */
export function passReasons(story: Story, figures: Figures): string[] {
  return isRestore(story.plan) ? restoreReasons(story, figures) : recoveryReasons(story, figures);
}

function recoveryReasons(story: Story, { recovery, loss, failbackLoss, seen }: Figures): string[] {
  const { rto, measured, failback } = recovery;
  const promised = promisedText(story.plan.drill.objectives.rtoMs);
  return [
    measured && !seen.recovery && `Users saw no interruption${promised}.`,
    rto && seen.recovery && `Recovery took at most ${durationText(rto.upperMs)}${promised}.`,
    loss && kept('failover', loss),
    failback?.rto && wayBackText(failback.rto, seen.failback),
    failbackLoss && kept('failback', failbackLoss),
  ].filter((reason) => typeof reason === 'string');
}

function restoreReasons(story: Story, { recovery: { measured, rto, portions = [] }, loss }: Figures): string[] {
  const { rtoMs, rpoMs } = story.plan.drill.objectives;
  const addedMs = measured && rto ? rto.upperMs - measured.upperMs : 0;
  const took = measured && `The restore took ${durationText(measured.upperMs)}`;
  const split = portions.length > 1 ? `: ${portionsText(portions)}` : '';
  const age = loss?.recoveryPointAgeMs;
  const atLeast = loss?.lowerMs;
  return [
    checkedText(story),
    age !== undefined && `The data was ${durationText(age)} old when recovery began${promisedText(rpoMs)}.`,
    atLeast !== undefined &&
      `The data was at least ${durationDown(atLeast)} old when recovery began: ${sentenceText(loss!.why!)}`,
    loss?.doubt,
    took && (addedMs > 0 ? `${took}${split}.` : `${took}${promisedText(rtoMs)}${split}.`),
    rto &&
      addedMs > 0 &&
      `With ${durationText(addedMs)} declared for people who had no part in this run, ` +
        `recovery takes ${durationText(rto.upperMs)}${promisedText(rtoMs)}.`,
  ].filter((reason) => typeof reason === 'string');
}

const promisedText = (ms: number | undefined): string => (ms === undefined ? '' : ` (objective ${durationText(ms)})`);

const wayBackText = ({ upperMs }: Interval, seen: boolean): string =>
  seen
    ? `Going back interrupted the service for at most ${durationText(upperMs)}.`
    : 'Going back did not interrupt the service.';

function kept(direction: string, loss: Loss): string {
  if (loss.recoveryPointAgeMs !== undefined) return `${lostText(direction, loss)}.`;
  if (!loss.exercised) return `Whether writes would be lost in ${direction} was not exercised: ${loss.why}.`;
  const { lostWrites = 0, ackedWrites = 0 } = loss;
  if (lostWrites > 0 || loss.upperMs === undefined) return `${lostText(direction, loss)}.`;
  return `None of ${countText(ackedWrites, 'acknowledged write')} was lost in ${direction}.`;
}
