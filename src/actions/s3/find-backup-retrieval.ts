/**
 * Backups that S3 has archived: they can't be read before AWS has brought them back, which takes minutes to days. Source: S3
 * user guide, archive retrieval options.
 */
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt, ChangePart } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { placeOf } from '../places.ts';
import type { Backup, Selection } from './find-backup-choice.ts';

export const tiers = ['expedited', 'standard', 'bulk'] as const;
export type Tier = (typeof tiers)[number];

/** What a retrieval takes, by archive and tier: in words, and milliseconds at most. Absent: AWS has no such tier there. */
interface Duration {
  said: string;
  atMostMs: number;
}
const hourMs = 3_600_000;
const flexible: Record<Tier, Duration | undefined> = {
  expedited: { said: '1 to 5 min', atMostMs: 300_000 },
  standard: { said: '3 to 5 h', atMostMs: 5 * hourMs },
  bulk: { said: '5 to 12 h', atMostMs: 12 * hourMs },
};
const deep: Record<Tier, Duration | undefined> = {
  expedited: undefined,
  standard: { said: 'up to 12 h', atMostMs: 12 * hourMs },
  bulk: { said: 'up to 48 h', atMostMs: 48 * hourMs },
};
const archives: Readonly<Record<string, Record<Tier, Duration | undefined>>> = {
  GLACIER: flexible,
  DEEP_ARCHIVE: deep,
  ARCHIVE_ACCESS: flexible,
  DEEP_ARCHIVE_ACCESS: deep,
};

/** For how long the copy that AWS makes stays, days. It goes by itself. */
export const copyDays = 2;

/** The archive that a backup lies in; absent when it can be read as it is. Instant retrieval needs no retrieval. */
export function archiveOf({ head: { StorageClass, ArchiveStatus } }: Backup): string | undefined {
  const archive = ArchiveStatus ?? StorageClass;
  return archive !== undefined && archive in archives ? archive : undefined;
}

/** `none` in an archive, `asked` being brought back, `there` readable. */
type Retrieval = 'none' | 'asked' | 'there';

export function retrievalOf(backup: Backup): Retrieval {
  if (archiveOf(backup) === undefined) return 'there';
  const { Restore = '' } = backup.head;
  if (/ongoing-request="true"/.test(Restore)) return 'asked';
  return /ongoing-request="false"/.test(Restore) ? 'there' : 'none';
}

export const durationOf = (archive: string, tier: Tier): Duration | undefined => archives[archive]?.[tier];

/** `3 to 5 h (standard), 5 to 12 h (bulk)` */
const durationsOf = (archive: string): string =>
  tiers.flatMap((tier) => durationOf(archive, tier)?.said.concat(` (${tier})`) ?? []).join(', ');

/** What is wrong with a backup that has to be read at once; nothing when it can be. */
export function unreadable(backup: Backup): FiredrillError | undefined {
  const archive = archiveOf(backup);
  if (archive === undefined || retrievalOf(backup) === 'there') return undefined;
  const { bucket, key } = backup;
  return new FiredrillError(
    'backup-archived',
    `backup s3://${bucket}/${key} lies in ${archive}: to bring it back takes AWS ${durationsOf(archive)}`,
    {
      expected: 'a backup that can be read at once',
      found: archive,
      remedy:
        'Say retrieve: true and give the step that much time; a real restore takes as long. Or take a backup that is not archived.',
    },
  );
}

interface State {
  [key: string]: boolean;
  /** It is readable, or on its way to be. */
  asked: boolean;
}

/**
 * Asks AWS for a readable copy. Nothing takes that back: the copy goes by itself, and so does its cost.
 * @param choose gives the same backup every time
 */
export function retrieval(
  input: ActionInput<Selection & { tier?: Tier }>,
  choose: (attempt: Pick<Attempt, 'signal'>) => Promise<Backup>,
): ChangePart<State> {
  const { tier = 'standard', backups } = input.params;
  const { s3 } = input.aws.in(placeOf(input.target(backups)));
  return {
    shape: 'change',
    name: 'retrieve',
    touches: input.target(backups).items[0]?.arn ?? backups,
    pollMs: Math.max(input.pollMs, 1000),
    read: async (attempt) => ({ asked: retrievalOf(await choose(attempt)) !== 'none' }),
    desired: () => ({ asked: true }),
    async write(to, _from, attempt) {
      if (!to.asked) return;
      const backup = await choose(attempt);
      const archive = archiveOf(backup);
      if (archive === undefined) return;
      if (!durationOf(archive, tier)) throw noSuchTier(backup, archive, tier);
      const { bucket: Bucket, key: Key, versionId: VersionId } = backup;
      const Tier = ({ expedited: 'Expedited', standard: 'Standard', bulk: 'Bulk' } as const)[tier];
      // What intelligent tiering archived comes back for good, and AWS wants no number of days.
      const Days = backup.head.ArchiveStatus === undefined ? copyDays : undefined;
      await s3.restoreObject(
        { Bucket, Key, VersionId, RestoreRequest: { Days, GlacierJobParameters: { Tier } } },
        attempt,
      );
    },
    async settled(to, attempt) {
      if (!to.asked) return { done: true };
      const backup = await choose(attempt);
      if (retrievalOf(backup) === 'there') return { done: true };
      const archive = archiveOf(backup)!;
      const said = durationOf(archive, tier)?.said ?? 'a while';
      return { done: false, saw: `AWS is bringing ${backup.key} back from ${archive}, which takes ${said} (${tier})` };
    },
  };
}

const noSuchTier = ({ key }: Backup, archive: string, tier: Tier): FiredrillError =>
  new FiredrillError('retrieval-tier', `${key} lies in ${archive}, from which nothing is retrieved ${tier}`, {
    expected: durationsOf(archive),
    found: tier,
    remedy: 'Name another tier.',
  });
