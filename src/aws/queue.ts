/**
 * The event queue on SQS, for publishing and for `events tail`. It lies wherever its URL says, which is best neither the
 * account nor the region that is drilled.
 */
import { UsageError } from '../domain/errors.ts';
import type { Aws, Place } from './aws.ts';

export interface QueueMessage {
  body: string;
  groupId: string;
  deduplicationId: string;
}

export interface Queue {
  readonly url: string;
  send(message: QueueMessage, signal: AbortSignal): Promise<void>;
  receive(options: {
    waitSeconds: number;
    max: number;
    signal: AbortSignal;
  }): Promise<{ body: string; receipt: string }[]>;
  delete(receipt: string): Promise<void>;
}

/**
 * @param url the queue's URL, as in FIREDRILL_EVENTS_QUEUE_URL
 * @param fallbackRegion where it is, when its URL doesn't say so
 * @throws UsageError `queue-region` when neither says in which region it is
 */
export function sqsQueue(aws: Aws, url: string, fallbackRegion: string | undefined): Queue {
  const region = regionOf(url, fallbackRegion);
  let place: Promise<Place> | undefined;
  /** The queue may be another account's that lets us in: the calls are made as whoever we are. */
  const sqs = async () => {
    place ??= aws
      .in({ account: '', region })
      .sts.getCallerIdentity({})
      .then(({ Account }) => ({ account: Account!, region }));
    place.catch(() => (place = undefined));
    return aws.in(await place).sqs;
  };
  return {
    url,
    async send({ body, groupId, deduplicationId }, signal) {
      await (
        await sqs()
      ).sendMessage(
        { QueueUrl: url, MessageBody: body, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId },
        { signal },
      );
    },
    async receive({ waitSeconds, max, signal }) {
      const { Messages = [] } = await (
        await sqs()
      ).receiveMessage({ QueueUrl: url, WaitTimeSeconds: waitSeconds, MaxNumberOfMessages: max }, { signal });
      return Messages.map((message) => ({ body: message.Body ?? '', receipt: message.ReceiptHandle! }));
    },
    async delete(receipt) {
      await (await sqs()).deleteMessage({ QueueUrl: url, ReceiptHandle: receipt });
    },
  };
}

/** `https://sqs.eu-central-1.amazonaws.com/111122223333/events.fifo` says it itself; URLs of other endpoints don't. */
function regionOf(url: string, fallback: string | undefined): string {
  const region = /^https?:\/\/(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(url)?.[1] ?? fallback;
  if (region) return region;
  throw new UsageError('queue-region', `it is not known in which region the queue ${url} is`, {
    expected: 'a queue URL of AWS, or AWS_REGION',
    found: 'neither',
    remedy: 'Set AWS_REGION to the region of the queue.',
  });
}
