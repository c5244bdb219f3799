/** Target `cloudwatch/alarm`: one metric or composite alarm. */
import { z } from 'zod';
import { defineTarget } from '../target.ts';
import { alarmName } from '../written.ts';

export const alarm = defineTarget({
  spec: {
    type: 'cloudwatch/alarm',
    describes: 'A CloudWatch alarm, metric or composite',
    params: z.strictObject({ id: alarmName('name of the alarm') }),
    facts: { metric: 'metric that it watches', periodSeconds: 'its period' },
  },
  reads: ['cloudwatch:DescribeAlarms'],
  async find(aws, { id }, place) {
    const { MetricAlarms = [], CompositeAlarms = [] } = await aws
      .in(place)
      .cloudwatch.describeAlarms({ AlarmNames: [id], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
    const metric = MetricAlarms.map((found) => ({
      id: found.AlarmName!,
      arn: found.AlarmArn,
      facts: {
        metric: found.MetricName,
        periodSeconds: found.Period,
        evaluationPeriods: found.EvaluationPeriods,
        state: found.StateValue,
      },
    }));
    const composite = CompositeAlarms.map((found) => ({
      id: found.AlarmName!,
      arn: found.AlarmArn,
      facts: { rule: found.AlarmRule, state: found.StateValue },
    }));
    return [...metric, ...composite].filter((found) => found.id === id);
  },
});
