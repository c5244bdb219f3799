/**
 * `rds/restore-point-in-time`: a fresh DB instance with what its source held at a time, deleted when the drill ends. The latest
 * restorable time lies some minutes back, because logs are uploaded every five; it is read just before the call, so that the
 * recovery point that is told is no younger than the truth.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { isStandIn, target, text } from '../../domain/fields.ts';
import type { Finding } from '../../domain/plan.ts';
import { momentText } from '../../domain/time-text.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, placeOf } from '../places.ts';
import { findDatabase } from './databases.ts';
import { restoredPreview } from './restored-preview.ts';
import {
  oneZoneOrTwo,
  oneZoneOrTwoSays,
  restoredId,
  restoredOutputs,
  restoredParams,
  restoredPart,
  storageOf,
} from './restored.ts';

const latest = 'latest';
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

const params = z
  .strictObject({
    source: target('rds/instance', 'whose backups are restored'),
    at: text('a time like 2026-11-22T03:00:00Z; default: latest, the latest restorable time')
      .refine(
        (at) => at === latest || isStandIn(at) || (instant.test(at) && !Number.isNaN(Date.parse(at))),
        'write latest, or a UTC time like 2026-11-22T03:00:00Z',
      )
      .optional(),
    ...restoredParams,
  })
  .refine(oneZoneOrTwo, oneZoneOrTwoSays);
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/restore-point-in-time',
  describes: 'Restores a DB instance as it was at a time onto a fresh one, which is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: restoredOutputs,
  undo: 'delete the copy without a final snapshot',
  permissions: [
    'kms:CreateGrant',
    'kms:DescribeKey',
    'rds:AddTagsToResource',
    'rds:DeleteDBInstance',
    'rds:DescribeDBInstances',
    'rds:DescribeDBParameterGroups',
    'rds:DescribeDBParameters',
    'rds:DescribeDBSubnetGroups',
    'rds:RestoreDBInstanceToPointInTime',
  ],
  timeoutMs: 7_200_000,
  portion: 'restore',
} satisfies ActionSpec<typeof params>;

export const restorePointInTime = defineAction<typeof params>({
  spec,
  parts(input) {
    const source = input.target(input.params.source);
    const { id: sourceId } = onlyItem(source);
    const { at = latest } = input.params;
    const place = placeOf(source);
    const { rds } = input.aws.in(place);
    const id = restoredId(input, sourceId);
    return [
      restoredPart(input, {
        place: source,
        id,
        async origin(attempt) {
          const found = await findDatabase(input, place, sourceId, attempt);
          const newest = found?.LatestRestorableTime;
          if (!newest) throw notRestorable(sourceId);
          const asked = at === latest ? newest : new Date(at);
          if (asked > newest) throw tooLate(at, newest);
          return { recoveryPointAt: asked.toISOString(), storage: storageOf(found) };
        },
        async call(configuration, attempt) {
          const when = at === latest ? { UseLatestRestorableTime: true } : { RestoreTime: new Date(at) };
          const request = { SourceDBInstanceIdentifier: sourceId, TargetDBInstanceIdentifier: id, ...when };
          return (await rds.restoreDBInstanceToPointInTime({ ...request, ...configuration }, attempt)).DBInstance;
        },
      }),
    ];
  },
  async preview(input) {
    const source = input.target(input.params.source);
    const item = onlyItem(source);
    const shown = await restoredPreview(input, {
      place: source,
      id: restoredId(input, item.id),
      source: { ...item.facts, arn: arnOf(source) },
      operation: 'rds:RestoreDBInstanceToPointInTime',
    });
    return { ...shown, findings: [...shown.findings, ...backupFindings(input)] };
  },
});

const dayMs = 86_400_000;

/** Whether there are backups at all, and any of the time that is asked for. */
function backupFindings(input: ActionInput<Params>): Finding[] {
  const { source, at = latest } = input.params;
  const { id, facts } = onlyItem(input.target(source));
  const days = Number(facts['backupRetentionDays'] ?? 0);
  const refuse = (code: string, message: string, remedy: string): Finding[] => [
    { severity: 'refuse', code, message, remedy },
  ];
  if (days === 0) return refuse('no-backups', notRestorable(id).message, backupsRemedy);
  if (at === latest) return [];
  const ageMs = input.clock.wall().getTime() - Date.parse(at);
  if (ageMs < 0)
    return refuse('not-restorable-yet', `${momentText(at)} is in the future.`, 'Restore an earlier time, or "latest".');
  if (ageMs <= days * dayMs) return [];
  const message = `${id} keeps its backups for ${days} d, and ${momentText(at)} is longer ago.`;
  return refuse('not-restorable-any-more', message, 'Restore a later time, or keep backups for longer.');
}

const backupsRemedy =
  'Give it a backup retention period of at least a day; without one there is nothing to go back to.';

const notRestorable = (id: string): FiredrillError =>
  new FiredrillError('no-backups', `${id} has no automated backups that could be restored`, { remedy: backupsRemedy });

const tooLate = (at: string, newest: Date): FiredrillError =>
  new FiredrillError('not-restorable-yet', `${momentText(at)} can't be restored yet`, {
    expected: `a time up to ${momentText(newest.toISOString())}`,
    found: momentText(at),
    remedy: 'Restore an earlier time, or "latest".',
  });
