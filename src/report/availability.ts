/**
 * The arithmetic of availability: what a design costs in downtime over a period, and whether that fits a target.
 *
 *   sum(failures x RTO x impact) + updates + what the drills themselves cost  <=  (1 - target) x period
 *
 * Percentages are cut, never rounded up: 99.995 is not 100, and 99.948 is not 99.95.
 */
import { percentDown } from './quantities.ts';

/** Something that takes the service down, fully or for a share of its users, so often in the period. */
export interface Downtime {
  kind: 'failure' | 'update' | 'drill';
  /** What it is, for people. */
  label: string;
  /** How often in the period. */
  times: number;
  /** How long each time: for a failure the RTO, with the time people need. */
  eachMs: number;
  /** Share of users that it hits, 0 to 1. */
  impact: number;
}

export interface Availability {
  periodMs: number;
  downtimeMs: number;
  /** 0 to 1, exact. */
  availability: number;
  lines: readonly (Downtime & { totalMs: number })[];
  target?: TargetCheck;
}

interface TargetCheck {
  /** 0 to 1. */
  target: number;
  budgetMs: number;
  met: boolean;
  /** Budget that is left; negative when it is overdrawn. */
  leftMs: number;
  /**
   * The RTO that all failures together may have for the target to hold, milliseconds; absent without failures, 0 when
   * updates and drills alone use the budget up.
   */
  longestRtoMs?: number;
}

export const yearMs = 365 * 86_400_000;

export function availabilityOf(downtimes: readonly Downtime[], periodMs = yearMs, target?: number): Availability {
  const lines = downtimes.map((each) => ({ ...each, totalMs: each.times * each.eachMs * each.impact }));
  const downtimeMs = lines.reduce((sum, { totalMs }) => sum + totalMs, 0);
  return {
    periodMs,
    downtimeMs,
    availability: Math.max(0, 1 - downtimeMs / periodMs),
    lines,
    target: target === undefined ? undefined : check(lines, downtimeMs, periodMs, target),
  };
}

function check(lines: Availability['lines'], downtimeMs: number, periodMs: number, target: number): TargetCheck {
  const budgetMs = (1 - target) * periodMs;
  const failures = lines.filter(({ kind }) => kind === 'failure');
  const weight = failures.reduce((sum, { times, impact }) => sum + times * impact, 0);
  const others = lines.filter(({ kind }) => kind !== 'failure').reduce((sum, { totalMs }) => sum + totalMs, 0);
  return {
    target,
    budgetMs,
    // A microsecond a year forgives what binary fractions do to a target that is met exactly.
    met: downtimeMs <= budgetMs + 0.001,
    leftMs: budgetMs - downtimeMs,
    longestRtoMs: weight > 0 ? Math.max(0, (budgetMs - others) / weight) : undefined,
  };
}

/**
 * `99.672`: cut after the third decimal, or after the first digit that isn't 9 where that comes later, so that near-perfect
 * figures stay apart from 100.
 */
export function availabilityText(share: number): string {
  if (share >= 1) return '100';
  for (const decimals of [3, 4, 5, 6, 7, 8]) {
    const text = percentDown(share, decimals);
    if (!/^99\.9+$/.test(text)) return text.replace(/(\.\d{3}\d*?)0+$/, '$1');
  }
  return percentDown(share, 9);
}

/**
 * What the same figure would be when rounded to two decimals, if that claims more than there is: then it is worth a warning.
 */
export function flattering(share: number): string | undefined {
  const rounded = (share * 100).toFixed(2);
  return Number(rounded) / 100 > share + 1e-12 ? rounded : undefined;
}

/**
 * How many drills in a row must keep their objective before one can say, with this confidence, that at least `share` of real
 * events would: n = ln(1 - C) / ln R.
 */
export const drillsNeeded = (share: number, confidence = 0.95): number =>
  Math.ceil(Math.log(1 - confidence) / Math.log(share) - 1e-9);

/** The share of events that `n` drills without a miss prove, with this confidence: R = (1 - C)^(1/n). */
export const provenShare = (n: number, confidence = 0.95): number => (n === 0 ? 0 : (1 - confidence) ** (1 / n));
