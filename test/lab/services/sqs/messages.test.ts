import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { account } from '../support/lab-service.ts';
import {
  attributes,
  bodies,
  client,
  fifo,
  lab,
  queue,
  receive,
  remove,
  seconds,
  send,
  sendTo,
  useSqs,
} from './sqs-lab.ts';

useSqs();

describe('a message', () => {
  test('arrives with its attributes and the digests that clients check', async () => {
    const url = await queue('events');
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'drill' },
      n: { DataType: 'Number', StringValue: '7' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    };
    const sent = await send(url, 'grüße', { MessageAttributes });
    expect(sent.MD5OfMessageBody).toBe(createHash('md5').update('grüße').digest('hex'));
    const [message] = await receive(url, { MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'grüße',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    });
    expect(message?.MessageAttributes).toMatchObject({ kind: MessageAttributes.kind, n: MessageAttributes.n });
    expect(Buffer.from(message?.MessageAttributes?.raw?.BinaryValue ?? [])).toEqual(Buffer.from([0, 255]));
    expect(message?.Attributes).toEqual({
      SenderId: account,
      SentTimestamp: '1767225600000',
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: '1767225600000',
    });
  });

  test('has the digest of its attributes that AWS gives', async () => {
    const MessageAttributes = { timestamp: { DataType: 'Number', StringValue: '1493147359900' } };
    const sent = await send(await queue('events'), 'x', { MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe('235c5c510d26fb653d073faed50ae77c');
  });

  test('that was received is hidden until its visibility timeout, then comes again', async () => {
    const url = await queue('events', { VisibilityTimeout: '30' });
    await send(url, 'once');
    const [first] = await receive(url);
    seconds(29.9);
    expect(await receive(url)).toEqual([]);
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
    seconds(0.1);
    const [second] = await receive(url);
    expect(second?.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
    await remove(url, first?.ReceiptHandle);
    seconds(30);
    expect(await bodies(url), 'the first receipt deletes nothing any more').toEqual(['once']);
  });

  test('is gone once it is deleted, also twice', async () => {
    const url = await queue('events');
    await send(url, 'once');
    const [message] = await receive(url);
    await remove(url, message?.ReceiptHandle);
    await remove(url, message?.ReceiptHandle);
    seconds(60);
    expect(await receive(url)).toEqual([]);
    await expect(remove(url, 'nonsense')).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  test('can be hidden for longer or given back', async () => {
    const url = await queue('events');
    await send(url, 'x');
    const [{ ReceiptHandle } = {}] = await receive(url);
    const change = (VisibilityTimeout: number) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }));
    await change(100);
    seconds(99);
    expect(await receive(url)).toEqual([]);
    await change(0);
    expect(await bodies(url)).toEqual(['x']);
    await expect(change(10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  test('waits for the queue’s delay, or for its own timer instead', async () => {
    const url = await queue('events', { DelaySeconds: '10' });
    await send(url, 'queue');
    await send(url, 'own', { DelaySeconds: 20 });
    await send(url, 'none', { DelaySeconds: 0 });
    expect(await bodies(url)).toEqual(['none']);
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '2' });
    seconds(10);
    expect(await bodies(url)).toEqual(['queue']);
    seconds(10);
    expect(await bodies(url)).toEqual(['own']);
  });

  test('is dropped after its retention', async () => {
    const url = await queue('events', { MessageRetentionPeriod: '60' });
    await send(url, 'old');
    seconds(59);
    await send(url, 'new');
    seconds(1);
    expect(await bodies(url)).toEqual(['new']);
  });

  test.each([
    ['is empty', '', {}, 'MissingParameter'],
    ['has characters outside XML', 'a\u0001b', {}, 'InvalidMessageContents'],
    ['is larger than the queue allows', 'x'.repeat(1_025), {}, 'InvalidParameterValue'],
    ['is delayed for more than 15 minutes', 'x', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['has a deduplication id on a standard queue', 'x', { MessageDeduplicationId: 'd' }, 'InvalidParameterValue'],
    [
      'has an attribute of no known type',
      'x',
      { MessageAttributes: { a: { DataType: 'Colour', StringValue: 'red' } } },
      'InvalidParameterValue',
    ],
  ])('is refused when it %s', async (_why, body, more, name) => {
    const url = await queue('events', { MaximumMessageSize: '1024' });
    await expect(send(url, body, more)).rejects.toMatchObject({ name });
  });
});

describe('batches', () => {
  test('fail entry by entry', async () => {
    const url = await queue('events');
    const Entries = [
      { Id: 'a', MessageBody: 'one' },
      { Id: 'b', MessageBody: '\u0001' },
    ];
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(sent.Successful).toMatchObject([{ Id: 'a' }]);
    expect(sent.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidMessageContents', SenderFault: true }]);
    const [message] = await receive(url);
    const entries = [
      { Id: 'a', ReceiptHandle: message?.ReceiptHandle },
      { Id: 'b', ReceiptHandle: 'nonsense' },
    ];
    const deleted = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    expect(deleted).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', Code: 'ReceiptHandleIsInvalid' }] });
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
  });

  test.each([
    ['without entries', [], 'EmptyBatchRequest'],
    ['of more than ten', Array.from({ length: 11 }, (_, i) => `e${i}`), 'TooManyEntriesInBatchRequest'],
    ['with an id twice', ['a', 'a'], 'BatchEntryIdsNotDistinct'],
    ['with an id that is none', ['a b'], 'InvalidBatchEntryId'],
  ])('%s are refused whole', async (_what, ids, name) => {
    const url = await queue('events');
    const Entries = ids.map((Id) => ({ Id, MessageBody: 'x' }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))).rejects.toMatchObject({ name });
  });
});

describe('long polling', () => {
  test('ends as soon as a message comes', async () => {
    const url = await queue('events');
    const polling = bodies(url, { WaitTimeSeconds: 20 });
    await lab.clock.sleeping();
    await send(url, 'news');
    expect(await polling).toEqual(['news']);
  });

  test('ends when a hidden message becomes visible', async () => {
    const url = await queue('events', { ReceiveMessageWaitTimeSeconds: '20' });
    await send(url, 'later', { DelaySeconds: 5 });
    const polling = bodies(url);
    await lab.clock.sleeping();
    seconds(5);
    expect(await polling).toEqual(['later']);
  });

  test('ends when somebody gives a message back, or lets the next of its group through', async () => {
    const url = await fifo('events');
    for (const body of ['1', '2']) await sendTo(url, 'a', body);
    const [{ ReceiptHandle } = {}] = await receive(url, { MaxNumberOfMessages: 1 });
    const poll = () => receive(url, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 });
    const second = poll();
    await lab.clock.sleeping();
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
    const [again] = await second;
    expect(again?.Body).toBe('1');
    const third = poll();
    await lab.clock.sleeping();
    await remove(url, again?.ReceiptHandle);
    expect((await third)[0]?.Body).toBe('2');
  });

  test('ends when its queue is deleted', async () => {
    const url = await queue('events');
    const polling = bodies(url, { WaitTimeSeconds: 20 });
    await lab.clock.sleeping();
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    expect(await polling).toEqual([]);
  });

  test('ends empty after its time', async () => {
    const url = await queue('events');
    const polling = bodies(url, { WaitTimeSeconds: 3 });
    await lab.clock.sleeping();
    seconds(3);
    expect(await polling).toEqual([]);
  });

  test('takes nothing for a caller that has gone', async () => {
    const url = await queue('events');
    const gone = new AbortController();
    const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
    const polling = client.send(command, { abortSignal: gone.signal }).catch((error: Error) => error.name);
    await lab.clock.sleeping();
    gone.abort();
    expect(await polling).toBe('AbortError');
    // The endpoint learns of it a moment later: a poll of its own is answered after that.
    await client.send(new ListQueuesCommand({}));
    await send(url, 'news');
    expect(await bodies(url)).toEqual(['news']);
  });
});
