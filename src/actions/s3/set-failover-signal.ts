/**
 * `s3/set-failover-signal`: failover through the data plane. A health check that is inverted from the start watches an object
 * in the standby region; putting the object there fails the primary record over, and no control plane is asked.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { choice, target, text } from '../../domain/fields.ts';
import type { Attempt, ChangePart } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { onlyItem, permissions, placeOf, textOf } from '../places.ts';

const params = z.strictObject({
  signals: target('s3/objects', 'the bucket and prefix that hold failover signals, in the standby region'),
  key: text('name of the signal under the prefix'),
  state: choice(['present', 'absent'], 'whether the object shall be there; default present').optional(),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 's3/set-failover-signal',
  describes:
    'Puts or removes the object that an inverted Route 53 health check watches: failover through the data plane alone',
  params,
  effect: 'changes',
  undo: 'delete the object, or put it back',
  permissions: ['s3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject'],
  timeoutMs: 60_000,
} satisfies ActionSpec<typeof params>;

export const setFailoverSignal = defineAction<typeof params>({
  spec,
  parts: (input) => [signal(input)],
  preview(input) {
    const signals = input.target(input.params.signals);
    const { Bucket, Key } = objectOf(input);
    const arn = `arn:aws:s3:::${Bucket}/${Key}`;
    return {
      touches: [arn],
      undo: input.params.state === 'absent' ? 'put the object back' : 'delete the object',
      permissions: [
        ...permissions(signals, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [arn]),
        // Without it, S3 answers 403 instead of 404 for an object that isn't there.
        ...permissions(signals, ['s3:ListBucket'], [`arn:aws:s3:::${Bucket}`]),
      ],
      findings: [],
    };
  },
});

function objectOf(input: ActionInput<Params>): { Bucket: string; Key: string } {
  const { bucket, prefix } = onlyItem(input.target(input.params.signals)).facts;
  return { Bucket: textOf(bucket), Key: `${textOf(prefix ?? '')}${input.params.key}` };
}

interface Signal {
  [key: string]: boolean;
  present: boolean;
}

function signal(input: ActionInput<Params>): ChangePart<Signal> {
  const { s3 } = input.aws.in(placeOf(input.target(input.params.signals)));
  const object = objectOf(input);
  const read = async ({ signal }: Attempt): Promise<Signal> => {
    try {
      await s3.headObject(object, { signal });
      return { present: true };
    } catch (error) {
      if (error instanceof FiredrillError && error.code === 'aws-not-found') return { present: false };
      throw error;
    }
  };
  return {
    shape: 'change',
    name: 'signal',
    touches: `s3://${object.Bucket}/${object.Key}`,
    pollMs: input.pollMs,
    read,
    desired: () => ({ present: input.params.state !== 'absent' }),
    async write(to, _from, attempt) {
      if (to.present) {
        const Body = JSON.stringify({ run: input.runId, step: input.stepId });
        await s3.putObject({ ...object, Body, ContentType: 'application/json' }, attempt);
      } else {
        await s3.deleteObject(object, attempt);
      }
    },
    async settled(to, attempt) {
      const { present } = await read(attempt);
      return present === to.present ? { done: true } : { done: false, saw: present ? 'still there' : 'not there yet' };
    },
  };
}
