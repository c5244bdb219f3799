/** GetMetricStatistics: one metric in periods of real time, several statistics at once. */
import type {
  Datapoint,
  GetMetricStatisticsCommandInput,
  GetMetricStatisticsCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { metricOf, series, valueOf } from './periods.ts';

const most = 1_440;

export const getMetricStatistics =
  (world: World): Handler<GetMetricStatisticsCommandInput, GetMetricStatisticsCommandOutput> =>
  (input, call) => {
    const { Namespace: namespace = '', MetricName: name = '', Dimensions = [], Period = 60, Statistics = [] } = input;
    const [from, to] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? 0];
    if (from >= to) {
      throw new AwsError('InvalidParameterValue', 'The parameter StartTime must be less than the parameter EndTime.');
    }
    if ((to - from) / (Period * 1_000) > most) {
      const message = `You have requested up to ${Math.floor((to - from) / (Period * 1_000))} datapoints, which exceeds the limit of 1,440.`;
      throw new AwsError('InvalidParameterCombination', message);
    }
    if (Statistics.length === 0) {
      throw new AwsError(
        'MissingParameter',
        'At least one of the parameters Statistics and ExtendedStatistics must be specified.',
      );
    }
    const dimensions = Dimensions.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value }));
    const metric = metricOf(world, call, { namespace, name, dimensions });
    const sets = series(metric?.points ?? [], from, to, Period);
    return {
      Label: name,
      Datapoints: sets.map((set): Datapoint => ({
        Timestamp: new Date(set.at),
        Unit: metric?.unit as Datapoint['Unit'],
        ...Object.fromEntries(Statistics.map((each) => [each, valueOf(set, each)])),
      })),
    };
  };
