import type { GetQueueUrlCommandInput, GetQueueUrlCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { queueAt, queueUrl } from './state.ts';

/** GetQueueUrl */
export const getQueueUrl =
  (world: World): Handler<GetQueueUrlCommandInput, GetQueueUrlCommandOutput> =>
  ({ QueueName, QueueOwnerAWSAccountId }, call) => {
    const { name } = queueAt(world, call, `${QueueOwnerAWSAccountId ?? call.account}/${QueueName}`);
    return { QueueUrl: queueUrl(call, name) };
  };
