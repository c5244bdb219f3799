/**
 * Metrics in periods. On the fast profile a minute of AWS lasts a second, so a period of 60 s covers one second of samples.
 */
import type { Dimension, Metric, Point } from '../../world/cloudwatch.ts';
import { cloudWatchState, merged, metricKey } from '../../world/cloudwatch.ts';
import type { Scope, World } from '../../world.ts';
import type { Alarm } from '../../world/cloudwatch.ts';

export type Statistic = Alarm['statistic'];

/** How long an AWS period lasts in this world, milliseconds. */
export const periodMs = (world: World, seconds: number): number => world.duration(seconds * 1_000);

export function metricOf(
  world: World,
  scope: Scope,
  { namespace, name, dimensions }: { namespace: string; name: string; dimensions: readonly Dimension[] },
): Metric | undefined {
  return cloudWatchState(world, scope).metrics[metricKey(namespace, name, dimensions)];
}

/** All points in `[from, to)` as one statistic set; undefined when there is none. */
export function setIn(points: readonly Point[], from: number, to: number): Point | undefined {
  return points
    .filter(({ at }) => at >= from && at < to)
    .reduce<Point | undefined>((sum, point) => (sum ? merged(sum, point) : point), undefined);
}

export function valueOf(set: Point, statistic: Statistic): number {
  switch (statistic) {
    case 'Average':
      return set.sum / set.count;
    case 'Minimum':
      return set.min;
    case 'Maximum':
      return set.max;
    case 'Sum':
      return set.sum;
    case 'SampleCount':
      return set.count;
  }
}

/** Whole periods between two instants that hold data, oldest first. `seconds` is real time here: asked for by API callers. */
export function series(points: readonly Point[], from: number, to: number, seconds: number): Point[] {
  const stepMs = seconds * 1_000;
  const first = Math.floor(from / stepMs) * stepMs;
  const sets = new Map<number, Point>();
  for (const point of points) {
    if (point.at < first || point.at >= to) continue;
    const at = Math.floor(point.at / stepMs) * stepMs;
    const before = sets.get(at);
    sets.set(at, before ? { ...merged(before, point), at } : { ...point, at });
  }
  return [...sets.values()].sort((a, b) => a.at - b.at);
}
