/** SQS behind an endpoint, fresh for each test of the file that calls `useSqs`, and the calls that tests make most. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type ReceiveMessageCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach } from 'vitest';
import { sqs } from '../../../../src/lab/services/sqs/sqs.ts';
import { serve, type LabService } from '../support/lab-service.ts';

export let lab: LabService;
export let client: SQSClient;

export function useSqs(): void {
  beforeEach(async () => {
    lab = await serve(sqs);
    client = new SQSClient(lab.config());
  });
  afterEach(async () => {
    client.destroy();
    await lab.close();
  });
}

export async function queue(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return QueueUrl;
}
export const fifo = (name: string, attributes: Record<string, string> = {}) =>
  queue(`${name}.fifo`, { FifoQueue: 'true', ...attributes });

export const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
export const sendTo = (url: string, group: string, body: string, id = `${group}-${body}`) =>
  send(url, body, { MessageGroupId: group, MessageDeduplicationId: id });

export async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) {
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], ...more };
  const { Messages = [] } = await client.send(new ReceiveMessageCommand(input));
  return Messages;
}
export const bodies = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await receive(url, more)).map(({ Body }) => Body);
export const remove = (QueueUrl: string, ReceiptHandle: string | undefined) =>
  client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
export const attributes = async (QueueUrl: string) =>
  (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes;
export const seconds = (n: number) => lab.clock.advance(n * 1000);
