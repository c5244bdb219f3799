/**
 * `s3/find-backup`: which backup a restore begins with, and how old its data is. It only looks, except for `retrieve`, which
 * has AWS bring an archived backup back. How old is too old is for the drill's objectives to judge; here it is only said.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { choice, flag, target, text } from '../../domain/fields.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { Attempt, ObservePart } from '../../domain/part.ts';
import type { Condition, Finding, ResolvedTarget } from '../../domain/plan.ts';
import { durationText, momentText } from '../../domain/time-text.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { madeTarget } from '../made-target.ts';
import { onlyItem, permissions, textOf } from '../places.ts';
import type { Backup } from './find-backup-choice.ts';
import { chooseBackup } from './find-backup-choice.ts';
import { archiveOf, copyDays, durationOf, unreadable, retrieval, tiers } from './find-backup-retrieval.ts';

const params = z
  .strictObject({
    backups: target('s3/objects', 'the bucket and prefix that backups are written to'),
    pick: choice(['latest'], 'the one with the newest recovery point; default').optional(),
    date: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'not a day, like 2026-11-21')
      .optional()
      .meta({ kind: 'text', description: 'the newest of this day in UTC, like 2026-11-21' }),
    key: text('the whole key of the backup, where its name is known').optional(),
    version: text('id of the version of key, in a versioned bucket').optional(),
    retrieve: flag('have AWS bring an archived backup back, which takes minutes to days; default false').optional(),
    tier: choice(tiers, 'how fast and dear the retrieval is; default standard').optional(),
  })
  .refine(({ version, key }) => version === undefined || key !== undefined, 'version needs key: the object it is of')
  .refine(({ version, date }) => version === undefined || date === undefined, 'version and date: keep one')
  .refine(({ pick, date, version }) => !pick || (!date && !version), 'pick latest, or a date or version: keep one')
  .refine(({ tier, retrieve }) => !tier || retrieve === true, 'tier needs retrieve: true')
  .refine(({ date }) => date === undefined || !Number.isNaN(Date.parse(date)), 'there is no such day');
type Params = z.output<typeof params>;

export const spec = {
  name: 's3/find-backup',
  describes: 'Finds the backup to restore: the newest, that of a day, or a version; says how old its data is',
  params,
  effect: 'observes',
  outputs: {
    url: { describes: 's3://bucket/key with version and region; what needs it gets a signed URL in its place' },
    object: { describes: 'the backup', targetType: 's3/object' },
    manifest: {
      describes: 'what was written of it beside it (KEY.manifest.json), if anything',
      targetType: 's3/object',
    },
    key: { describes: 'key of the backup' },
    sizeBytes: { describes: 'its size in bytes' },
    recoveryPointAt: { describes: 'when its data is from, ISO 8601' },
    recoveryPointFrom: {
      describes: 'what says so: its metadata, its manifest, or only its upload, than which the data is older',
    },
  },
  permissions: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucketVersions', 's3:RestoreObject'],
  timeoutMs: 300_000,
  portion: 'find',
} satisfies ActionSpec<typeof params>;

export const findBackup = defineAction<typeof params>({
  spec,
  parts(input) {
    if (!input.params.retrieve) return [found(input, (attempt) => chooseBackup(input, attempt))];
    const choose = (attempt: Pick<Attempt, 'signal'>): Promise<Backup> => chooseBackup(input, attempt, begunAt(input));
    return [retrieval(input, choose), found(input, choose)];
  },
  async preview(input) {
    const backups = input.target(input.params.backups);
    const { bucket, prefix } = onlyItem(backups).facts;
    const beginning = input.params.key ?? textOf(prefix);
    const arn = `arn:aws:s3:::${textOf(bucket)}`;
    const objects = `${arn}/${beginning}*`;
    const listed: Condition | undefined = beginning ? { StringEquals: { 's3:prefix': beginning } } : undefined;
    const reads = ['s3:GetObject', 's3:GetObjectVersion'];
    const { findings, noManifest } = await lookAhead(input);
    return {
      touches: [objects],
      ...(input.params.retrieve && { undo: `nothing: the copy that AWS makes goes by itself after ${copyDays} days` }),
      permissions: [
        ...permissions(backups, ['s3:ListBucketVersions'], [arn], listed),
        ...permissions(backups, input.params.retrieve ? [...reads, 's3:RestoreObject'] : reads, [objects]),
      ],
      findings,
      ...(noManifest !== undefined && { lacks: { manifest: noManifest } }),
    };
  },
});

/** A backup that comes while another is brought back doesn't count. */
const begunAt = (input: ActionInput): Date | undefined => {
  const begun = input.begunAt();
  return begun && new Date(begun.at);
};

function found(input: ActionInput<Params>, choose: (attempt: Pick<Attempt, 'signal'>) => Promise<Backup>): ObservePart {
  return {
    shape: 'observe',
    name: 'backup',
    touches: input.target(input.params.backups).items[0]?.arn ?? input.params.backups,
    pollMs: input.pollMs,
    async poll(attempt) {
      const backup = await choose(attempt);
      const refusal = unreadable(backup);
      if (refusal) throw refusal;
      const isFresh = input.rpoMs !== undefined && ageOf(input, backup) <= input.rpoMs;
      const notShown = !isFresh || backup.pointFrom === 'upload';
      const check = { holds: true, said: sentenceOn(input, backup), ...(notShown && { notShown }) };
      return { done: true, outputs: outputsOf(input, backup), check };
    },
  };
}

