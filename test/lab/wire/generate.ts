/** Random values that fit a schema, and that its protocol can carry: what a protocol has no form for isn't generated. */
import { traitsOf, membersOf, requiredMembers, type Schema } from '../../../src/lab/wire/smithy.ts';

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Generator {
  random: () => number;
  /** False for protocols that drop empty lists. */
  emptyLists: boolean;
  /** Members that the client rewrites on their way. */
  except?: RegExp;
}

const maxDepth = 4;
const letters = [
  'a',
  'B',
  '7',
  '-',
  '_',
  '/',
  ' x',
  '<',
  '&',
  '"',
  "'",
  '>',
  '%',
  '+',
  '=',
  '.',
  'é',
  '漢',
  '😀',
  '\n y',
];
const plainLetters = ['a', 'b', 'c', 'd', 'e', 'x', '1', '2', '3', '-y'];

const pick = <T>({ random }: Generator, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

function word(generator: Generator, from: readonly string[] = plainLetters): string {
  const length = 1 + Math.floor(generator.random() * 8);
  return `w${Array.from({ length }, () => pick(generator, from)).join('')}`;
}

/** @returns undefined where nothing fits, e.g. a structure that only nests itself */
export function valueFor(schema: Schema, generator: Generator, depth = 0): unknown {
  const { random } = generator;
  const { httpHeader, httpQuery, httpLabel, httpPrefixHeaders, xmlFlattened } = traitsOf(schema);
  const inHeader = httpHeader !== undefined || httpPrefixHeaders !== undefined;
  if (schema.isUnitSchema()) return {};
  if (schema.isUnionSchema()) return unionFor(schema, generator, depth);
  if (schema.isStructSchema()) return structureFor(schema, generator, depth);
  if (depth > maxDepth && (schema.isListSchema() || schema.isMapSchema())) return undefined;
  if (schema.isListSchema()) {
    const least = generator.emptyLists && xmlFlattened === undefined && !inHeader && httpQuery === undefined ? 0 : 1;
    const length = least + Math.floor(random() * 3);
    const items = Array.from({ length }, () =>
      inHeader ? word(generator) : valueFor(schema.getValueSchema(), generator, depth + 1),
    );
    return items.includes(undefined) ? undefined : items;
  }
  if (schema.isMapSchema()) {
    const keys = Array.from({ length: 1 + Math.floor(random() * 2) }, (_, i) => `${word(generator)}${i}`);
    const values = keys.map((key) => [
      key,
      inHeader ? word(generator) : valueFor(schema.getValueSchema(), generator, depth + 1),
    ]);
    return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values);
  }
  if (schema.isTimestampSchema()) {
    // HTTP dates and some headers have whole seconds.
    const seconds = Math.floor(1_500_000_000 + random() * 500_000_000);
    return new Date(seconds * 1000 + (inHeader || schema.getSchema() === 6 ? 0 : Math.floor(random() * 1000)));
  }
  if (schema.isBlobSchema()) return Buffer.from(word(generator, letters));
  if (schema.isBooleanSchema()) return random() < 0.5;
  if (schema.isNumericSchema()) return Math.floor(random() * 10_000) + (random() < 0.2 && !inHeader ? 0.5 : 0);
  if (schema.isBigIntegerSchema()) return BigInt(Math.floor(random() * 2 ** 40));
  if (httpHeader === 'x-amz-sdk-checksum-algorithm') return 'CRC32';
  const delicate = inHeader || httpLabel !== undefined;
  return word(generator, delicate ? plainLetters : letters);
}

function structureFor(schema: Schema, generator: Generator, depth: number): object | undefined {
  const required = new Set(requiredMembers(schema));
  const likelihood = depth === 0 ? 0.8 : 0.4;
  const members: [string, unknown][] = [];
  for (const [name, member] of membersOf(schema)) {
    const wanted =
      required.has(name) ||
      member.isIdempotencyToken() ||
      // Clients give an absent body or absent prefixed headers a form of their own.
      traitsOf(member).httpPayload === 1 ||
      traitsOf(member).httpPrefixHeaders !== undefined ||
      generator.random() < likelihood;
    const nested = member.isStructSchema() || member.isListSchema() || member.isMapSchema();
    if (!wanted || (nested && depth >= maxDepth) || generator.except?.test(name)) continue;
    const value = valueFor(member, generator, depth + 1);
    if (value !== undefined) members.push([name, value]);
  }
  return members.length === 0 && depth > 0 ? undefined : Object.fromEntries(members);
}

function unionFor(schema: Schema, generator: Generator, depth: number): object | undefined {
  if (depth > maxDepth) return undefined;
  const [name, member] = pick(generator, membersOf(schema));
  const value = valueFor(member, generator, depth + 1);
  return value === undefined ? undefined : { [name]: value };
}
