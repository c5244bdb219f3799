/** PutMetricData: values, or statistic sets. */
import type { MetricDatum, PutMetricDataCommandInput, PutMetricDataCommandOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { Point } from '../../world/cloudwatch.ts';
import { one, putMetric } from '../../world/cloudwatch.ts';
import type { World } from '../../world.ts';

const most = 1_000;

export const putMetricData =
  (world: World): Handler<PutMetricDataCommandInput, PutMetricDataCommandOutput> =>
  ({ Namespace: namespace = '', MetricData = [] }, call) => {
    if (namespace === '') throw new AwsError('MissingParameter', 'The parameter Namespace is required.');
    if (namespace.startsWith('AWS/')) {
      throw new AwsError('InvalidParameterValue', 'The value AWS/ for parameter Namespace is invalid.');
    }
    if (MetricData.length > most) {
      throw new AwsError('ValidationError', `The collection MetricData must not have a size greater than ${most}.`);
    }
    for (const datum of MetricData) {
      const { MetricName: name = '', Dimensions = [], Unit: unit, Timestamp } = datum;
      const dimensions = Dimensions.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value }));
      putMetric(world, call, { namespace, name, dimensions, unit }, pointOf(datum), Timestamp?.getTime());
    }
    return {};
  };

function pointOf({ Value, StatisticValues, Values, Counts }: MetricDatum): Omit<Point, 'at'> {
  if (StatisticValues) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: min = 0, Maximum: max = 0 } = StatisticValues;
    return { count, sum, min, max };
  }
  if (Values?.length) {
    const counts = Values.map((_, i) => Counts?.[i] ?? 1);
    return {
      count: counts.reduce((a, b) => a + b, 0),
      sum: Values.reduce((sum, value, i) => sum + value * (counts[i] ?? 1), 0),
      min: Math.min(...Values),
      max: Math.max(...Values),
    };
  }
  if (Value !== undefined) return one(Value);
  throw new AwsError('MissingParameter', 'The parameter MetricData.member.1.Value is required.');
}
