/**
 * The backups of the single-instance estate, as some weeks of nights have left them. All were taken by the estate's own script; those of
 * earlier nights hold what there was then.
 *
 *   today                          what there is now
 *   yesterday, 2 days ago          still current; that of 2 days ago was taken again half an hour later, the first one is archived
 *   8 days ago                     expired after 5 days: behind a delete marker, archived a day later
 */
import { putBucketLifecycleConfiguration } from '../services/s3/put-bucket-lifecycle-configuration.ts';
import { backdate, expireAt, remember } from '../services/s3/seed.ts';
import { buckets } from '../services/s3/state.ts';
import type { Call } from '../wire/handler.ts';
import type { Scope, World } from '../world.ts';

export const backupsBucket = 'orders-backups';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** When the script runs, after midnight UTC. */
const nightlyMs = 2 * 60 * minuteMs;
const keptDays = 5;

interface Night {
  /** ISO 8601. */
  takenAt: string;
  expired?: true;
}

/** Before today, oldest first. */
function nightsBefore(now: Date): Night[] {
  const midnight = Math.floor(now.getTime() / dayMs) * dayMs;
  const at = (days: number, laterMs = 0) => new Date(midnight - days * dayMs + nightlyMs + laterMs).toISOString();
  return [{ takenAt: at(8), expired: true }, { takenAt: at(2) }, { takenAt: at(2, 30 * minuteMs) }, { takenAt: at(1) }];
}

const keyOf = (takenAt: string): string => `nightly/orders-${takenAt.slice(0, 10)}.copydump`;
const later = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString();

/** @param instanceId of the instance that runs the database and its backup script */
export async function takeBackups(world: World, scope: Scope, instanceId: string): Promise<void> {
  const bucket = buckets(world)[backupsBucket];
  if (bucket === undefined) throw new Error(`there is no bucket ${backupsBucket}`);
  for (const { takenAt, expired } of nightsBefore(world.clock.wall())) {
    await take(world, instanceId, takenAt);
    for (const key of objectsOf(takenAt)) {
      backdate(world, backupsBucket, key, later(takenAt, minuteMs));
      if (expired) expireAt(world, bucket, key, later(takenAt, keptDays * dayMs));
    }
  }
  await take(world, instanceId);
  await putBucketLifecycleConfiguration(world)(lifecycle, callOf(scope));
}

const objectsOf = (takenAt: string): string[] => [keyOf(takenAt), `${keyOf(takenAt)}.manifest.json`];

/** @param asOf when it was, ISO 8601. @default now */
async function take(world: World, instanceId: string, asOf?: string): Promise<void> {
  if (world.machines.kind === 'real') {
    await world.machines.runOnInstance(instanceId, `orders-dump${asOf === undefined ? '' : ` --as-of ${asOf}`}`);
    return;
  }
  const takenAt = asOf ?? world.nowIso();
  for (const key of objectsOf(takenAt))
    remember(world, backupsBucket, key, { at: takenAt, size: 1, metadata: { 'recovery-point': takenAt } });
}

const lifecycle = {
  Bucket: backupsBucket,
  LifecycleConfiguration: {
    Rules: [
      {
        ID: 'old-backups',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'nightly/' },
        Expiration: { Days: keptDays },
        NoncurrentVersionTransitions: [{ NoncurrentDays: 1, StorageClass: 'GLACIER' as const }],
      },
    ],
  },
};

const callOf = (scope: Scope): Call => ({
  ...scope,
  origin: '',
  service: 's3',
  operation: 'PutBucketLifecycleConfiguration',
  accessKeyId: scope.account,
  requestId: 'estate',
});