function outputsOf(input: ActionInput<Params>, backup: Backup): JsonObject {
  const { bucket, key, versionId, region, manifest } = backup;
  const backups = input.target(input.params.backups);
  const path = key.split('/').map(encodeURIComponent).join('/');
  const query = new URLSearchParams({ ...(versionId !== undefined && { versionId }), region });
  return {
    url: `s3://${bucket}/${path}?${query.toString()}`,
    object: objectTarget(input.stepId, backups, { bucket, key, versionId }),
    ...(manifest && {
      manifest: objectTarget(input.stepId, backups, { bucket, key: manifest.key, versionId: manifest.versionId }),
    }),
    key,
    sizeBytes: backup.sizeBytes,
    recoveryPointAt: backup.pointAt.toISOString(),
    recoveryPointFrom: backup.pointFrom,
  };
}

/** An object as later steps take it: like a target. */
const objectTarget = (
  stepId: string,
  backups: ResolvedTarget,
  { bucket, key, versionId }: { bucket: string; key: string; versionId?: string },
): Json =>
  madeTarget(
    stepId,
    backups,
    's3/object',
    {
      id: `${bucket}/${key}`,
      arn: `arn:aws:s3:::${bucket}/${key}`,
      facts: { bucket, key, versionId, region: backups.region },
    },
    {},
  );

/** `512 bytes`, `104.8 kB`, `3.2 GB` */
function size(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${Math.round((bytes / 1000 ** power) * 10) / 10} ${units[power - 1]}`;
}

/** Metadata and manifest of one backup may be this far apart: they are written at different moments of one job. */
const sameMomentMs = 5 * 60_000;

const ageOf = ({ clock }: ActionInput, { pointAt }: Backup): number => +clock.wall() - +pointAt;

function sentenceOn(input: ActionInput<Params>, backup: Backup): string {
  const { rpoMs } = input;
  const { key, sizeBytes, pointAt, pointFrom } = backup;
  const ageMs = ageOf(input, backup);
  const from = pointFrom === 'upload' ? 'was uploaded at' : 'is from';
  return [
    `The data of ${key} (${size(sizeBytes)}) ${from} ${momentText(pointAt.toISOString())}, ${durationText(ageMs, 'up')} ago.`,
    ...doubtsAbout(backup),
    ...(rpoMs !== undefined && ageMs > rpoMs
      ? [`That is more than the RPO of ${durationText(rpoMs)}: whatever it holds, it is too old.`]
      : []),
  ].join(' ');
}

const noManifestWords = (why: string, key = 'it'): string => `No manifest belongs to ${key}: ${why}.`;

/** How well it is known when the data is from. */
function doubtsAbout({ pointAt, pointFrom, wrongPoint, manifest, noManifest }: Backup): string[] {
  const takenAt = manifest?.takenAt;
  const apartMs = takenAt === undefined ? 0 : Math.abs(+takenAt - +pointAt);
  const instead = { metadata: '', manifest: 'what its manifest says', upload: 'when it was uploaded' }[pointFrom];
  return [
    ...(wrongPoint === undefined
      ? []
      : [`Its recovery-point "${wrongPoint.slice(0, 40)}" can't be one: ${instead} counts.`]),
    ...(pointFrom === 'manifest' && wrongPoint === undefined ? ['Its manifest says so; its metadata does not.'] : []),
    ...(pointFrom === 'upload'
      ? ['Nothing says when its data is from, neither metadata recovery-point nor a manifest: it is older than that.']
      : []),
    ...(noManifest === undefined ? [] : [noManifestWords(noManifest)]),
    ...(takenAt !== undefined && apartMs > sameMomentMs
      ? [
          `Its manifest says ${momentText(takenAt.toISOString())}, ${durationText(apartMs)} ${takenAt < pointAt ? 'earlier' : 'later'}: one of the two is wrong, and the metadata counts.`,
        ]
      : []),
  ];
}

/** What the plan can tell already. There may be another backup by the time of the run. */
async function lookAhead(input: ActionInput<Params>): Promise<{ findings: Finding[]; noManifest?: string }> {
  try {
    const backup = await chooseBackup(input, { signal: new AbortController().signal });
    const said: Finding = { severity: 'note', code: 'backup-found', message: sentenceOn(input, backup) };
    return {
      findings: [said, ...archiveFindings(input, backup)],
      ...(backup.noManifest !== undefined && { noManifest: noManifestWords(backup.noManifest, backup.key) }),
    };
  } catch (error) {
    if (!(error instanceof FiredrillError) || !error.code.startsWith('backup-')) throw error;
    const { code, message, remedy } = error;
    return {
      findings: [{ severity: 'warn', code, message: `As things are, this step will fail: ${message}`, remedy }],
    };
  }
}

function archiveFindings(
  { params: { retrieve, tier = 'standard' }, timeoutMs }: ActionInput<Params>,
  backup: Backup,
): Finding[] {
  const refusal = unreadable(backup);
  if (!refusal) return [];
  const { code, message, remedy } = refusal;
  if (!retrieve) return [{ severity: 'refuse', code, message, remedy }];
  const archive = archiveOf(backup)!;
  const takes = durationOf(archive, tier);
  if (takes && takes.atMostMs <= timeoutMs) return [];
  return [
    {
      severity: 'warn',
      code: 'retrieval-outlasts-step',
      message: takes
        ? `To bring ${backup.key} back from ${archive} takes ${takes.said} (${tier}), and the step ends after ${durationText(timeoutMs)}`
        : `${archive} has no retrieval that is ${tier}`,
      remedy: 'Give the step a longer timeout, or name another tier.',
    },
  ];
}
