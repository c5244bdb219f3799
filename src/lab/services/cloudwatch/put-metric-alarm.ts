/** PutMetricAlarm: makes or replaces an alarm on one metric. A new one begins with INSUFFICIENT_DATA. */
import type { PutMetricAlarmCommandInput, PutMetricAlarmCommandOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { Alarm } from '../../world/cloudwatch.ts';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import { arn } from '../../world/ids.ts';
import type { World } from '../../world.ts';

export const putMetricAlarm =
  (world: World): Handler<PutMetricAlarmCommandInput, PutMetricAlarmCommandOutput> =>
  (input, call) => {
    const name = required(input.AlarmName, 'AlarmName');
    const evaluationPeriods = positive(required(input.EvaluationPeriods, 'EvaluationPeriods'), 'EvaluationPeriods');
    const datapointsToAlarm = positive(input.DatapointsToAlarm ?? evaluationPeriods, 'DatapointsToAlarm');
    if (datapointsToAlarm > evaluationPeriods) {
      throw invalid('DatapointsToAlarm must not be greater than EvaluationPeriods');
    }
    const { alarms } = cloudWatchState(world, call);
    const known = alarms[name];
    alarms[name] = {
      name,
      arn: arn('cloudwatch', call, `alarm:${name}`),
      description: input.AlarmDescription,
      actionsEnabled: input.ActionsEnabled ?? true,
      okActions: [...(input.OKActions ?? [])],
      alarmActions: [...(input.AlarmActions ?? [])],
      insufficientDataActions: [...(input.InsufficientDataActions ?? [])],
      namespace: required(input.Namespace, 'Namespace'),
      metric: required(input.MetricName, 'MetricName'),
      dimensions: (input.Dimensions ?? []).map(({ Name = '', Value = '' }) => ({ name: Name, value: Value })),
      statistic: oneOf(input.Statistic, statistics, 'Statistic'),
      periodSeconds: periodOf(input.Period),
      evaluationPeriods,
      datapointsToAlarm,
      threshold: required(input.Threshold, 'Threshold'),
      comparison: oneOf(input.ComparisonOperator, comparisons, 'ComparisonOperator'),
      missing: oneOf(input.TreatMissingData ?? 'missing', treatments, 'TreatMissingData'),
      state: known?.state ?? 'INSUFFICIENT_DATA',
      reason: known?.reason ?? 'Unchecked: Initial alarm creation',
      updatedAt: known?.updatedAt ?? world.nowIso(),
      configuredAt: world.nowIso(),
      history: known?.history ?? [],
      tags: known?.tags ?? Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    };
    return {};
  };

const statistics: readonly Alarm['statistic'][] = ['Average', 'Minimum', 'Maximum', 'Sum', 'SampleCount'];
const treatments: readonly Alarm['missing'][] = ['breaching', 'notBreaching', 'ignore', 'missing'];
const comparisons: readonly Alarm['comparison'][] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
];

function periodOf(seconds: number | undefined): number {
  const period = required(seconds, 'Period');
  if (period === 10 || period === 20 || period === 30 || (period >= 60 && period % 60 === 0)) return period;
  throw invalid('Period must be 10, 20, 30 or a multiple of 60');
}

function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined && value !== '') return value;
  throw new AwsError('ValidationError', `The parameter ${name} is required.`);
}

function positive(value: number, name: string): number {
  if (value >= 1) return value;
  throw invalid(`${name} must be greater than or equal to 1`);
}

function oneOf<T extends string>(value: string | undefined, values: readonly T[], name: string): T {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw invalid(`${name} must be one of [${values.join(', ')}]`);
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
