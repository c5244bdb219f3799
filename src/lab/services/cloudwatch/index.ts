/** CloudWatch: metrics that the lab's services publish or callers put, and alarms on them. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { deleteAlarms } from './delete-alarms.ts';
import { describeAlarms } from './describe-alarms.ts';
import { getMetricData } from './get-metric-data.ts';
import { getMetricStatistics } from './get-metric-statistics.ts';
import { listMetrics } from './list-metrics.ts';
import { registerMetrics } from './produce.ts';
import { putMetricAlarm } from './put-metric-alarm.ts';
import { putMetricData } from './put-metric-data.ts';
import { setAlarmState } from './set-alarm-state.ts';

export function cloudwatch(world: World): ServiceEmulation {
  registerMetrics(world);
  return {
    client: 'cloudwatch',
    operations: {
      DeleteAlarms: deleteAlarms(world),
      DescribeAlarms: describeAlarms(world),
      GetMetricData: getMetricData(world),
      GetMetricStatistics: getMetricStatistics(world),
      ListMetrics: listMetrics(world),
      PutMetricAlarm: putMetricAlarm(world),
      PutMetricData: putMetricData(world),
      SetAlarmState: setAlarmState(world),
    },
  };
}
