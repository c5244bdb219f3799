/** What publishing needs of SQS: one FIFO queue. The implementation makes the calls; nothing here knows the SDK. */

export interface QueueMessage {
  /** At most 256 KB, and only characters that SQS takes. */
  body: string;
  /** MessageGroupId: order is kept within a group. */
  groupId: string;
  /** MessageDeduplicationId: sent again within 5 minutes, it is accepted and not delivered again. */
  deduplicationId: string;
}

export interface ReceivedMessage {
  body: string;
  /** ReceiptHandle, for deleting. */
  receipt: string;
}

export interface EventQueue {
  readonly url: string;
  /** Resolves when SQS has the message. A rejection may mean that it has it all the same. */
  send(message: QueueMessage, signal: AbortSignal): Promise<void>;
  /** Up to `max` (1 to 10) messages; long-polls for at most `waitSeconds` (0 to 20) while there are none. */
  receive(options: { waitSeconds: number; max: number; signal: AbortSignal }): Promise<ReceivedMessage[]>;
  delete(receipt: string): Promise<void>;
}
