import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { sqs } from '../../../../src/lab/services/sqs/sqs.ts';
import { account, serve } from '../support/lab-service.ts';
import { attributes, client, fifo, lab, queue, receive, seconds, send, sendTo, useSqs } from './sqs-lab.ts';

useSqs();

describe('queues', () => {
  test('are made once, found by name, and listed in pages', async () => {
    const url = await queue('events', { VisibilityTimeout: '60' });
    expect(url).toBe(`${lab.url}/${account}/events`);
    expect(await queue('events', { VisibilityTimeout: '60' })).toBe(url);
    await expect(queue('events', { VisibilityTimeout: '61' })).rejects.toMatchObject({ name: 'QueueNameExists' });
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'events' }))).QueueUrl).toBe(url);
    await Promise.all([queue('events-2'), queue('events-3'), queue('other')]);
    const list = (NextToken?: string) =>
      client.send(new ListQueuesCommand({ QueueNamePrefix: 'events', MaxResults: 2, NextToken }));
    const first = await list();
    expect(first.QueueUrls).toEqual([url, `${url}-2`]);
    expect(await list(first.NextToken)).toMatchObject({ QueueUrls: [`${url}-3`] });
  });

  test('tell their attributes, with defaults', async () => {
    const url = await fifo('events', { ContentBasedDeduplication: 'true' });
    expect(await attributes(url)).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ContentBasedDeduplication: 'true',
      CreatedTimestamp: '1767225600',
      DeduplicationScope: 'queue',
      DelaySeconds: '0',
      FifoQueue: 'true',
      FifoThroughputLimit: 'perQueue',
      LastModifiedTimestamp: '1767225600',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: `arn:aws:sqs:eu-central-1:${account}:events.fifo`,
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
  });

  test.each([
    ['a name with a space', () => queue('my events'), 'InvalidParameterValue'],
    ['a FIFO queue without .fifo', () => queue('events', { FifoQueue: 'true' }), 'InvalidParameterValue'],
    ['.fifo on a standard queue', () => queue('events.fifo'), 'InvalidParameterValue'],
    ['an unknown attribute', () => queue('events', { Colour: 'red' }), 'InvalidAttributeName'],
    ['a visibility timeout over 12 hours', () => queue('e', { VisibilityTimeout: '43201' }), 'InvalidAttributeValue'],
    ['a retention under a minute', () => queue('e', { MessageRetentionPeriod: '59' }), 'InvalidAttributeValue'],
    ['a delay over 15 minutes', () => queue('e', { DelaySeconds: '901' }), 'InvalidAttributeValue'],
    ['FIFO attributes on a standard queue', () => queue('e', { DeduplicationScope: 'queue' }), 'InvalidAttributeName'],
  ])('refuse %s', async (_what, create, name) => {
    await expect(create()).rejects.toMatchObject({ name });
  });

  test('are not there for other regions, and closed to other accounts', async () => {
    const url = await queue('events');
    const elsewhere = new SQSClient(lab.config({ region: 'eu-west-1' }));
    const call = new GetQueueAttributesCommand({ QueueUrl: url });
    await expect(elsewhere.send(call)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    const stranger = new SQSClient(lab.config({ account: '444455556666' }));
    await expect(stranger.send(call)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('can be changed, tagged, emptied and deleted', async () => {
    const url = await queue('events');
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '5' } }));
    expect(await attributes(url)).toMatchObject({ DelaySeconds: '5' });
    await client.send(new TagQueueCommand({ QueueUrl: url, Tags: { app: 'orders', run: '1' } }));
    await client.send(new UntagQueueCommand({ QueueUrl: url, TagKeys: ['run'] }));
    expect((await client.send(new ListQueueTagsCommand({ QueueUrl: url }))).Tags).toEqual({ app: 'orders' });
    await send(url, 'x', { DelaySeconds: 0 });
    await client.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await receive(url)).toEqual([]);
    const again = new PurgeQueueCommand({ QueueUrl: url });
    await expect(client.send(again)).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    await expect(send(url, 'x')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(queue('events')).rejects.toMatchObject({ name: 'QueueDeletedRecently' });
    seconds(60);
    expect(await queue('events')).toBe(url);
  });
});

test('queues and messages outlive the process that holds them', async () => {
  const url = await fifo('events');
  await sendTo(url, 'a', '1');
  const again = await serve(sqs, JSON.parse(JSON.stringify(lab.world.state)) as typeof lab.world.state);
  const other = new SQSClient(again.config());
  const QueueUrl = url.replace(lab.url, again.url);
  const { Messages } = await other.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages).toMatchObject([{ Body: '1' }]);
  await again.close();
});
