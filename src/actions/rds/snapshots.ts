/** What the actions share that make and use snapshots: finding one, telling whether it is usable, and the words for it. */
import type { DBSnapshot } from '@aws-sdk/client-rds';
import type { Place } from '../../aws/aws.ts';
import { FiredrillError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Attempt, CreatePart } from '../../domain/part.ts';
import { ifThere } from '../absent.ts';
import type { ActionInput } from '../action.ts';
import type { Standing } from '../made-target.ts';
import { madeTarget } from '../made-target.ts';
import { placeOf } from '../places.ts';
import { UnderName, removeForGood, slug } from './made-by-steps.ts';

export const snapshotArn = ({ account, region }: Place, id: string): string =>
  `arn:aws:rds:${region}:${account}:snapshot:${id}`;

/**
 * RDS finds some kinds of snapshot only where the kind is said, too; their identifiers begin with who took them.
 * Source: RDS API reference, DescribeDBSnapshots.
 */
const typeOf = (id: string): string | undefined =>
  id.startsWith('rds:') ? 'automated' : id.startsWith('awsbackup:') ? 'awsbackup' : undefined;

/** The snapshot of that identifier, if there is one. */
export async function findSnapshot(
  { aws }: Pick<ActionInput, 'aws'>,
  place: Place,
  id: string,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<DBSnapshot | undefined> {
  const { rds } = aws.in(place);
  const select = { DBSnapshotIdentifier: id, SnapshotType: typeOf(id) };
  const found = await ifThere(() => rds.describeDBSnapshots(select, { signal }));
  return found?.DBSnapshots?.[0];
}

/**
 * When the data of a snapshot is from, ISO 8601. A copy says when it was copied; that tells nothing about its data.
 * Source: RDS API reference, DBSnapshot.
 */
export const takenAt = ({ OriginalSnapshotCreateTime, SnapshotCreateTime }: DBSnapshot): string | undefined =>
  (OriginalSnapshotCreateTime ?? SnapshotCreateTime)?.toISOString();

/** @throws FiredrillError `snapshot-not-available` */
export function mustBeAvailable(
  snapshot: DBSnapshot | undefined,
  id: string,
  region: string,
): asserts snapshot is DBSnapshot {
  if (snapshot?.Status === 'available') return;
  throw notAvailable(id, region, snapshot && `${snapshot.Status}, ${snapshot.PercentProgress ?? 0} % done`);
}

/** @param status absent: it isn't there */
export const notAvailable = (id: string, region: string, status: string | undefined): FiredrillError =>
  status === undefined
    ? new FiredrillError('snapshot-not-available', `there is no snapshot ${id} in ${region} any more`, {
        expected: id,
        found: 'none',
        remedy: 'Automated snapshots go after their retention period, or with their instance: restore a newer one.',
      })
    : new FiredrillError('snapshot-not-available', `snapshot ${id} in ${region} can't be used: it is ${status}`, {
        expected: 'a snapshot that is available',
        found: status,
        remedy: status.startsWith('creating')
          ? 'Wait until it is available, or use an older one: "of" takes the newest that is.'
          : 'Use another one: "of" takes the newest that is available.',
      });

/** A snapshot that a step made, as later steps take it. */
export const snapshotTarget = (stepId: string, place: Standing, snapshot: DBSnapshot): JsonObject =>
  madeTarget(stepId, place, 'rds/snapshot', {
    id: snapshot.DBSnapshotIdentifier!,
    arn: snapshot.DBSnapshotArn,
    facts: {
      source: snapshot.DBInstanceIdentifier,
      engine: snapshot.Engine,
      version: snapshot.EngineVersion,
      createdAt: takenAt(snapshot),
      status: snapshot.Status,
      encrypted: snapshot.Encrypted ?? false,
      kmsKeyId: snapshot.KmsKeyId,
      allocatedGb: snapshot.AllocatedStorage,
      port: snapshot.Port,
      optionGroup: snapshot.OptionGroupName,
    },
  });

/** What a snapshot is called that a step makes. */
export const madeSnapshotId = ({ runId, stepId }: Pick<ActionInput, 'runId' | 'stepId'>): string =>
  `firedrill-${runId}-${slug(stepId)}`;

/** What a snapshot that a drill makes is known by. */
interface Made {
  [key: string]: string;
  arn: string;
}

/** The part that makes a snapshot, by whatever call, and deletes it when the drill ends. */
export function snapshotPart(
  input: ActionInput,
  { id, place, create }: { id: string; place: Standing; create: (attempt: Attempt) => Promise<DBSnapshot> },
): CreatePart<Made> {
  const where = placeOf(place);
  const { rds } = input.aws.in(where);
  const made = (snapshot: DBSnapshot): Made => ({ arn: snapshot.DBSnapshotArn ?? snapshotArn(where, id) });
  const named = new UnderName(input, (attempt) => findSnapshot(input, where, id, attempt), nameTaken(id));
  return {
    shape: 'create',
    name: 'snapshot',
    touches: snapshotArn(where, id),
    pollMs: input.pollMs,
    identity: { id, run: input.runId, step: input.stepId },
    arn: (found) => found.arn,
    async find(attempt, known) {
      const found = await named.find(attempt, () => known !== undefined);
      return found && made(found);
    },
    create: async (attempt) => made((await named.make(() => create(attempt), attempt))!),
    async settled(_found, attempt) {
      const found = await named.own(attempt);
      if (found?.Status === 'failed') {
        throw new FiredrillError('snapshot-failed', `snapshot ${id} failed`, {
          remedy: `See the events of ${id} in RDS.`,
        });
      }
      if (found?.Status !== 'available') {
        return { done: false, saw: `${id} is ${found?.Status ?? 'not there'}, ${found?.PercentProgress ?? 0} %` };
      }
      return {
        done: true,
        outputs: { snapshot: snapshotTarget(input.stepId, place, found), recoveryPointAt: takenAt(found) },
      };
    },
    remove: (_found, attempt) =>
      removeForGood(input, attempt, async () => {
        if (!(await named.own(attempt))) return false;
        await rds.deleteDBSnapshot({ DBSnapshotIdentifier: id }, attempt);
        return true;
      }),
  };
}

const nameTaken = (id: string): FiredrillError =>
  new FiredrillError('name-taken', `there is a snapshot ${id} already`, {
    expected: `no ${id}`,
    found: 'one that this step did not make',
    remedy: 'Delete it, or find out whose it is.',
    provesNothing: true,
  });
