/**
 * `rds/restore-point-in-time`: a fresh DB instance with what its source held at a time, deleted when the drill ends. The latest
 * restorable time lies some minutes back, because logs are uploaded every five; it is read just before the call, so that the
 * recovery point that is told is no younger than the truth.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { target, text } from '../../domain/fields.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, placeOf } from '../places.ts';
import { findDatabase } from './databases.ts';
import { restoredId, restoredOutputs, restoredParams, restoredPart, restoredPreview } from './restored.ts';

const latest = 'latest';
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

const params = z.strictObject({
  source: target('rds/instance', 'whose backups are restored'),
  at: text('a time like 2026-11-22T03:00:00Z; default: latest, the latest restorable time')
    .refine((at) => at === latest || instant.test(at), 'write latest, or a UTC time like 2026-11-22T03:00:00Z')
    .optional(),
  ...restoredParams,
});

export const spec = {
  name: 'rds/restore-point-in-time',
  describes: 'Restores a DB instance as it was at a time onto a fresh one, which is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: restoredOutputs,
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
        async recoveryPoint(attempt) {
          const newest = (await findDatabase(input, place, sourceId, attempt))?.LatestRestorableTime;
          if (!newest) throw notRestorable(sourceId);
          if (at === latest) return newest.toISOString();
          if (Date.parse(at) > newest.getTime()) throw tooLate(at, newest);
          return new Date(at).toISOString();
        },
        async call(configuration, attempt, recoveryPointAt) {
          const when = at === latest ? { UseLatestRestorableTime: true } : { RestoreTime: new Date(recoveryPointAt) };
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
    if (Number(item.facts['backupRetentionDays']) > 0) return shown;
    const finding = { severity: 'refuse', code: 'no-backups', message: notRestorable(item.id).message } as const;
    return { ...shown, findings: [...shown.findings, { ...finding, remedy: backupsRemedy }] };
  },
});

const backupsRemedy =
  'Give it a backup retention period of at least a day; without one there is nothing to go back to.';

const notRestorable = (id: string): FiredrillError =>
  new FiredrillError('no-backups', `${id} has no automated backups that could be restored`, { remedy: backupsRemedy });

const tooLate = (at: string, newest: Date): FiredrillError =>
  new FiredrillError('not-restorable-yet', `${at} can't be restored yet`, {
    expected: `a time up to ${newest.toISOString()}`,
    found: at,
    remedy: 'Restore an earlier time, or "latest".',
  });
