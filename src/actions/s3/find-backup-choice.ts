/**
 * Which backup a restore takes: the newest, that of a day, or a version by its name. S3 knows when an object was written; what
 * counts is the moment that its data is from, which whoever took the backup says in the object's metadata (`recovery-point`).
 */
import type { DeleteMarkerEntry, HeadObjectCommandOutput, ObjectVersion } from '@aws-sdk/client-s3';
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import { momentText } from '../../domain/time-text.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf, textOf } from '../places.ts';

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
  /** Its metadata doesn't say when its data is from: when it was written stands for that. */
  undated: boolean;
  /** What its metadata gives as that moment, where it can't be one. */
  wrongPoint?: string;
  sizeBytes: number;
  head: HeadObjectCommandOutput;
  manifest?: { key: string; versionId?: string };
}

/** Pages of 1,000 versions that are looked at. */
const maxPages = 100;
/** Objects whose metadata is read: those that the newest recovery point can be among. */
const maxHeads = 100;
const dayMs = 86_400_000;
/** A recovery point can't come after the object was written; clocks may differ by this much. */
const clockSkewMs = 60_000;
/** By when a backup of a day is written, at the latest, after that day's end. */
const writtenWithinMs = 2 * dayMs;

const manifestSuffix = '.manifest.json';
/** What is written beside a backup and is none. */
const sidecar = /\.(manifest\.json|sha1|sha256|sha512|md5|sig|asc)$/;

interface Listed {
  key: string;
  versionId: string;
  writtenAt: Date;
  latest: boolean;
  marker: boolean;
  sizeBytes: number;
}

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
  const listed = (await list(input, place, attempt)).filter(({ writtenAt }) => !asOf || writtenAt <= asOf);
  const ofKey = listed.filter((each) => key === undefined || each.key === key);
  const candidates = candidatesAmong(ofKey, input.params).sort((a, b) => +b.writtenAt - +a.writtenAt);
  const chosen =
    version === undefined
      ? await newest(input, place, candidates, attempt)
      : candidates[0] && (await described(input, place, candidates[0], attempt));
  if (!chosen) throw notFound(input.params, place, listed);
  if (chosen.sizeBytes === 0) throw empty(chosen);
  const manifest = manifestOf(chosen, listed);
  return manifest ? { ...chosen, manifest } : chosen;
}

interface Searched {
  bucket: string;
  region: string;
  prefix: string;
}

async function list(input: ActionInput<Selection>, { bucket, prefix }: Searched, { signal }: Pick<Attempt, 'signal'>) {
  const { s3 } = input.aws.in(placeOf(input.target(input.params.backups)));
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
});

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
  input: ActionInput<Selection>,
  place: Searched,
  candidates: readonly Listed[],
  attempt: Pick<Attempt, 'signal'>,
): Promise<Backup | undefined> {
  const { date } = input.params;
  let best: Backup | undefined;
  for (const [heads, candidate] of candidates.entries()) {
    if (best && +candidate.writtenAt <= +best.pointAt) break;
    if (heads >= maxHeads)
      throw tooMany(`more than ${maxHeads} objects of s3://${place.bucket}/${place.prefix} may be it`);
    const backup = await described(input, place, candidate, attempt);
    if (date !== undefined && !backup.pointAt.toISOString().startsWith(date)) continue;
    if (!best || backup.pointAt > best.pointAt) best = backup;
  }
  return best;
}

async function described(
  input: ActionInput<Selection>,
  { bucket, region }: Searched,
  { key, versionId, latest, writtenAt }: Listed,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<Backup> {
  const { s3 } = input.aws.in(placeOf(input.target(input.params.backups)));
  // Buckets that never had versions call what they hold null, and asking for that needs another permission.
  const version = versionId === 'null' && latest ? undefined : versionId;
  const head = await s3.headObject({ Bucket: bucket, Key: key, VersionId: version }, { signal });
  const said = head.Metadata?.['recovery-point'];
  const point = said === undefined ? writtenAt : new Date(said);
  const wrong = Number.isNaN(+point) || +point > +writtenAt + clockSkewMs;
  return {
    bucket,
    region,
    key,
    versionId: version ?? head.VersionId,
    writtenAt,
    pointAt: wrong ? writtenAt : point,
    undated: said === undefined,
    ...(wrong && { wrongPoint: said }),
    sizeBytes: head.ContentLength ?? 0,
    head,
  };
}

/** What was written beside this very version: of several manifests the one that is nearest in time. */
function manifestOf({ key, writtenAt }: Backup, listed: readonly Listed[]): Backup['manifest'] {
  const apart = (each: Listed): number => Math.abs(+each.writtenAt - +writtenAt);
  const [manifest] = listed
    .filter((each) => each.key === `${key}${manifestSuffix}` && !each.marker && each.sizeBytes > 0)
    .sort((a, b) => apart(a) - apart(b) || Number(b.latest) - Number(a.latest));
  if (!manifest) return undefined;
  return { key: manifest.key, versionId: manifest.versionId === 'null' ? undefined : manifest.versionId };
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

const tooMany = (message: string): FiredrillError =>
  new FiredrillError('backup-too-many', `${message}: too many to look for a backup among`, {
    remedy: 'Give the target a narrower prefix, or name the backup by its key.',
  });
