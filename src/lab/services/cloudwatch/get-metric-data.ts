/** GetMetricData: several metrics at once. Expressions and searches are not served. */
import type { GetMetricDataCommandInput, GetMetricDataCommandOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { metricOf, series, valueOf } from './periods.ts';
import type { Statistic } from './periods.ts';

export const getMetricData =
  (world: World): Handler<GetMetricDataCommandInput, GetMetricDataCommandOutput> =>
  ({ MetricDataQueries = [], StartTime, EndTime, ScanBy }, call) => {
    const [from, to] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
    if (from >= to) throw new AwsError('ValidationError', 'The parameter StartTime must be less than EndTime.');
    return {
      MetricDataResults: MetricDataQueries.filter(({ ReturnData }) => ReturnData !== false).map((query) => {
        const { MetricStat: stat } = query;
        if (!stat) throw new AwsError('ValidationError', 'Metric math is not served here: give a MetricStat.');
        const { Namespace: namespace = '', MetricName: name = '', Dimensions = [] } = stat.Metric ?? {};
        const dimensions = Dimensions.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value }));
        const points = metricOf(world, call, { namespace, name, dimensions })?.points ?? [];
        const sets = series(points, from, to, stat.Period ?? 60);
        const ordered = ScanBy === 'TimestampAscending' ? sets : sets.toReversed();
        return {
          Id: query.Id,
          Label: query.Label ?? name,
          StatusCode: 'Complete' as const,
          Timestamps: ordered.map(({ at }) => new Date(at)),
          Values: ordered.map((set) => valueOf(set, stat.Stat as Statistic)),
        };
      }),
    };
  };
