import type { ListQueuesCommandInput, ListQueuesCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { checkRange, queueUrl, sqsState } from './state.ts';

/** ListQueues: at most 1,000 without MaxResults, in pages with it. */
export const listQueues =
  (world: World): Handler<ListQueuesCommandInput, ListQueuesCommandOutput> =>
  ({ QueueNamePrefix = '', MaxResults, NextToken = '' }, call) => {
    checkRange('MaxResults', MaxResults, 1, 1_000);
    const names = Object.keys(sqsState(world, call).queues).sort();
    const left = names.filter((name) => name.startsWith(QueueNamePrefix) && name > NextToken);
    const page = left.slice(0, MaxResults ?? 1_000);
    const more = MaxResults !== undefined && left.length > page.length;
    return {
      QueueUrls: page.length === 0 ? undefined : page.map((name) => queueUrl(call, name)),
      NextToken: more ? page.at(-1) : undefined,
    };
  };
