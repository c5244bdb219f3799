import type { DeleteQueueCommandInput, DeleteQueueCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { queueArn, queueAt, sqsState } from './state.ts';

/** DeleteQueue: with all messages, and long polls end. Its name is blocked for a minute. */
export const deleteQueue =
  (world: World, arrivals: Arrivals): Handler<DeleteQueueCommandInput, DeleteQueueCommandOutput> =>
  ({ QueueUrl }, call) => {
    const { name } = queueAt(world, call, QueueUrl);
    const state = sqsState(world, call);
    delete state.queues[name];
    state.deletedUntilMs[name] = world.nowMs() + world.duration(60_000);
    arrivals.announce(queueArn(call, name));
    return {};
  };
