/** What lies under the prefix of backups: every version of every object and every delete marker, as S3 lists them. */
import type { DeleteMarkerEntry, ObjectVersion } from '@aws-sdk/client-s3';
import type { Services } from '../../aws/aws.ts';
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';

export interface Searched {
  bucket: string;
  region: string;
  prefix: string;
}

export interface Listed {
  key: string;
  versionId: string;
  writtenAt: Date;
  latest: boolean;
  marker: boolean;
  sizeBytes: number;
  /** Absent for a delete marker. */
  storageClass?: string;
}

/** Pages of 1,000 versions that are looked at. */
const maxPages = 100;

/** @throws FiredrillError `backup-too-many` */
export async function listVersions(
  s3: Services['s3'],
  { bucket, prefix }: Searched,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<Listed[]> {
  const found: Listed[] = [];
  let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (let pages = 0; pages < maxPages; pages += 1) {
    const page = await s3.listObjectVersions({ Bucket: bucket, Prefix: prefix, ...markers }, { signal });
    found.push(...(page.Versions ?? []).map((version) => listedOf(version, false)));
    found.push(...(page.DeleteMarkers ?? []).map((marker) => listedOf(marker, true)));
    if (!page.IsTruncated) return found;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  throw tooMany(`s3://${bucket}/${prefix} holds more than ${maxPages * 1000} versions of objects`);
}

const listedOf = (
  { Key = '', VersionId = 'null', LastModified, IsLatest, ...rest }: ObjectVersion | DeleteMarkerEntry,
  marker: boolean,
): Listed => ({
  key: Key,
  versionId: VersionId,
  writtenAt: LastModified ?? new Date(0),
  latest: IsLatest === true,
  marker,
  sizeBytes: 'Size' in rest ? (rest.Size ?? 0) : 0,
  ...('StorageClass' in rest && { storageClass: rest.StorageClass }),
});

/** How a version is asked for. Buckets that never had versions call what they hold null, and asking for that needs another permission. */
export const versionAskedFor = ({ versionId, latest }: Listed): string | undefined =>
  versionId === 'null' && latest ? undefined : versionId;

/** Whether it must be brought back before it can be read. */
export const isArchived = ({ storageClass }: Listed): boolean =>
  storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE';

export const tooMany = (message: string): FiredrillError =>
  new FiredrillError('backup-too-many', `${message}: too many to look for a backup among`, {
    remedy: 'Give the target a narrower prefix, or name the backup by its key.',
  });
