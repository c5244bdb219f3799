/** Seeds CloudWatch alarms. */
import type { Scope, World } from '../../world.ts';
import { cloudWatchState } from '../cloudwatch.ts';
import type { Alarm } from '../cloudwatch.ts';
import { arn } from '../ids.ts';

export type AlarmSpec = Pick<
  Alarm,
  'name' | 'namespace' | 'metric' | 'dimensions' | 'statistic' | 'threshold' | 'comparison'
> &
  Partial<
    Pick<Alarm, 'description' | 'periodSeconds' | 'evaluationPeriods' | 'datapointsToAlarm' | 'missing' | 'tags'>
  >;

/** Periods are AWS's seconds (default 60); the profile shortens them. Missing data breaches unless the spec says otherwise. */
export function createAlarm(world: World, scope: Scope, spec: AlarmSpec): Alarm {
  const evaluationPeriods = spec.evaluationPeriods ?? 2;
  const alarm: Alarm = {
    actionsEnabled: true,
    okActions: [],
    alarmActions: [],
    insufficientDataActions: [],
    periodSeconds: 60,
    datapointsToAlarm: evaluationPeriods,
    missing: 'breaching',
    tags: {},
    ...spec,
    evaluationPeriods,
    arn: arn('cloudwatch', scope, `alarm:${spec.name}`),
    state: 'OK',
    reason: 'Unchecked: Initial alarm creation',
    updatedAt: world.nowIso(),
    configuredAt: world.nowIso(),
    history: [],
  };
  cloudWatchState(world, scope).alarms[alarm.name] = alarm;
  return alarm;
}
