/** ListMetrics: by namespace, name and dimensions. */
import type { ListMetricsCommandInput, ListMetricsCommandOutput } from '@aws-sdk/client-cloudwatch';
import type { Handler } from '../../wire/handler.ts';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import type { World } from '../../world.ts';

export const listMetrics =
  (world: World): Handler<ListMetricsCommandInput, ListMetricsCommandOutput> =>
  ({ Namespace, MetricName, Dimensions = [] }, call) => ({
    Metrics: Object.values(cloudWatchState(world, call).metrics)
      .filter(({ namespace }) => Namespace === undefined || namespace === Namespace)
      .filter(({ name }) => MetricName === undefined || name === MetricName)
      .filter(({ dimensions }) =>
        Dimensions.every(({ Name, Value }) =>
          dimensions.some(({ name, value }) => name === Name && (Value === undefined || value === Value)),
        ),
      )
      .map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: dimensions.map((each) => ({ Name: each.name, Value: each.value })),
      })),
  });
