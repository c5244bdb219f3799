/** What the soak tests share: how many rounds, a fresh lab for each, moments to strike at, and what holds after every run. */
import { expect } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { Home, runIdIn } from '../e2e/cli.ts';
import type { Running } from '../e2e/cli.ts';
import { Estate } from '../e2e/estate.ts';
import { failoverDrill } from '../e2e/failover.ts';
import { labUp } from '../e2e/lab.ts';
import type { LabUp } from '../e2e/lab.ts';
import { leftOnPurpose } from '../e2e/record.ts';

/** @returns 1 to `wanted`, or fewer by FIREDRILL_SOAK_ROUNDS */
export const rounds = (wanted: number): number[] => {
  const most = Number(process.env['FIREDRILL_SOAK_ROUNDS'] ?? wanted);
  return Array.from({ length: Math.min(wanted, most) }, (_, n) => n + 1);
};

/** What is seen in a run's log at the moments that matter, in order; the name is the step's. */
export const moments = [
  { name: 'baseline', line: /→ steady-before/, afterPivot: false },
  { name: 'inject begun', line: /→ lose/, afterPivot: false },
  { name: 'inject done', line: /✓ lose/, afterPivot: false },
  { name: 'detect', line: /→ alarm/, afterPivot: false },
  { name: 'decide', line: /\? go:/, afterPivot: false },
  { name: 'fence', line: /→ fence:/, afterPivot: false },
  { name: 'promote', line: /→ promote:/, afterPivot: true },
  { name: 'flip', line: /→ flip:/, afterPivot: true },
  { name: 'recovered', line: /→ recovered/, afterPivot: true },
  { name: 'heal', line: /→ heal/, afterPivot: true },
  { name: 'keep-old', line: /→ keep-old/, afterPivot: true },
  { name: 'rebuild', line: /→ rebuild:/, afterPivot: true },
  { name: 'stop-writes', line: /→ stop-writes/, afterPivot: true },
  { name: 'promote-back', line: /→ promote-back/, afterPivot: true },
  { name: 'flip-back', line: /→ flip-back/, afterPivot: true },
  { name: 'rebuild-passive', line: /→ rebuild-passive/, afterPivot: true },
] as const;

export type Moment = (typeof moments)[number];

/** `count` moments spread over the whole run, each with a random wait after it: other ones in every soak. */
export function strikes(count: number): { moment: Moment; waitMs: number; title: string }[] {
  const first = Math.random() * moments.length;
  return rounds(count).map((n) => {
    const moment = moments[Math.floor(first + ((n - 1) * moments.length) / count) % moments.length]!;
    const waitMs = Math.round(Math.random() * 1_200);
    return { moment, waitMs, title: `${moment.name} + ${waitMs} ms` };
  });
}

export interface Stage {
  home: Home;
  lab: LabUp;
  drill: string;
  estate: Estate;
  before: unknown;
}

/** A home and a lab for one round; both are gone afterwards, and nothing else is left. */
export async function onFreshLab<T>(round: (stage: Stage) => Promise<T>): Promise<T> {
  const home = await Home.make();
  try {
    const [lab, drill] = await Promise.all([labUp(home), failoverDrill(home)]);
    const estate = new Estate(lab);
    const result = await round({ home, lab, drill, estate, before: await estate.describe() });
    expect(await home.run('lab', 'down')).toMatchObject({ code: 0 });
    expect(await home.leftovers()).toEqual([]);
    return result;
  } finally {
    await home.remove();
  }
}

/** Answers as soon as the run asks; a run that is over, or was answered before, needs nobody. */
export async function approveWhenAsked(home: Home, run: Running): Promise<void> {
  await run.says(/firedrill approve r/).catch(() => undefined);
  if (run.child.exitCode === null) await home.run('approve', runIdIn(run.said()), '--comment', 'soak');
}

/** What holds after every run that was not left to a person. */
export async function expectEstateAsBefore({ estate, before }: Stage, record: RunRecord): Promise<void> {
  expect(record.resources.filter(({ state }) => state === 'leaked')).toEqual([]);
  const extra = leftOnPurpose(record);
  await expect.poll(() => estate.describe(extra), { timeout: 60_000, interval: 1_000 }).toEqual(before);
}

/** One line for the person who reads the soak's output. */
export const report = (line: string): void => void process.stdout.write(`    ${line}\n`);
