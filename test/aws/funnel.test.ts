import { afterEach, describe, expect, test } from 'vitest';
import { LostError } from '../../src/domain/errors.ts';
import type { Aws, AwsCall } from '../../src/aws/aws.ts';
import type { AwsOptions } from '../../src/aws/funnel.ts';
import { createAws } from '../../src/aws/funnel.ts';
import type { Answer, FakeEndpoint } from './endpoint.ts';
import { failure, fakeEndpoint, here, optionsFor, xml } from './endpoint.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const opened of open.splice(0)) await opened.close();
});

async function funnel(answer: Answer, more: Partial<AwsOptions> = {}): Promise<{ aws: Aws; endpoint: FakeEndpoint }> {
  const endpoint = await fakeEndpoint(answer);
  const aws = createAws(optionsFor(endpoint.url, more));
  open.push(aws, endpoint);
  return { aws, endpoint };
}

/** Fails the first `times` requests, then answers. */
const failing = (times: number, fail: Answer): Answer => {
  let left = times;
  return (request, response) => {
    if (left > 0) {
      left -= 1;
      fail(request, response);
    } else xml(response, request.operation);
  };
};
const throttle: Answer = (_, response) => failure(response, 400, 'Throttling', 'Rate exceeded');
const break500: Answer = (_, response) => failure(response, 500, 'InternalFailure');
const loseAnswer: Answer = (_, response) => response.socket!.destroy();
const hang: Answer = () => {};

const promote = (aws: Aws) => aws.in(here).rds.promoteReadReplica({ DBInstanceIdentifier: 'orders' });
const describeIt = (aws: Aws) => aws.in(here).rds.describeDBInstances({ DBInstanceIdentifier: 'orders' });

describe('retries', () => {
  test('a throttled write is sent again, because AWS did nothing', async () => {
    const { aws, endpoint } = await funnel(failing(2, throttle));
    await promote(aws);
    expect(endpoint.operations()).toEqual(Array(3).fill('PromoteReadReplica'));
  });

  test("Route 53's throttling comes as HTTP 400 and is tried again too", async () => {
    let requests = 0;
    const { aws } = await funnel((_, response) => {
      requests += 1;
      if (requests === 1) return failure(response, 400, 'Throttling', 'Rate exceeded');
      response.end(
        '<ListHostedZonesByNameResponse><HostedZones/><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListHostedZonesByNameResponse>',
      );
    });
    await aws.in(here).route53.listHostedZonesByName({ DNSName: 'a.test.' });
    expect(requests).toBe(2);
  });

  test('a write whose answer is lost is never sent twice', async () => {
    const { aws, endpoint } = await funnel(loseAnswer);
    await expect(promote(aws)).rejects.toMatchObject({ name: 'IndeterminateError', code: 'indeterminate' });
    expect(endpoint.operations()).toEqual(['PromoteReadReplica']);
  });

  test('a write without an answer in time is indeterminate', async () => {
    const { aws, endpoint } = await funnel(hang, { callTimeoutMs: 1_000 });
    // On a machine that is held up, the time may be over before the request has left.
    do await expect(promote(aws)).rejects.toMatchObject({ code: 'indeterminate' });
    while (endpoint.operations().length === 0);
    expect(endpoint.operations()).toEqual(['PromoteReadReplica']);
  });

  test('a read without an answer is asked again', async () => {
    const { aws, endpoint } = await funnel(failing(1, loseAnswer));
    await describeIt(aws);
    expect(endpoint.operations()).toHaveLength(2);
  });

  test('a read that never gets an answer ends as unreachable', async () => {
    const { aws } = await funnel(loseAnswer);
    await expect(describeIt(aws)).rejects.toMatchObject({ code: 'aws-unreachable' });
  });

  test('a write is tried again after a 5xx', async () => {
    const { aws, endpoint } = await funnel(failing(1, break500));
    await promote(aws);
    expect(endpoint.operations()).toHaveLength(2);
  });

  test('a refusal after a 5xx may be the answer to our own success, so it is indeterminate', async () => {
    let requests = 0;
    const { aws } = await funnel((_, response) => {
      requests += 1;
      if (requests === 1) return failure(response, 500, 'InternalFailure');
      failure(response, 400, 'InvalidDBInstanceState', 'not a replica');
    });
    await expect(promote(aws)).rejects.toMatchObject({ code: 'indeterminate' });
  });

  test('a write that only ever meets 5xx is indeterminate', async () => {
    const { aws } = await funnel(break500);
    await expect(promote(aws)).rejects.toMatchObject({ code: 'indeterminate' });
  });

  test('a connection that is refused sent nothing: the write is tried again and then says that AWS is out of reach', async () => {
    const { aws, endpoint } = await funnel(failing(0, hang));
    await aws.in(here).ec2.describeSubnets({});
    await endpoint.close();
    await expect(promote(aws)).rejects.toMatchObject({ code: 'aws-unreachable' });
  });

  test('a refusal is final', async () => {
    const { aws, endpoint } = await funnel((_, response) => failure(response, 404, 'DBInstanceNotFound', 'gone'));
    await expect(describeIt(aws)).rejects.toMatchObject({ code: 'aws-not-found' });
    expect(endpoint.operations()).toHaveLength(1);
  });
});

