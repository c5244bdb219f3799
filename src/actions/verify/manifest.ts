/**
 * The manifest of a backup: how many rows its tables had, what their checksums were and where its sequences stood, written by
 * whoever took it, at the time that it was taken. A restore can be held against it exactly, however far the source has moved on since.
 */
import { z } from 'zod';
import { FiredrillError } from '../../domain/errors.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import { onlyItem, placeOf, textOf } from '../places.ts';
import type { VerifyInput } from './database.ts';

const shape = z.object({
  takenAt: z.iso.datetime({ offset: true }),
  tables: z.record(
    z.string(),
    z.object({
      rows: z.int().min(0),
      checksum: z.object({ columns: z.array(z.string()).min(1), value: z.string().min(1) }).optional(),
    }),
  ),
  /** The number that each gives next. A number of JSON is exact up to 2^53 only, so text is taken, too. */
  sequences: z
    .record(z.string(), z.union([z.int(), z.string().regex(/^-?\d{1,19}$/, 'not a number')]).transform(BigInt))
    .optional(),
});
export type Manifest = z.output<typeof shape>;

/** Largest manifest that is read, bytes. */
export const largestManifestBytes = 10_000_000;

const claims = z.object({
  takenAt: z.iso.datetime({ offset: true }).optional().catch(undefined),
  backup: z.object({ versionId: z.string().optional(), etag: z.string().optional() }).optional().catch(undefined),
});
/** What a manifest says of itself: when its data is from, and which object it was written of. */
export type ManifestClaims = z.output<typeof claims>;

/** Nothing for a text that is no manifest: whoever verifies with it says what is wrong. */
export function manifestClaims(text: string): ManifestClaims {
  try {
    return claims.catch({}).parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What it says of a table; PostgreSQL's tables without a schema lie in `public`. */
export const entryOf = ({ tables }: Manifest, table: string): Manifest['tables'][string] | undefined =>
  tables[table] ?? tables[table.startsWith('public.') ? table.slice('public.'.length) : `public.${table}`];

/** Where sequences stood, by the names that the engine has for them: without the schema those of `public`. */
export const positionsIn = (manifest: Manifest | undefined): ReadonlyMap<string, bigint> =>
  new Map(Object.entries(manifest?.sequences ?? {}).map(([name, next]) => [name.replace(/^public\./, ''), next]));

/** @throws FiredrillError `manifest-unreadable`: nothing can be held against it */
export async function readManifest(input: VerifyInput, target: ResolvedTarget, signal: AbortSignal): Promise<Manifest> {
  const { facts } = onlyItem(target);
  const Key = textOf(facts['key']);
  const Bucket = textOf(facts['bucket']);
  const VersionId = textOf(facts['versionId']) || undefined;
  const place = { ...placeOf(target), region: textOf(facts['region']) || target.region };
  const { Body, ContentLength = 0 } = await input.aws.in(place).s3.getObject({ Bucket, Key, VersionId }, { signal });
  const name = `s3://${Bucket}/${Key}`;
  if (ContentLength > largestManifestBytes) throw unreadable(name, `it has ${ContentLength} bytes`);
  return parseManifest((await Body?.transformToString()) ?? '', name);
}

export function parseManifest(text: string, name: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable(name, 'it is not JSON', cause);
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(name, `${issue!.path.join('.') || 'the document'}: ${issue!.message}`);
}

const unreadable = (name: string, why: string, cause?: unknown): FiredrillError =>
  new FiredrillError('manifest-unreadable', `the manifest ${name} can't be used: ${why}`, {
    expected:
      'JSON with takenAt and tables: { NAME: { rows, checksum: { columns, value } } }, and sequences: { NAME: NEXT } if at all',
    found: why,
    remedy: 'Have the backup job write it as docs/restore-verification.md says.',
    provesNothing: true,
    cause,
  });
