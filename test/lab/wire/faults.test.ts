/** What hooks and handlers can do to a call besides answering it. */
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { expect, test, vi } from 'vitest';
import { AwsError, LoseAnswer, type CallHooks } from '../../../src/lab/wire/handler.ts';
import { calls, config, open, useEndpoint } from './opened.ts';

useEndpoint();

const describeWith = async (hooks: CallHooks): Promise<unknown> => {
  await open({ hooks });
  return new RDSClient(config()).send(new DescribeDBInstancesCommand({})).catch((error: unknown) => error);
};

test('a hook before the handler keeps the effect from happening', async () => {
  const throttled = await describeWith({
    before({ operation }, input) {
      expect([operation, input]).toEqual(['DescribeDBInstances', {}]);
      throw new AwsError('Throttling', 'Rate exceeded');
    },
  });
  expect(throttled).toMatchObject({ name: 'Throttling', message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });
  expect(calls).toEqual([]);
});

test('a lost answer tears the connection down after the effect', async () => {
  const lost = await describeWith({
    after() {
      throw new LoseAnswer();
    },
  });
  expect(lost).toMatchObject({ code: 'ECONNRESET' });
  expect(calls).toHaveLength(1);
});

test('a failing handler gives InternalFailure and is reported', async () => {
  const onDefect = vi.fn();
  const failure = new TypeError('no such thing');
  await open({
    onDefect,
    services: [
      {
        client: 'rds',
        operations: {
          DescribeDBInstances: () => {
            throw failure;
          },
        },
      },
    ],
  });
  await expect(new RDSClient(config()).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.stringContaining('no such thing') as string,
    $metadata: { httpStatusCode: 500 },
  });
  expect(onDefect).toHaveBeenCalledWith(failure, expect.objectContaining({ operation: 'DescribeDBInstances' }));
});

test('tells a handler when its caller has gone', async () => {
  const caller = new AbortController();
  const gone = new Promise<void>((resolve) => {
    void open({
      services: [
        {
          client: 'rds',
          operations: {
            DescribeDBInstances(_input, { signal }) {
              signal?.addEventListener('abort', () => resolve());
              caller.abort();
              return new Promise(() => {});
            },
          },
        },
      ],
    }).then(() =>
      new RDSClient(config())
        .send(new DescribeDBInstancesCommand({}), { abortSignal: caller.signal })
        .catch(() => undefined),
    );
  });
  await expect(gone).resolves.toBeUndefined();
});
