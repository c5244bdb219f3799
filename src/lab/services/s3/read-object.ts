/** What GetObject and HeadObject have in common: which version, which bytes of it, and what is said of it. */
import type { GetObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError, type Call } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { restoreSaid, storageClassOf } from './lifecycle.ts';
import { bucketAt, shownVersionId, versionAt, type Bucket, type ObjectVersion } from './state.ts';

export interface Reading {
  bucket: Bucket;
  version: ObjectVersion;
  /** First and last byte, both included; an empty object has none. */
  start: number;
  end: number;
  /** Members that both operations answer. */
  said: {
    ETag: string;
    LastModified: Date;
    ContentLength: number;
    ContentRange: string | undefined;
    AcceptRanges: 'bytes';
    Metadata: Record<string, string>;
    VersionId: string | undefined;
    StorageClass: 'GLACIER' | undefined;
    Restore: string | undefined;
    ContentType?: string;
  };
}

type Asked = Pick<
  GetObjectCommandInput,
  'Bucket' | 'Key' | 'VersionId' | 'Range' | 'IfMatch' | 'IfNoneMatch' | 'IfModifiedSince' | 'IfUnmodifiedSince'
>;

/** @throws AwsError NoSuchBucket, NoSuchKey, NoSuchVersion, InvalidRange, PreconditionFailed, NotModified ... */
export function reading(world: World, call: Call, asked: Asked): Reading {
  const bucket = bucketAt(world, call, asked.Bucket);
  const version = versionAt(bucket, asked.Key, asked.VersionId);
  checkConditions(asked, version);
  const { start, end, partial } = rangeOf(asked.Range, version.size);
  const storageClass = storageClassOf(world, bucket, asked.Key ?? '', version);
  return {
    bucket,
    version,
    start,
    end,
    said: {
      ...version.headers,
      ETag: version.etag,
      LastModified: new Date(version.modifiedAt),
      ContentLength: end - start + 1,
      ContentRange: partial ? `bytes ${start}-${end}/${version.size}` : undefined,
      AcceptRanges: 'bytes',
      Metadata: version.metadata,
      VersionId: shownVersionId(bucket, version),
      // STANDARD isn't said. The type stands for all others.
      StorageClass: storageClass === 'STANDARD' ? undefined : (storageClass as 'GLACIER'),
      Restore: restoreSaid(world, version),
    },
  };
}

/** `bytes=0-499`, `bytes=500-` or `bytes=-500`; what isn't of that form counts for nothing, as RFC 9110 has it. */
function rangeOf(range: string | undefined, size: number): { start: number; end: number; partial: boolean } {
  const whole = { start: 0, end: size - 1, partial: false };
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return whole;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return whole;
  if (start >= size) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { start, end, partial: true };
}

function checkConditions(
  { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince }: Asked,
  version: ObjectVersion,
): void {
  // Dates in headers have whole seconds.
  const modified = Math.floor(Date.parse(version.modifiedAt) / 1000) * 1000;
  const same = (tag: string) => tag === '*' || tag === version.etag || `"${tag}"` === version.etag;
  const stale = IfMatch === undefined && IfUnmodifiedSince !== undefined && modified > IfUnmodifiedSince.getTime();
  if ((IfMatch !== undefined && !same(IfMatch)) || stale) {
    throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  }
  const unchanged = IfNoneMatch === undefined && IfModifiedSince !== undefined && modified <= IfModifiedSince.getTime();
  if ((IfNoneMatch !== undefined && same(IfNoneMatch)) || unchanged) throw new AwsError('NotModified', '', 304);
}
