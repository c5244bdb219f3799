/**
 * Which backup a restore takes: the newest, that of a day, or a version by its name. S3 knows when an object was written; what
 * counts is the moment that its data is from, which whoever took the backup says in the object's metadata (`recovery-point`), or
 * else in the manifest beside it (`takenAt`).
 */
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Services } from '../../aws/aws.ts';
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import { momentText } from '../../domain/time-text.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf, textOf } from '../places.ts';
import type { FoundManifest } from './find-backup-manifest.ts';
import { clockSkewMs, manifestOf } from './find-backup-manifest.ts';
import type { Listed, Searched } from './find-backup-versions.ts';
import { listVersions, tooMany, versionAskedFor } from './find-backup-versions.ts';

/** How a drill selects a backup. Neither: the newest. */
export interface Selection {
  backups: string;
  /** A day in UTC, `2026-11-21`. */
  date?: string;
  key?: string;
  version?: string;
}

export interface Backup {
  bucket: string;
  region: string;
  key: string;
  /** Absent in a bucket without versions. */
  versionId?: string;
  writtenAt: Date;
  /** When its data is from. */
  pointAt: Date;
  /** What says so. Of the upload it is only known that it came later. */
  pointFrom: 'metadata' | 'manifest' | 'upload';
  /** What its metadata gives as that moment, where it can't be one. */
  wrongPoint?: string;
  sizeBytes: number;
  head: HeadObjectCommandOutput;
  manifest?: FoundManifest;
  /** Where it has none: what was looked for, and what was wrong with it. */
  noManifest?: string;
}

/** Objects whose metadata is read: those that the newest recovery point can be among. */
const maxHeads = 100;
const dayMs = 86_400_000;
/** By when a backup of a day is written, at the latest, after that day's end. */
const writtenWithinMs = 2 * dayMs;

/** What is written beside a backup and is none. */
const sidecar = /\.(manifest\.json|sha1|sha256|sha512|md5|sig|asc)$/;

/**
 * @param asOf what was written later doesn't count, so that a long retrieval ends with the backup that it began with
 * @throws FiredrillError `backup-not-found`, `backup-empty`, `backup-too-many`
 */
export async function chooseBackup(
  input: ActionInput<Selection>,
  attempt: Pick<Attempt, 'signal'>,
  asOf?: Date,
): Promise<Backup> {
  const target = input.target(input.params.backups);
  const { facts } = onlyItem(target);
  const { key, version } = input.params;
  const place = { bucket: textOf(facts['bucket']), region: target.region, prefix: key ?? textOf(facts['prefix']) };
  const { s3 } = input.aws.in(placeOf(target));
  const listed = (await listVersions(s3, place, attempt)).filter(({ writtenAt }) => !asOf || writtenAt <= asOf);
  const ofKey = listed.filter((each) => key === undefined || each.key === key);
  const candidates = candidatesAmong(ofKey, input.params).sort((a, b) => +b.writtenAt - +a.writtenAt);
  const describe = (candidate: Listed): Promise<Backup> => described(s3, place, candidate, listed, attempt);
  const chosen =
    version === undefined
      ? await newest(input.params, place, candidates, describe)
      : candidates[0] && (await describe(candidates[0]));
  if (!chosen) throw notFound(input.params, place, listed);
  if (chosen.sizeBytes === 0) throw empty(chosen);
  return chosen;
}

/**
 * The versions that may be meant. Without a version or a day these are the current ones: what was overwritten or deleted
 * isn't what people take for their newest backup.
 */
function candidatesAmong(listed: readonly Listed[], { version, date }: Selection): Listed[] {
  if (version !== undefined) return listed.filter((each) => each.versionId === version && !each.marker);
  const backups = listed.filter(({ key, marker }) => marker || !(key.endsWith('/') || sidecar.test(key)));
  if (date === undefined) return [...currentOf(backups).values()].filter(({ marker }) => !marker);
  const from = Date.parse(date);
  return backups.filter(
    ({ marker, writtenAt }) => !marker && +writtenAt >= from && +writtenAt < from + dayMs + writtenWithinMs,
  );
}

