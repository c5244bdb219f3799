/**
 * Which manifest belongs to a backup. Where each night's dump has the same key, so have their manifests, and a manifest may have
 * been corrected since. Being near in time decides nothing: what the manifest says of itself does, and else the order of uploads.
 */
import type { Services } from '../../aws/aws.ts';
import type { Attempt } from '../../domain/part.ts';
import { momentText } from '../../domain/time-text.ts';
import { largestManifestBytes, manifestClaims } from '../verify/manifest.ts';
import type { ManifestClaims } from '../verify/manifest.ts';
import { isArchived, versionAskedFor } from './find-backup-versions.ts';
import type { Listed } from './find-backup-versions.ts';

/** Clocks of two machines may differ by this much. */
export const clockSkewMs = 60_000;
/** Manifests that are read for one backup: the first ones that were put after the backup before it. */
const mostRead = 20;
const manifestSuffix = '.manifest.json';

/** The version of a backup that a manifest is looked for. */
export interface BackupVersion {
  bucket: string;
  key: string;
  versionId?: string;
  writtenAt: Date;
  /** As S3 tells it, in quotes. */
  etag?: string;
  /** What its metadata says of when its data is from. */
  pointAt?: Date;
}

export interface FoundManifest {
  key: string;
  versionId?: string;
  /** When it says that its data is from. */
  takenAt?: Date;
}

interface Candidate extends ManifestClaims {
  version: Listed;
  takenMs?: number;
}

/** What lies beside a backup, or why that is none of its own: `KEY is not there`. */
type Belonging = { found: FoundManifest } | { lacking: string };

export async function manifestOf(
  s3: Services['s3'],
  backup: BackupVersion,
  listed: readonly Listed[],
  { signal }: Pick<Attempt, 'signal'>,
): Promise<Belonging> {
  const key = `${backup.key}${manifestSuffix}`;
  const neighbours = neighboursOf(backup, listed);
  const there = listed.filter((each) => each.key === key && !each.marker && each.sizeBytes > 0);
  const versions = there
    .filter(({ writtenAt }) => +writtenAt >= neighbours.beforeMs)
    .sort((a, b) => +a.writtenAt - +b.writtenAt || Number(a.latest) - Number(b.latest))
    .slice(0, mostRead);
  const candidates: Candidate[] = [];
  for (const version of versions) candidates.push(await read(s3, backup.bucket, version, signal));
  const found = belonging(backup, neighbours, candidates);
  if (!found) return { lacking: `${key} ${there.length === 0 ? 'is not there' : reasonOf(backup, candidates)}` };
  const { version, takenMs } = found;
  return {
    found: {
      key,
      versionId: version.versionId === 'null' ? undefined : version.versionId,
      ...(takenMs !== undefined && { takenAt: new Date(takenMs) }),
    },
  };
}

/** Why what is there is another backup's, by the one that was put last. */
function reasonOf(backup: BackupVersion, candidates: readonly Candidate[]): string {
  const last = candidates.at(-1);
  if (!last) return 'was written before the backup before this one';
  const { backup: named, takenAt, takenMs } = last;
  if (names(last, backup) === false) return `says that it is of another version, ${named?.versionId ?? named?.etag}`;
  if (takenAt !== undefined && takenMs !== undefined && takenMs > +backup.writtenAt + clockSkewMs) {
    return `says that its data is from ${momentText(takenAt)}, when this backup was there already`;
  }
  return 'is of another version, by when it was taken and written';
}

interface Neighbours {
  /** When the version before it was put, milliseconds; -Infinity for the first one. */
  beforeMs: number;
  /** When the version after it was put; Infinity for the newest one. */
  afterMs: number;
}

function neighboursOf({ key, versionId, writtenAt }: BackupVersion, listed: readonly Listed[]): Neighbours {
  const others = listed
    .filter((each) => each.key === key && !each.marker && each.versionId !== (versionId ?? 'null'))
    .map((each) => +each.writtenAt);
  return {
    beforeMs: Math.max(-Infinity, ...others.filter((ms) => ms < +writtenAt)),
    afterMs: Math.min(Infinity, ...others.filter((ms) => ms > +writtenAt)),
  };
}

/**
 * Of the first kind that there is, the one that was put last:
 *  1. it names this version
 *  2. it was taken at the moment that the backup's metadata says
 *  3. it was taken after the version before was there, and before this one was
 *  4. it was put after this version and before the next one
 * One that names another version, or was taken when this one was there already, is another backup's.
 */
function belonging(
  backup: BackupVersion,
  { beforeMs, afterMs }: Neighbours,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const writtenMs = +backup.writtenAt;
  const possible = candidates.filter(
    (each) => names(each, backup) !== false && (each.takenMs ?? -Infinity) <= writtenMs + clockSkewMs,
  );
  const kinds: ((candidate: Candidate) => boolean)[] = [
    (each) => names(each, backup) === true,
    ({ takenMs }) => takenMs !== undefined && Math.abs(takenMs - Number(backup.pointAt)) <= clockSkewMs,
    ({ takenMs }) => takenMs !== undefined && takenMs > beforeMs,
    ({ version }) => +version.writtenAt >= writtenMs && +version.writtenAt < afterMs,
  ];
  for (const isOfKind of kinds) {
    const found = possible.filter(isOfKind).at(-1);
    if (found) return found;
  }
  return undefined;
}

/** Whether it names this version, or another one; undefined when it names none. */
function names({ backup: named }: ManifestClaims, { versionId, etag }: BackupVersion): boolean | undefined {
  if (named?.versionId !== undefined && versionId !== undefined) return named.versionId === versionId;
  if (named?.etag !== undefined && etag !== undefined) return bare(named.etag) === bare(etag);
  return undefined;
}

const bare = (etag: string): string => etag.replaceAll('"', '');

/** One that is archived or too large is not read: it may be the right one nevertheless. */
async function read(s3: Services['s3'], bucket: string, version: Listed, signal: AbortSignal): Promise<Candidate> {
  if (version.sizeBytes > largestManifestBytes || isArchived(version)) return { version };
  const asked = { Bucket: bucket, Key: version.key, VersionId: versionAskedFor(version) };
  const { Body } = await s3.getObject(asked, { signal });
  const claims = manifestClaims((await Body?.transformToString()) ?? '');
  return { version, ...claims, ...(claims.takenAt !== undefined && { takenMs: Date.parse(claims.takenAt) }) };
}
