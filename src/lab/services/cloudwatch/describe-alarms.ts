/** DescribeAlarms: by name, by prefix, by state, or all of the region, by page. */
import type { DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { Alarm } from '../../world/cloudwatch.ts';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import type { World } from '../../world.ts';

export const describeAlarms =
  (world: World): Handler<DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput> =>
  (input, call) => {
    const { AlarmNames, AlarmNamePrefix, StateValue, AlarmTypes, MaxRecords = 50, NextToken } = input;
    if (AlarmNames?.length && AlarmNamePrefix !== undefined) {
      throw new AwsError('ValidationError', 'AlarmNamePrefix and AlarmNames can not be used together');
    }
    if (AlarmTypes?.length && !AlarmTypes.includes('MetricAlarm')) return { MetricAlarms: [], CompositeAlarms: [] };
    const alarms = Object.values(cloudWatchState(world, call).alarms)
      .filter(({ name }) => !AlarmNames?.length || AlarmNames.includes(name))
      .filter(({ name }) => AlarmNamePrefix === undefined || name.startsWith(AlarmNamePrefix))
      .filter(({ state }) => StateValue === undefined || state === StateValue)
      .sort((a, b) => a.name.localeCompare(b.name));
    const from = NextToken === undefined ? 0 : alarms.findIndex(({ name }) => name === NextToken);
    if (from < 0) throw new AwsError('InvalidNextToken', 'The next token is invalid.');
    return {
      MetricAlarms: alarms.slice(from, from + MaxRecords).map(alarmShape),
      CompositeAlarms: [],
      NextToken: alarms[from + MaxRecords]?.name,
    };
  };

const alarmShape = (alarm: Alarm): MetricAlarm => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  AlarmDescription: alarm.description,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  ActionsEnabled: alarm.actionsEnabled,
  OKActions: [...alarm.okActions],
  AlarmActions: [...alarm.alarmActions],
  InsufficientDataActions: [...alarm.insufficientDataActions],
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateUpdatedTimestamp: new Date(alarm.updatedAt),
  StateTransitionedTimestamp: new Date(alarm.updatedAt),
  Namespace: alarm.namespace,
  MetricName: alarm.metric,
  Dimensions: alarm.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
  Statistic: alarm.statistic,
  Period: alarm.periodSeconds,
  EvaluationPeriods: alarm.evaluationPeriods,
  DatapointsToAlarm: alarm.datapointsToAlarm,
  Threshold: alarm.threshold,
  ComparisonOperator: alarm.comparison,
  TreatMissingData: alarm.missing,
});
