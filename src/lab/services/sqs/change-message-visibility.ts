import type { ChangeMessageVisibilityCommandInput, ChangeMessageVisibilityCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { readReceipt } from './delivery.ts';
import { checkRange, missingParameter, queueArn, queueAt } from './state.ts';

/** ChangeMessageVisibility: hides a message that is in flight for longer or shorter, counted from now. */
export const changeMessageVisibility =
  (
    world: World,
    arrivals: Arrivals,
  ): Handler<ChangeMessageVisibilityCommandInput, ChangeMessageVisibilityCommandOutput> =>
  ({ QueueUrl, ReceiptHandle = '', VisibilityTimeout }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    if (VisibilityTimeout === undefined) throw missingParameter('VisibilityTimeout');
    checkRange('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
    const { id, receives } = readReceipt(ReceiptHandle) ?? {};
    if (id === undefined) {
      const message = `The input receipt handle "${ReceiptHandle}" is not a valid receipt handle.`;
      throw new AwsError('ReceiptHandleIsInvalid', message);
    }
    const message = queue.messages[id];
    if (message?.receives !== receives || !message || message.visibleMs <= world.nowMs()) {
      const reason = 'Message does not exist or is not available for visibility timeout change';
      throw new AwsError(
        'MessageNotInflight',
        `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: ${reason}.`,
      );
    }
    message.visibleMs = world.nowMs() + VisibilityTimeout * 1000;
    arrivals.announce(queueArn(call, queue.name));
    return {};
  };
