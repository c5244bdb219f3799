/**
 * The targets that a drill really uses. An estate file declares those of many drills; one that is missing is no reason to refuse
 * a drill that has nothing to do with it.
 */
import type { Drill, Target } from '../domain/drill.ts';
import { targetsUsedBy } from './expressions.ts';

export function usedTargets(drill: Drill): Target[] {
  const steps = Object.values(drill.steps).flat(2);
  const probes = Object.values(drill.probes);
  const alarms = drill.guardrails.stopOn.flatMap((limit) => ('alarm' in limit ? [limit.alarm] : []));
  const named = [...steps, ...probes].flatMap((each) => [...textsIn(each.with), ...targetsUsedBy(each.with)]);
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const target = drill.targets[name];
    if (!target || wanted.has(name)) return;
    wanted.add(name);
    for (const other of targetsUsedBy(target.select)) want(other);
  };
  for (const name of [...named, ...alarms]) want(name);
  return Object.values(drill.targets).filter(({ name }) => wanted.has(name));
}

/** Every text in a value: a parameter that takes a target holds its name. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
