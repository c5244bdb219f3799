/**
 * Where a restored instance reports to: one object, written by the instance over a signed URL. It is put there empty before
 * the instance is launched, so that it stands in the ledger before anybody else can write it; all its versions go at the end.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Attempt, CreatePart } from '../../domain/part.ts';
import type { Finding, Permission, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { refusedWith } from './launch-refused.ts';

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

export interface Signalled {
  signal?: string;
}

/** Where signals are where the drill does not say: beside what it restores, in the one bucket that it knows. */
const ownPrefix = 'firedrill/';

const bucketOf = (target: ResolvedTarget): string => textOf(onlyItem(target).facts['bucket']);
const prefixOf = (target: ResolvedTarget): string => textOf(onlyItem(target).facts['prefix']);

/** The places that the drill selects objects at, in its one bucket; none where it knows several buckets. */
function inOneBucket({ targets }: ActionInput<Signalled>): readonly ResolvedTarget[] {
  const places = targets.filter(({ type }) => type === 's3/objects');
  const buckets = new Set(places.map((place) => [place.account, place.region, bucketOf(place)].join(' ')));
  return buckets.size === 1 ? places : [];
}

/** Who looks for the newest backup must not find a signal. */
const isAmongBackups = (place: ResolvedTarget): boolean => ownPrefix.startsWith(prefixOf(place));

/** @throws FiredrillError `signal-place`, which the plan refuses before */
function signalsOf(input: ActionInput<Signalled>): { at: ResolvedTarget; prefix: string } {
  const { signal } = input.params;
  if (signal !== undefined) {
    const at = input.target(signal);
    return { at, prefix: prefixOf(at) };
  }
  const [unclear] = signalFindings(input);
  const [at] = inOneBucket(input);
  if (!unclear && at) return { at, prefix: ownPrefix };
  throw refusedWith(unclear!, { expected: 'a bucket for the signal', found: 'not one that is clear' });
}

/** Why there is no place for the signal where the drill says none; nothing where there is one. */
export function signalFindings(input: ActionInput<Signalled>): Finding[] {
  if (input.params.signal !== undefined) return [];
  const places = inOneBucket(input);
  const refuse = (message: string): Finding => ({
    severity: 'refuse',
    code: 'signal-place',
    message,
    remedy: 'Say signal: a target s3/objects to which the script may report.',
  });
  if (places.length === 0)
    return [refuse('The script needs a place to report to, and the drill knows not just one bucket')];
  if (!places.some(isAmongBackups)) return [];
  return [
    refuse(`The script would report to ${ownPrefix} in ${bucketOf(places[0]!)}, where the drill looks for backups`),
  ];
}

export function signalPlaceOf(input: ActionInput<Signalled>): SignalPlace {
  const { at, prefix } = signalsOf(input);
  return { ...placeOf(at), bucket: bucketOf(at), key: `${prefix}${input.runId}-${input.stepId}.json` };
}

export function signalPermissions(input: ActionInput<Signalled>): Permission[] {
  const { bucket, key } = signalPlaceOf(input);
  const { at: signals } = signalsOf(input);
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

export function signalPart(input: ActionInput<Signalled>): CreatePart<JsonObject> {
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
