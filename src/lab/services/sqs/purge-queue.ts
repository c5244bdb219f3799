import type { PurgeQueueCommandInput, PurgeQueueCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { queueAt } from './state.ts';

/** PurgeQueue: at once here, within 60 seconds on AWS; once a minute in both. */
export const purgeQueue =
  (world: World): Handler<PurgeQueueCommandInput, PurgeQueueCommandOutput> =>
  ({ QueueUrl }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    const nowMs = world.nowMs();
    if (queue.purgedMs !== undefined && nowMs < queue.purgedMs + world.duration(60_000)) {
      const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`;
      throw new AwsError('PurgeQueueInProgress', message);
    }
    queue.purgedMs = nowMs;
    queue.messages = {};
    return {};
  };
