/**
 * Rung 4: the schema is the expected one, part by part: tables and their partitions, columns with type, nullability and default,
 * keys, indexes, rights, views, functions, extensions. The expected file is one JSON object, name of the part to its definition.
 */
import { z } from 'zod';
import { FiredrillError } from '../../domain/errors.ts';
import type { Rung } from './rung.ts';
import { sentence, shorten } from './wording.ts';

export type Schema = ReadonlyMap<string, string>;

/** Differences that are told one by one. */
const most = 10;

export const schemaRung: Rung = async (looking, attempt) => {
  const { input, engine, restored, source } = looking;
  const fromSource = input.params.schema === 'source';
  const expected = fromSource
    ? await source!.use(attempt, (session) => engine.schema(session))
    : parseSchema(input.file(input.params.schema!), input.params.schema!);
  const found = await restored.use(attempt, (session) => engine.schema(session));
  const differences = schemaDifferences(expected, found);
  const as = fromSource ? 'the source has them' : `${input.params.schema} says`;
  const said =
    differences.length === 0
      ? `All ${found.size} parts of the schema are as ${as}.`
      : sentence([
          `${differences.length} of ${expected.size} parts of the schema are not as ${as}`,
          ...differences.slice(0, most),
          ...(differences.length > most ? [`and ${differences.length - most} more`] : []),
        ]);
  return { done: true, check: { holds: differences.length === 0, said } };
};

/** What has parts of its own, by the word that it begins with. */
const relation = /^(?:table|view|materialized view) /;

/** Missing, extra and changed parts, a phrase each. What goes with a missing table or view is not told part by part. */
export function schemaDifferences(expected: Schema, found: Schema): string[] {
  const relations = (schema: Schema, other: Schema): string[] =>
    [...schema.keys()].flatMap((what) => (relation.test(what) && !other.has(what) ? [what.replace(relation, '')] : []));
  const isPartOf = (what: string, names: readonly string[]): boolean =>
    names.some((name) => what.slice(what.lastIndexOf(' ') + 1).startsWith(`${name}.`));
  const [lost, added] = [relations(expected, found), relations(found, expected)];
  const missing = [...expected.keys()].filter((what) => !found.has(what) && !isPartOf(what, lost));
  const extra = [...found.keys()].filter((what) => !expected.has(what) && !isPartOf(what, added));
  const changed = [...expected].flatMap(([what, definition]) => {
    const now = found.get(what);
    return now === undefined || now === definition
      ? []
      : [`${what} changed: expected ${shorten(definition, 120)}, found ${shorten(now, 120)}`];
  });
  return [
    ...missing.sort().map((what) => `${what} is missing`),
    ...extra.sort().map((what) => `${what} is extra`),
    ...changed.sort(),
  ];
}

/** @throws FiredrillError `schema-unreadable` */
export function parseSchema(text: string, name: string): Schema {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const first = text.trimStart().split('\n', 1)[0]!.trimEnd();
    throw unreadable(
      name,
      first === '' ? 'it is empty' : `it is not JSON, and begins with ${shorten(first, 40)}`,
      cause,
    );
  }
  const parsed = z.record(z.string(), z.string()).safeParse(json);
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
  throw unreadable(name, `${path.join('.') || 'the document'}: ${message}`, parsed.error);
}

const unreadable = (name: string, why: string, cause: unknown): FiredrillError =>
  new FiredrillError('schema-unreadable', `${name} is no schema: ${why}`, {
    expected: 'one JSON object: name of the part to its definition, all texts',
    found: why,
    remedy: 'Make it with the statement that docs/restore-verification.md gives for this engine.',
    provesNothing: true,
    cause,
  });
