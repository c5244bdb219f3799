import type { RestoreObjectCommandInput, RestoreObjectCommandOutput } from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { archived, isRestored, isRestoring, storageClassOf } from './lifecycle.ts';
import { bucketAt, versionAt } from './state.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * AWS's durations, milliseconds, at the upper end of what is promised. Source: S3 user guide, "Understanding archive retrieval options".
 */
const retrievalMs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  GLACIER: { Expedited: hourMs / 12, Standard: 5 * hourMs, Bulk: 12 * hourMs },
  DEEP_ARCHIVE: { Standard: 12 * hourMs, Bulk: 48 * hourMs },
};

/** RestoreObject: a readable copy of an archived version, after its time and for some days. Asked again, it is kept for longer. */
export const restoreObject =
  (world: World): Handler<RestoreObjectCommandInput, RestoreObjectCommandOutput> =>
  ({ Bucket, Key = '', VersionId, RestoreRequest }, call) => {
    const bucket = bucketAt(world, call, Bucket);
    const version = versionAt(bucket, Key, VersionId);
    const storageClass = storageClassOf(world, bucket, Key, version);
    if (!archived.includes(storageClass))
      throw new AwsError('InvalidObjectState', "Restore is not allowed for the object's current storage class", 403, {
        StorageClass: storageClass,
      });
    const days = RestoreRequest?.Days ?? 0;
    if (!Number.isInteger(days) || days < 1)
      throw new AwsError('MalformedXML', 'The Days element of a restore request must be a positive whole number');
    if (isRestoring(world, version))
      throw new AwsError('RestoreAlreadyInProgress', 'Object restore is already in progress', 409);
    const tier = RestoreRequest?.GlacierJobParameters?.Tier ?? RestoreRequest?.Tier ?? 'Standard';
    const takesMs = retrievalMs[storageClass]?.[tier];
    if (takesMs === undefined)
      throw new AwsError(
        'InvalidArgument',
        `Retrieval option ${tier} is not supported by storage class ${storageClass}`,
      );
    const now = world.clock.wall().getTime();
    const there = isRestored(world, version) ? version.restored?.readyAt : undefined;
    const readyAt = there ?? new Date(now + world.duration(takesMs)).toISOString();
    // Counted from when it is there, or asked for again, in whole days to midnight UTC.
    const until = Math.ceil((Math.max(now, Date.parse(readyAt)) + days * dayMs) / dayMs) * dayMs;
    version.restored = { readyAt, until: new Date(until).toISOString() };
    return {};
  };
