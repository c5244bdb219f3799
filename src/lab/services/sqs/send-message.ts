import type { SendMessageCommandInput, SendMessageCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { send } from './send.ts';
import { queueArn, queueAt } from './state.ts';

/** SendMessage */
export const sendMessage =
  (world: World, arrivals: Arrivals): Handler<SendMessageCommandInput, SendMessageCommandOutput> =>
  (input, call) => {
    const queue = queueAt(world, call, input.QueueUrl);
    const sent = send(world, call, queue, input);
    arrivals.announce(queueArn(call, queue.name));
    return sent;
  };
