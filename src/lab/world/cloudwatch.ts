/**
 * State of CloudWatch: metrics as statistic sets per minute (or less), and alarms. Samples older than some minutes are merged
 * into whole minutes, those older than a day are dropped, so that the world stays small. Evaluation is in services/cloudwatch.
 */
import { defineSlice } from '../world.ts';
import type { Scope, World } from '../world.ts';

export interface Dimension {
  name: string;
  value: string;
}

/** A statistic set: what was put at one instant. */
export interface Point {
  /** Wall time, milliseconds since 1970. */
  at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

export interface Metric {
  namespace: string;
  name: string;
  dimensions: Dimension[];
  unit?: string;
  /** Oldest first. */
  points: Point[];
}

export type AlarmStateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmHistoryItem {
  at: string;
  state: AlarmStateValue;
  reason: string;
}

export interface Alarm {
  name: string;
  arn: string;
  description?: string;
  actionsEnabled: boolean;
  okActions: string[];
  alarmActions: string[];
  insufficientDataActions: string[];
  namespace: string;
  metric: string;
  dimensions: Dimension[];
  statistic: 'Average' | 'Minimum' | 'Maximum' | 'Sum' | 'SampleCount';
  periodSeconds: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  threshold: number;
  comparison:
    'GreaterThanOrEqualToThreshold' | 'GreaterThanThreshold' | 'LessThanThreshold' | 'LessThanOrEqualToThreshold';
  missing: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
  state: AlarmStateValue;
  reason: string;
  updatedAt: string;
  configuredAt: string;
  /** Newest first, at most 50. */
  history: AlarmHistoryItem[];
  tags: Record<string, string>;
}

export interface CloudWatchState {
  /** By {@link metricKey}. */
  metrics: Record<string, Metric>;
  alarms: Record<string, Alarm>;
}

export const cloudWatchState = defineSlice<CloudWatchState>('cloudwatch', () => ({ metrics: {}, alarms: {} }));

const fineMs = 5 * 60_000;
const keptMs = 24 * 3_600_000;
const minuteMs = 60_000;

export const metricKey = (namespace: string, name: string, dimensions: readonly Dimension[]): string =>
  JSON.stringify([
    namespace,
    name,
    dimensions.map((each) => [each.name, each.value]).sort(([a = ''], [b = '']) => a.localeCompare(b)),
  ]);

export function putMetric(
  world: World,
  scope: Scope,
  metric: Omit<Metric, 'points'>,
  point: Omit<Point, 'at'>,
  at: number = world.clock.wall().getTime(),
): void {
  const { metrics } = cloudWatchState(world, scope);
  const key = metricKey(metric.namespace, metric.name, metric.dimensions);
  const points = (metrics[key] ??= { ...metric, points: [] }).points;
  points.push({ at, ...point });
  if (points.length > 1 && (points.at(-2)?.at ?? 0) > at) points.sort((a, b) => a.at - b.at);
  const now = world.clock.wall().getTime();
  while (points[0] !== undefined && points[0].at < now - keptMs) points.shift();
  mergeOld(points, now - fineMs);
}

export const one = (value: number): Omit<Point, 'at'> => ({ count: 1, sum: value, min: value, max: value });

/** Merges points before `limit` that lie in the same minute. Only the newest of them can have company yet. */
function mergeOld(points: Point[], limit: number): void {
  const end = points.findIndex((point) => point.at >= limit);
  for (let i = Math.max(1, end - 2); i < end; i += 1) {
    const [earlier, later] = [points[i - 1], points[i]];
    if (earlier === undefined || later === undefined) return;
    if (Math.floor(earlier.at / minuteMs) !== Math.floor(later.at / minuteMs)) continue;
    points.splice(i - 1, 2, merged(earlier, later));
    return;
  }
}

export const merged = (a: Point, b: Point): Point => ({
  at: a.at,
  count: a.count + b.count,
  sum: a.sum + b.sum,
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});
