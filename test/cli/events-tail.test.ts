/** `firedrill events tail` when nobody can read what it prints: an event that nobody saw must not be deleted. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { messageOf } from '../../src/publish/message.ts';
import { Story } from '../../src/publish/story.ts';
import { fakeEndpoint } from '../aws/endpoint.ts';
import type { FakeEndpoint } from '../aws/endpoint.ts';
import { logOf, plan } from '../publish/logs.ts';
import { firedrill } from './support/firedrill.ts';

/** A queue of one event, which is there until it is deleted. */
let sqs: FakeEndpoint;
let deleted: boolean;

const { body } = messageOf(
  new Story().tell(logOf('r1', [{ type: 'run.started', plan, startedBy: 'ada', toolVersion: '1' }])[0]!),
);

const md5 = createHash('md5').update(body).digest('hex');

beforeEach(async () => {
  deleted = false;
  sqs = await fakeEndpoint((request, response) => {
    if (request.body.includes('ReceiptHandle')) deleted = true;
    const messages = [{ MessageId: 'm1', ReceiptHandle: 'h1', Body: body, MD5OfBody: md5 }];
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(deleted ? {} : { Messages: messages }));
  });
});
afterEach(() => sqs.close());

function tail(into?: Writable) {
  const env = {
    AWS_ENDPOINT_URL: sqs.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-west-1',
    FIREDRILL_LOG_LEVEL: 'silent',
  };
  const queue = `${sqs.url}/111122223333/firedrill.fifo`;
  return firedrill(['events', 'tail', '--queue', queue, '--until-empty', '--json'], { env, into });
}

it('deletes what it has printed', async () => {
  expect(await tail()).toEqual({ code: 0, stdout: `${JSON.stringify(JSON.parse(body))}\n`, stderr: '' });
  expect(deleted).toBe(true);
});

it('ends quietly when its reader is gone, and leaves the event in the queue', async () => {
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const into = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
  expect(await tail(into)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(deleted).toBe(false);
});

it('fails where it can not print, and leaves the event in the queue', async () => {
  expect(await tail(createWriteStream('/dev/full'))).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^error: the result could not be written to stdout: ENOSPC.*\n$/),
  });
  expect(deleted).toBe(false);
});
