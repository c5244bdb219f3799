/** How the time since the fault was spent, from marks in the log alone. */
import type { PhaseSpan } from '../domain/record.ts';
import type { Instant } from './axis.ts';
import type { Story, Windows } from './story.ts';
import { latest } from './story.ts';

/**
 * Spans in milliseconds since the fault (where none is injected, since the start of recover). `detect` begins with the
 * fault; `settle` is the wait for a steady service after the last recover step.
 */
export function phasesOf(story: Story, { from, to }: Windows): PhaseSpan[] {
  if (!from) return [];
  const { phases } = story;
  const starts = [...phases.values()].map(({ ms }) => ms).sort((a, b) => a - b);
  const endOf = (start: Instant): number => Math.min(to.ms, starts.find((ms) => ms > start.ms) ?? to.ms);
  const spans: PhaseSpan[] = [];
  const add = (name: PhaseSpan['name'], startMs: number, endMs: number): void => {
    if (endMs >= startMs) spans.push({ name, startMs: startMs - from.ms, endMs: endMs - from.ms });
  };
  const { detect, decide, recover, verify } = Object.fromEntries(phases) as Partial<Record<string, Instant>>;
  if (detect) add('detect', from.ms, endOf(detect));
  if (decide) add('decide', decide.ms, endOf(decide));
  const waits = story.steps.filter(
    ({ step }) => step.implicit && (step.phase === 'recover' || step.phase === 'verify'),
  );
  const own = story.steps.filter(({ step }) => step.phase === 'recover' && !step.implicit);
  if (recover && own.length > 0) {
    const acted = latest(own.map(({ succeeded }) => succeeded));
    add('recover', recover.ms, waits.some(({ started }) => started) && acted ? acted.ms : endOf(recover));
  }
  for (const { started, succeeded } of waits) if (started) add('settle', started.ms, succeeded?.ms ?? to.ms);
  if (verify) {
    const settled = latest(waits.map(({ step, succeeded }) => (step.phase === 'verify' ? succeeded : undefined)));
    add('verify', settled?.ms ?? verify.ms, endOf(verify));
  }
  return spans;
}
