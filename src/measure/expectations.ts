/**
 * Whether each probe saw what the drill said it would:
 *
 *              baseline   fault        verify   at the end
 *   recovers   good       any          good     good         (and gives RTO)
 *   holds      good       good         good     good
 *   breaks     good       bad          any      good         (negative control: without it nothing was proven; bad before
 *                                                             recovery altered anything, else nothing shows that the fault did it)
 *   appears    bad        turns good   good     bad
 *   any        -          -            -        -
 *
 * A baseline that wasn't as expected, a control that never broke and a stretch that wasn't seen make a run inconclusive;
 * every other broken expectation fails it.
 */
import type { ProbeJudgement } from '../domain/record.ts';
import type { Finding } from './finding.ts';
import type { Eye, Sight } from './eyes.ts';
import type { Outage } from './outage.ts';
import { durationText } from './wording.ts';

export interface Kept {
  judgement: ProbeJudgement;
  findings: readonly Finding[];
}

/** @param whole false when the run was turned: what was to come after is then not expected any more */
export function keptBy({ probe, saw }: Eye, whole: boolean): Kept {
  const findings = saw ? [...baseline(probe.expect, saw), ...during(probe.expect, saw, whole)] : [];
  const named = findings.map(({ exit, reason }): Finding => ({ exit, reason: `Probe ${probe.name} ${reason}` }));
  const first = named[0];
  return { judgement: { probe: probe.name, kept: !first, ...(first && { why: first.reason }) }, findings: named };
}

type Expect = Eye['probe']['expect'];

function baseline(expect: Expect, { before }: Sight): Finding[] {
  if (expect === 'any') return [];
  if (before.goodAtEnd === undefined || before.holes.length > 0) {
    return [inconclusive(`was not seen throughout the steady time before the fault${blind(before)}.`)];
  }
  if (expect === 'appears') {
    return before.goodAtEnd ? [inconclusive('was good before the fault, so that it turned good proves nothing.')] : [];
  }
  if (!before.ends) return [];
  return [inconclusive(`failed already before the fault${because(before)}: the baseline has to be good first.`)];
}

function during(expect: Expect, { fault, unaided, verify, failback }: Sight, whole: boolean): Finding[] {
  const atEnd = failback ?? fault;
  switch (expect) {
    case 'any':
      return [];
    case 'recovers':
      return whole ? firstOf(recovers(fault), bad(verify, 'failed during verify'), endsGood(atEnd)) : [];
    case 'holds':
      return firstOf(
        bad(fault, 'was to hold, but failed during the fault'),
        unseen(fault),
        whole ? endsGood(atEnd) : undefined,
      );
    case 'breaks':
      return whole ? firstOf(breaks(fault, unaided), endsGood(atEnd)) : [];
    case 'appears':
      return whole ? firstOf(appears(fault), bad(verify, 'failed during verify'), endsBad(failback)) : [];
  }
}

const firstOf = (...findings: (Finding | undefined)[]): Finding[] => {
  const found = findings.find((finding) => finding !== undefined);
  return found ? [found] : [];
};

function recovers(fault: Outage): Finding | undefined {
  const { ends, recovered, holes } = fault;
  if (!ends) return unseen(fault);
  if (recovered) return undefined;
  if (holes.some(({ toMs }) => toMs > ends.lastBad.ms)) {
    return inconclusive(`was not seen to recover${blind(fault)}.`);
  }
  const lasted = durationText(ends.lastBad.ms - ends.firstBad.ms);
  return failed(
    `had not recovered for long enough when recovery ended, at least ${lasted} after its first failure${because(fault)}.`,
  );
}

function breaks(fault: Outage, unaided: Outage): Finding | undefined {
  if (unaided.ends) return undefined;
  if (fault.ends) {
    return inconclusive(
      'was to break and did only after recovery had begun to change things: nothing shows that the fault did it.',
    );
  }
  return unseen(fault) ?? inconclusive('was to break and never did: nothing shows that the fault took hold.');
}

function appears(fault: Outage): Finding | undefined {
  if (fault.goodAtEnd) return undefined;
  return unseen(fault) ?? failed(`was to turn good and did not${because(fault)}.`);
}

const bad = (outage: Outage | undefined, what: string): Finding | undefined =>
  outage?.ends ? failed(`${what}${because(outage)}.`) : undefined;

const unseen = (outage: Outage): Finding | undefined =>
  outage.holes.length > 0 ? inconclusive(`was not seen throughout the fault${blind(outage)}.`) : undefined;

const endsGood = (outage: Outage): Finding | undefined =>
  outage.goodAtEnd === false ? failed(`was still failing when the run closed${because(outage)}.`) : undefined;

const endsBad = (outage: Outage | undefined): Finding | undefined =>
  outage?.goodAtEnd
    ? failed('was still good when the run closed, although its effect was to be taken back.')
    : undefined;

const failed = (reason: string): Finding => ({ exit: 1, reason });
const inconclusive = (reason: string): Finding => ({ exit: 3, reason });

const because = ({ why }: Outage): string => (why[0] === undefined ? '' : ` (${why[0]})`);

function blind({ holes }: Outage): string {
  const longest = Math.max(0, ...holes.map(({ fromMs, toMs }) => toMs - fromMs));
  return longest > 0 ? ` (nothing is known for ${durationText(longest)}: the prober was stalled or gone)` : '';
}