/** By key: the version, or the delete marker, that is on top. S3 tells whole seconds only, so the flag decides first. */
function currentOf(listed: readonly Listed[]): Map<string, Listed> {
  const current = new Map<string, Listed>();
  for (const each of listed) {
    const other = current.get(each.key);
    if (!other || each.latest || (!other.latest && each.writtenAt > other.writtenAt)) current.set(each.key, each);
  }
  return current;
}

/**
 * The one with the newest recovery point, of the day if one is named. No object's recovery point comes after it was written, so
 * the search ends with the first that was written before the best one's.
 */
async function newest(
  { date }: Selection,
  place: Searched,
  candidates: readonly Listed[],
  describe: (candidate: Listed) => Promise<Backup>,
): Promise<Backup | undefined> {
  let best: Backup | undefined;
  for (const [heads, candidate] of candidates.entries()) {
    if (best && +candidate.writtenAt <= +best.pointAt) break;
    if (heads >= maxHeads)
      throw tooMany(`more than ${maxHeads} objects of s3://${place.bucket}/${place.prefix} may be it`);
    const backup = await describe(candidate);
    if (date !== undefined && !backup.pointAt.toISOString().startsWith(date)) continue;
    if (!best || backup.pointAt > best.pointAt) best = backup;
  }
  return best;
}

async function described(
  s3: Services['s3'],
  { bucket, region }: Searched,
  version: Listed,
  listed: readonly Listed[],
  attempt: Pick<Attempt, 'signal'>,
): Promise<Backup> {
  const { key, writtenAt } = version;
  const asked = versionAskedFor(version);
  const head = await s3.headObject({ Bucket: bucket, Key: key, VersionId: asked }, { signal: attempt.signal });
  const versionId = asked ?? head.VersionId;
  const said = head.Metadata?.['recovery-point'];
  const point = said === undefined ? undefined : new Date(said);
  const wrong = point !== undefined && (Number.isNaN(+point) || +point > +writtenAt + clockSkewMs);
  const pointAt = wrong ? undefined : point;
  const beside = await manifestOf(s3, { bucket, key, versionId, writtenAt, etag: head.ETag, pointAt }, listed, attempt);
  const manifest = 'found' in beside ? beside.found : undefined;
  return {
    bucket,
    region,
    key,
    versionId,
    writtenAt,
    pointAt: pointAt ?? manifest?.takenAt ?? writtenAt,
    pointFrom: pointAt ? 'metadata' : manifest?.takenAt ? 'manifest' : 'upload',
    ...(wrong && { wrongPoint: said }),
    sizeBytes: head.ContentLength ?? 0,
    head,
    ...('found' in beside ? { manifest: beside.found } : { noManifest: beside.lacking }),
  };
}

function notFound({ date, key, version }: Selection, { bucket, prefix }: Searched, listed: readonly Listed[]) {
  const what =
    version === undefined ? (key ?? `backup under ${prefix || 'any prefix'}`) : `version ${version} of ${key}`;
  const of = date === undefined ? '' : ` of ${date} (UTC)`;
  const deleted = listed.filter(({ marker }) => marker).length;
  const there = listed.length - deleted;
  return new FiredrillError('backup-not-found', `bucket ${bucket} holds no ${what}${of}`, {
    expected: `s3://${bucket}/${prefix}`,
    found: there === 0 ? 'no object at all' : `${there} objects that are none, ${deleted} that were deleted`,
    remedy: 'Look at whether the backup job ran, and where it writes to: there is nothing to restore from.',
  });
}

const empty = ({ bucket, key, writtenAt }: Backup): FiredrillError =>
  new FiredrillError(
    'backup-empty',
    `backup s3://${bucket}/${key} of ${momentText(writtenAt.toISOString())} has no bytes`,
    {
      expected: 'a backup with something in it',
      found: '0 bytes',
      remedy: 'The job that took it failed and left an empty file. Repair it; until then an older backup can be named.',
    },
  );
