/** Gets consent to faults in production: by `--consent NAME`, or typed at the terminal. */
import { userInfo } from 'node:os';
import { dangerOf, refuseWithoutConsent } from '../app/consent.ts';
import type { Danger } from '../app/consent.ts';
import type { Plan } from '../domain/plan.ts';
import type { Consent } from '../domain/record.ts';
import { harmless } from '../report/terminal.ts';
import type { Frame } from './frame.ts';

/**
 * @param option what `--consent` says
 * @returns undefined when none is needed
 * @throws UsageError `consent-missing`; nothing was touched then
 */
export async function askConsent(
  frame: Pick<Frame, 'ask' | 'err'>,
  plan: Plan,
  option: string | undefined,
): Promise<Consent | undefined> {
  const danger = dangerOf(plan);
  if (!danger) return undefined;
  const typed = option === undefined && frame.ask ? await frame.ask(questionFor(plan, danger)) : undefined;
  refuseWithoutConsent(plan, danger, option ?? typed);
  return { by: userInfo().username, how: typed === undefined ? 'option' : 'typed', locations: danger.locations };
}

/** How many of the things that a step touches are listed. */
const shownAtMost = 5;

function questionFor(plan: Plan, { steps, locations }: Danger): string {
  const lines = plan.steps
    .filter(({ id }) => steps.includes(id))
    .map(({ id, uses }) => {
      const touches = plan.previews.find(({ step }) => step === id)?.touches ?? [];
      const more = touches.length - shownAtMost;
      const shown = [...touches.slice(0, shownAtMost), ...(more > 0 ? [`and ${more} more`] : [])];
      return harmless(`  ${id}: ${uses} ${shown.join(', ')}`).trimEnd();
    });
  const where = locations.map((name) => {
    const { account, region } = plan.drill.locations[name]!;
    return `${name} (${account} ${region})`;
  });
  return `This hits production in ${where.join(', ')}:\n${lines.join('\n')}\nType the name of the drill (${plan.drill.name}) to go on: `;
}
