/** Metrics as callers put them and as the API gives them back. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cloudwatch } from '../../../../src/lab/services/cloudwatch/index.ts';
import { serve } from '../support/lab-service.ts';
import type { LabService } from '../support/lab-service.ts';

const Namespace = 'shop';
const MetricName = 'latency';
const Dimensions = [{ Name: 'az', Value: 'a' }];

let lab: LabService;
let client: CloudWatchClient;

beforeEach(async () => {
  lab = await serve(cloudwatch);
  client = new CloudWatchClient(lab.config());
  const at = (seconds: number) => new Date(lab.clock.wall().getTime() + seconds * 1_000);
  const datum = (Value: number, seconds: number) => ({ MetricName, Dimensions, Value, Timestamp: at(seconds) });
  await client.send(
    new PutMetricDataCommand({ Namespace, MetricData: [datum(1, 0), datum(3, 30), datum(10, 70), datum(2, 75)] }),
  );
  lab.clock.advance(120_000);
});
afterEach(async () => {
  client.destroy();
  await lab.close();
});

const window = () => ({
  StartTime: new Date(lab.clock.wall().getTime() - 120_000),
  EndTime: lab.clock.wall(),
});

it('gives all statistics of a metric by period', async () => {
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace,
      MetricName,
      Dimensions,
      Period: 60,
      Statistics: ['Average', 'Maximum', 'Sum', 'SampleCount', 'Minimum'],
      ...window(),
    }),
  );
  expect(Datapoints.map(({ Timestamp: _, Unit: __, ...values }) => values)).toEqual([
    { Average: 2, Maximum: 3, Minimum: 1, Sum: 4, SampleCount: 2 },
    { Average: 6, Maximum: 10, Minimum: 2, Sum: 12, SampleCount: 2 },
  ]);
});

it('gives several metrics at once, newest first unless asked otherwise', async () => {
  const query = (Id: string, Stat: string) => ({
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
  });
  const MetricDataQueries = [query('most', 'Maximum'), query('count', 'SampleCount')];
  const { MetricDataResults = [] } = await client.send(new GetMetricDataCommand({ MetricDataQueries, ...window() }));
  expect(MetricDataResults.map(({ Id, Values }) => [Id, Values])).toEqual([
    ['most', [10, 3]],
    ['count', [2, 2]],
  ]);
});

it('knows metrics only by their exact dimensions', async () => {
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({ Namespace, MetricName, Period: 60, Statistics: ['Sum'], ...window() }),
  );
  expect(Datapoints).toEqual([]);
  const { Metrics } = await client.send(new ListMetricsCommand({ Namespace, Dimensions: [{ Name: 'az' }] }));
  expect(Metrics).toEqual([{ Namespace, MetricName, Dimensions }]);
});

it('refuses more datapoints than one answer holds', async () => {
  const StartTime = new Date(lab.clock.wall().getTime() - 30 * 86_400_000);
  const asked = new GetMetricStatisticsCommand({
    Namespace,
    MetricName,
    Period: 60,
    Statistics: ['Sum'],
    StartTime,
    EndTime: lab.clock.wall(),
  });
  await expect(client.send(asked)).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
});

it("refuses AWS's own namespaces to callers", async () => {
  const put = new PutMetricDataCommand({ Namespace: 'AWS/RDS', MetricData: [{ MetricName, Value: 1 }] });
  await expect(client.send(put)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
});