describe('ownership and counting', () => {
  test('ownership is checked just before every request, the account check and retries included', async () => {
    const order: string[] = [];
    const endpoint = await fakeEndpoint(failing(1, throttle));
    const aws = createAws(
      optionsFor(endpoint.url, {
        guard: async () => void order.push('guard'),
        onCall: { before: (call) => void order.push(call.operation) },
      }),
    );
    open.push(aws, endpoint);
    await promote(aws);
    expect(order).toEqual(['guard', 'GetCallerIdentity', 'guard', 'PromoteReadReplica', 'guard', 'PromoteReadReplica']);
  });

  test('a call of a run that is lost is not sent and not tried again', async () => {
    const { aws, endpoint } = await funnel(failing(0, hang), {
      guard: () => Promise.reject(new LostError('r-1')),
    });
    await expect(promote(aws)).rejects.toMatchObject({ code: 'lost' });
    expect(endpoint.requests).toEqual([]);
  });

  test('requests are counted for the step they belong to', async () => {
    const { aws } = await funnel(failing(1, throttle));
    await describeIt(aws);
    const counted: AwsCall[] = [];
    const step = aws.for({ step: 'promote', countCall: (call) => counted.push(call) });
    await promote(step);
    expect(counted).toHaveLength(1);
    expect(counted[0]).toMatchObject({ step: 'promote', operation: 'PromoteReadReplica', read: false });
  });

  test('a refused call is not sent', async () => {
    const { aws, endpoint } = await funnel(failing(0, hang), {
      refuse: (call) => (call.region === 'eu-west-1' ? new Error('that region is assumed to be gone') : undefined),
    });
    await expect(promote(aws)).rejects.toThrow('assumed to be gone');
    expect(endpoint.requests).toEqual([]);
  });

  test('what a fault point throws after a call is thrown as it is, although the call took place', async () => {
    const { aws, endpoint } = await funnel(failing(0, hang), {
      onCall: {
        after: (call) => {
          if (call.operation === 'PromoteReadReplica') throw new Error('crash');
        },
      },
    });
    await expect(promote(aws)).rejects.toThrow('crash');
    expect(endpoint.operations()).toEqual(['PromoteReadReplica']);
  });
});

describe('shared reads', () => {
  test('identical reads at the same time are one request', async () => {
    const { aws, endpoint } = await funnel(failing(0, hang));
    await describeIt(aws);
    await Promise.all([describeIt(aws), describeIt(aws), describeIt(aws)]);
    expect(endpoint.operations()).toHaveLength(2);
  });

  test('a read that began before a write is not shared with one that begins after it', async () => {
    const answers: (() => void)[] = [];
    const { aws, endpoint } = await funnel((request, response) => {
      if (request.operation === 'PromoteReadReplica') return xml(response, request.operation);
      answers.push(() => xml(response, request.operation));
      if (answers.length === 2) for (const answer of answers) answer();
    });
    const early = describeIt(aws);
    await expect.poll(() => answers.length).toBe(1);
    await promote(aws);
    await Promise.all([early, describeIt(aws)]);
    expect(endpoint.operations()).toEqual(['DescribeDBInstances', 'PromoteReadReplica', 'DescribeDBInstances']);
  });

  test('one reader that is aborted does not disturb the others', async () => {
    let answer: (() => void) | undefined;
    const { aws } = await funnel((request, response) => {
      answer = () => xml(response, request.operation);
    });
    const abort = new AbortController();
    const aborted = aws.in(here).rds.describeDBInstances({}, { signal: abort.signal });
    const other = aws.in(here).rds.describeDBInstances({});
    await expect.poll(() => answer).toBeDefined();
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    answer!();
    await expect(other).resolves.toBeDefined();
  });
});

test('a write that was sent is waited for when its step is aborted', async () => {
  let answer: (() => void) | undefined;
  const { aws } = await funnel((request, response) => {
    answer = () => xml(response, request.operation);
  });
  const abort = new AbortController();
  const write = aws.in(here).rds.promoteReadReplica({ DBInstanceIdentifier: 'x' }, { signal: abort.signal });
  await expect.poll(() => answer).toBeDefined();
  abort.abort(new Error('turned'));
  answer!();
  await expect(write).resolves.toBeDefined();
});

test('a long poll gets its waiting time on top of the time limit', async () => {
  const { aws } = await funnel(
    (_, response) => {
      setTimeout(() => {
        response.setHeader('content-type', 'application/x-amz-json-1.0');
        response.end('{}');
      }, 600);
    },
    { callTimeoutMs: 400 },
  );
  const QueueUrl = 'http://sqs.eu-west-1.amazonaws.com/111122223333/q';
  await expect(aws.in(here).sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 })).resolves.toBeDefined();
});
