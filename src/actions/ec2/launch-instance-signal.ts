/**
 * Where a restored instance reports to: one object, written by the instance over a signed URL. It is put there empty before
 * the instance is launched, so that it stands in the ledger before anybody else can write it; all its versions go at the end.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Attempt, CreatePart } from '../../domain/part.ts';
import type { Permission } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, permissions, placeOf, textOf } from '../places.ts';

/** Where the signal is, and as whom it is read: what `ec2/await-ready` finds in the instance's facts. */
export interface SignalPlace {
  [key: string]: string | undefined;
  bucket: string;
  key: string;
  account: string;
  region: string;
  role?: string;
  externalId?: string;
}

export function signalPlaceOf(input: ActionInput<{ signal: string }>): SignalPlace {
  const signals = input.target(input.params.signal);
  const { bucket, prefix } = onlyItem(signals).facts;
  const key = `${textOf(prefix)}${input.runId}-${input.stepId}.json`;
  return { ...placeOf(signals), bucket: textOf(bucket), key };
}

export function signalPermissions(input: ActionInput<{ signal: string }>): Permission[] {
  const { bucket, key } = signalPlaceOf(input);
  const signals = input.target(input.params.signal);
  const bucketArn = `arn:aws:s3:::${bucket}`;
  return [
    ...permissions(signals, ['s3:ListBucketVersions'], [bucketArn], { StringLike: { 's3:prefix': key } }),
    ...permissions(signals, ['s3:PutObject', 's3:GetObject', 's3:DeleteObjectVersion'], [`${bucketArn}/${key}`]),
  ];
}

interface Version {
  Key: string;
  VersionId: string;
}

export function signalPart(input: ActionInput<{ signal: string }>): CreatePart<JsonObject> {
  const place = signalPlaceOf(input);
  const { bucket: Bucket, key: Key } = place;
  const { s3 } = input.aws.in(place);

  /** Its versions and delete markers, a page of them. A bucket without versions calls the one there is `null`. */
  const versions = async ({ signal }: Pick<Attempt, 'signal'>): Promise<Version[]> => {
    const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket, Prefix: Key }, { signal });
    return [...Versions, ...DeleteMarkers].flatMap(({ Key: key, VersionId = 'null' }) =>
      key === Key ? [{ Key, VersionId }] : [],
    );
  };
  return {
    shape: 'create',
    name: 'signal',
    touches: `arn:aws:s3:::${Bucket}/${Key}`,
    pollMs: input.pollMs,
    identity: { bucket: Bucket, key: Key },
    arn: () => `arn:aws:s3:::${Bucket}/${Key}`,
    find: async (attempt) => ((await versions(attempt)).length > 0 ? { bucket: Bucket, key: Key } : undefined),
    async create(attempt) {
      if ((await versions(attempt)).length > 0) throw taken(place);
      await s3.putObject({ Bucket, Key, Body: Buffer.alloc(0), ContentLength: 0 }, attempt);
      return { bucket: Bucket, key: Key };
    },
    settled: () => Promise.resolve({ done: true }),
    async remove(_found, attempt) {
      for (let left = await versions(attempt); left.length > 0; left = await versions(attempt)) {
        for (const version of left) await s3.deleteObject({ Bucket, ...version }, attempt);
      }
    },
  };
}

const taken = ({ bucket, key }: SignalPlace): FiredrillError =>
  new FiredrillError('signal-taken', `there is an object s3://${bucket}/${key} already`, {
    expected: 'none: its name is made of the run and the step',
    found: 'one that this step did not put there',
    remedy: 'Find out who wrote it, or give the signals another prefix.',
  });
