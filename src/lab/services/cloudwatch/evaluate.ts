/**
 * Evaluates alarms. CloudWatch stands outside all subnets: it goes on when they are cut, and data that stays away is judged by
 * the alarm's own rule.
 * Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data" and "Alarm evaluation".
 */
import type { Alarm, AlarmStateValue } from '../../world/cloudwatch.ts';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import type { Scope, World } from '../../world.ts';
import { metricOf, periodMs, setIn, valueOf } from './periods.ts';

const keptHistory = 50;

export function evaluateAlarms(world: World, scope: Scope): void {
  for (const alarm of Object.values(cloudWatchState(world, scope).alarms)) evaluate(world, scope, alarm);
}

type Datapoint = 'breaching' | 'fine' | 'missing';

function evaluate(world: World, scope: Scope, alarm: Alarm): void {
  const points = datapoints(world, scope, alarm);
  const judged = points.map((point) => (point === 'missing' ? treated(alarm) : point));
  const breaching = judged.filter((point) => point === 'breaching').length;
  const known = judged.filter((point) => point !== 'missing').length;
  const list = `[${points.join(', ')}]`;
  if (breaching >= alarm.datapointsToAlarm) {
    setState(world, alarm, 'ALARM', `Threshold Crossed: ${breaching} datapoints were breaching ${list}`);
  } else if (known === 0) {
    if (alarm.missing !== 'ignore') setState(world, alarm, 'INSUFFICIENT_DATA', `Insufficient Data: ${list}`);
  } else if (breaching === 0 || known === judged.length) {
    setState(world, alarm, 'OK', `Threshold not crossed: ${breaching} datapoints were breaching ${list}`);
  }
}

/** What the alarm makes of a period without data. */
function treated({ missing }: Alarm): Datapoint {
  if (missing === 'breaching') return 'breaching';
  return missing === 'notBreaching' ? 'fine' : 'missing';
}

/** The alarm's last evaluation periods, oldest first. A period before the alarm was there counts as fine. */
function datapoints(world: World, scope: Scope, alarm: Alarm): Datapoint[] {
  const now = world.clock.wall().getTime();
  const lengthMs = periodMs(world, alarm.periodSeconds);
  const since = Date.parse(alarm.configuredAt);
  const { namespace, metric, dimensions } = alarm;
  const points = metricOf(world, scope, { namespace, name: metric, dimensions })?.points ?? [];
  return Array.from({ length: alarm.evaluationPeriods }, (_, i): Datapoint => {
    const to = now - (alarm.evaluationPeriods - 1 - i) * lengthMs;
    const set = setIn(points, to - lengthMs, to + 1);
    if (set) return breaches(alarm, valueOf(set, alarm.statistic)) ? 'breaching' : 'fine';
    return to - lengthMs < since ? 'fine' : 'missing';
  });
}

function breaches({ comparison, threshold }: Alarm, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}

/** Changes the state, if it is another, and remembers that. */
export function setState(world: World, alarm: Alarm, state: AlarmStateValue, reason: string): void {
  if (alarm.state === state) return;
  alarm.state = state;
  alarm.reason = reason;
  alarm.updatedAt = world.nowIso();
  alarm.history = [{ at: alarm.updatedAt, state, reason }, ...alarm.history].slice(0, keptHistory);
}
