/** How a received message leaves its queue. Shared by DeleteMessage and DeleteMessageBatch. */
import { AwsError } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { readReceipt } from './delivery.ts';
import { invalidParameter, isFifo, missingParameter, type Queue } from './state.ts';

/**
 * Deletes what was received with this receipt. A standard queue ignores a receipt that isn't the newest; a FIFO queue refuses one
 * whose visibility timeout has passed. Deleting twice succeeds.
 * @throws AwsError ReceiptHandleIsInvalid, InvalidParameterValue
 */
export function remove(world: World, queue: Queue, receipt: string | undefined): void {
  if (receipt === undefined || receipt === '') throw missingParameter('ReceiptHandle');
  const { id, receives } = readReceipt(receipt) ?? {};
  if (id === undefined) {
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    );
  }
  const message = queue.messages[id];
  if (!message) return;
  const newest = message.receives === receives;
  if (isFifo(queue) && (!newest || message.visibleMs <= world.nowMs())) {
    throw invalidParameter(receipt, 'ReceiptHandle', 'The receipt handle has expired');
  }
  if (newest) delete queue.messages[id];
}
