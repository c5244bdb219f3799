/** One SQS FIFO queue behind the funnel, in the shape that publishing asks for. */
import { UsageError } from '../domain/errors.ts';
import type { Aws, Place } from './aws.ts';

interface Sent {
  body: string;
  groupId: string;
  deduplicationId: string;
}

interface Received {
  body: string;
  receipt: string;
}

/**
 * @param region of a queue whose URL doesn't say it (an endpoint of one's own); AWS's do
 * @throws UsageError `queue-url` when it is no URL of an SQS FIFO queue
 */
export function sqsQueue(aws: Aws, url: string, region: string | undefined) {
  const { sqs } = aws.in(placeOf(url, region));
  return {
    url,
    /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
    async send({ body, groupId, deduplicationId }: Sent, signal: AbortSignal): Promise<void> {
      await sqs.sendMessage(
        { QueueUrl: url, MessageBody: body, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId },
        { signal },
      );
    },
    async receive(options: { waitSeconds: number; max: number; signal: AbortSignal }): Promise<Received[]> {
      const { waitSeconds, max, signal } = options;
      const { Messages = [] } = await sqs.receiveMessage(
        { QueueUrl: url, WaitTimeSeconds: waitSeconds, MaxNumberOfMessages: max },
        { signal },
      );
      return Messages.map(({ Body = '', ReceiptHandle = '' }) => ({ body: Body, receipt: ReceiptHandle }));
    },
    async delete(receipt: string): Promise<void> {
      await sqs.deleteMessage({ QueueUrl: url, ReceiptHandle: receipt });
    },
  };
}

/** `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.fifo`, or the same path at another endpoint. */
function placeOf(url: string, region: string | undefined): Place {
  const match = /^https?:\/\/([^/]+)\/(\d{12})\/([\w-]+\.fifo)$/.exec(url);
  const own = /^(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(match?.[1] ?? '')?.[1] ?? region;
  if (match && own) return { account: match[2]!, region: own };
  throw new UsageError('queue-url', `${url} is no URL of an SQS FIFO queue with a known region`, {
    expected: 'https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.fifo',
    found: url,
    remedy:
      'Set FIREDRILL_EVENTS_QUEUE_URL to the URL that SQS shows for the queue; set AWS_REGION for an own endpoint.',
  });
}
