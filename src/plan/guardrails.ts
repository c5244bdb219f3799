/**
 * Whether the alarms that shall stop a run can stop it: one that is on already would stop it at once, or was overlooked; one
 * that isn't there never will.
 */
import type { Drill } from '../domain/drill.ts';
import type { Finding, ResolvedTarget } from '../domain/plan.ts';

export function guardrailFindings(drill: Drill, targets: Readonly<Record<string, ResolvedTarget>>): Finding[] {
  return drill.guardrails.stopOn.flatMap((limit) => {
    if (!('alarm' in limit)) return [];
    const item = targets[limit.alarm]?.items[0];
    if (!item) return [missing(limit.alarm)];
    if (item.facts['state'] === 'ALARM') return [on(item.id)];
    const waits = drill.steps.detect.flat().find((step) => Object.values(step.with).includes(limit.alarm));
    return [
      ...(waits ? [awaited(item.id, waits.id)] : []),
      ...(item.facts['state'] === 'INSUFFICIENT_DATA' ? [withoutData(item.id)] : []),
    ];
  });
}

const missing = (target: string): Finding => ({
  severity: 'refuse',
  code: 'guardrail-alarm-missing',
  message: `guardrail ${target}: there is no such alarm, so it can't stop the run`,
  remedy: 'Create the alarm, or take it out of guardrails.stopOn.',
});

const on = (id: string): Finding => ({
  severity: 'refuse',
  code: 'guardrail-alarm-on',
  message: `guardrail ${id} is in ALARM before the run: this is no time for a drill`,
  remedy: 'Find out why the alarm is on, and run the drill when it is not.',
});

const awaited = (id: string, step: string): Finding => ({
  severity: 'warn',
  code: 'guardrail-alarm-awaited',
  message: `guardrail ${id} is what step ${step} waits for: it stops the run as soon as the fault is detected.`,
  step,
  remedy: 'Stop on an alarm that the fault alone must not set off.',
});

const withoutData = (id: string): Finding => ({
  severity: 'warn',
  code: 'guardrail-alarm-without-data',
  message: `guardrail ${id} has no data: until it has, it can't stop the run.`,
  remedy: 'Check the metric and the period of the alarm.',
});
