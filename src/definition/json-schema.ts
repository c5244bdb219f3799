/**
 * The JSON Schema of drill files, for editors: made of the same zod schemas that definitions are read with, so the two can't
 * part. It knows shapes and values; what steps mean to each other only `validate` knows.
 */
import { z } from 'zod';
import type { Catalogue } from '../domain/catalogue.ts';
import { phases } from '../domain/drill.ts';
import type { FieldMeta } from '../domain/fields.ts';
import { isOptional } from './read.ts';
import type { Shape } from './read.ts';
import { drillShape, estateShape, locationShape, probeBaseShape, stepShape, targetBaseShape } from './schema.ts';
import { namePattern } from './values.ts';

export type JsonSchema = Record<string, unknown>;

/** Kinds of fields that are names: no expression stands in them. */
const names = new Set(['target', 'step', 'probe', 'location']);

const parameter: JsonSchema = { type: 'string', pattern: String.raw`\$\([A-Za-z][\w-]*\)`, description: 'A parameter' };
const expression: JsonSchema = {
  type: 'string',
  pattern: String.raw`\$\([A-Za-z][\w.-]*\)`,
  description: 'A parameter, a fact of a target or an output of a step',
};
/** Editors read YAML's numbers and booleans as such; a definition reads them as the text that they are. */
const scalar = ['string', 'number', 'boolean'];

export function jsonSchema(catalogue: Catalogue): JsonSchema {
  const actions = [...catalogue.actions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const probes = [...catalogue.probes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const targets = [...catalogue.targets.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
  const users = (specs: typeof actions | typeof probes, base: Shape) =>
    specs.map(({ name, describes, params }) => ({
      ...objectOf({ ...base, uses: z.literal(name), with: withOf(params) }, describes),
    }));
  const definitions: Record<string, JsonSchema> = {
    parameter,
    expression,
    step: { anyOf: users(actions, stepShape) },
    steps: {
      type: 'array',
      items: { anyOf: [ref('step'), { ...closed({ parallel: { type: 'array', items: ref('step') } }, ['parallel']) }] },
    },
    probe: { anyOf: users(probes, probeBaseShape) },
    target: {
      anyOf: targets.map(({ type, describes, params }) =>
        objectOf({ ...targetBaseShape, ...(params.shape as Shape), type: z.literal(type) }, describes),
      ),
    },
    location: objectOf(locationShape, 'Where the drill may act: an account and a region'),
  };
  const sections: Record<string, JsonSchema> = {
    apiVersion: { const: 'firedrill/v1' },
    estate: { type: 'string', description: 'File of kind: Estate that is shared with other drills' },
    parameters: mapOf({ type: scalar }, 'Parameters: name and meaning'),
    values: mapOf(mapOf({ type: scalar }), 'Value sets by name; `default` lies under all'),
    locations: mapOf(ref('location'), 'Where the drill may act'),
    targets: mapOf(ref('target'), 'What it may act on'),
    probes: mapOf(ref('probe'), 'What users see, watched all the time'),
    ...Object.fromEntries(phases.map((phase) => [phase, ref('steps')])),
  };
  const file = (shape: Shape, kind: string, description: string): JsonSchema => {
    const written = objectOf(shape, description);
    const properties = { ...(written['properties'] as object), ...pick(sections, shape), kind: { const: kind } };
    return { ...written, properties };
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'firedrill/v1',
    description: 'A drill, or an estate that drills share',
    anyOf: [
      file(drillShape, 'Drill', 'A drill'),
      file({ ...estateShape, kind: z.literal('Estate') }, 'Estate', 'What drills of one estate share'),
    ],
    definitions,
  };
}

const withOf = (params: z.ZodObject): z.ZodType => {
  const nothingNeeded = Object.values(params.shape as Shape).every(isOptional);
  return nothingNeeded ? params.optional() : params;
};

const ref = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });

const closed = (properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const mapOf = (value: JsonSchema, description?: string): JsonSchema => ({
  type: 'object',
  ...(description !== undefined && { description }),
  additionalProperties: false,
  patternProperties: { [namePattern.source]: value },
});

const pick = (from: Record<string, JsonSchema>, shape: Shape): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key in shape));

function objectOf(shape: Shape, description: string): JsonSchema {
  const made = z.toJSONSchema(z.strictObject(shape), {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: node }) => {
      const meta = z.globalRegistry.get(zodSchema) as FieldMeta | undefined;
      for (const key of ['kind', 'targetTypes', 'code', 'isName', 'known']) delete node[key];
      if (node.type === 'string') openScalar(node, meta);
    },
  }) as JsonSchema;
  const { $schema: _schema, ...rest } = made;
  return { ...rest, description };
}

/** Lets numbers, booleans and parameters stand where the format takes a text of a certain kind. */
function openScalar(node: JsonSchema, meta: FieldMeta | undefined): void {
  if ('const' in node || (meta && (names.has(meta.kind) || meta['isName'] === true))) return;
  const { pattern, enum: choices, minLength: _, description, ...rest } = node;
  for (const key of Object.keys(node)) delete node[key];
  if (description !== undefined) node['description'] = description;
  if (pattern === undefined && choices === undefined) Object.assign(node, rest, { type: scalar });
  else {
    const values = (choices as string[] | undefined)?.flatMap((value) =>
      value === 'true' || value === 'false' ? [value, value === 'true'] : [value],
    );
    const number = ['1', '123456789012'].some((digits) => new RegExp(String(pattern)).test(digits)) ? ['number'] : [];
    // What is text may stand in for what only the plan, or the run, will know.
    const open = ref(meta?.kind === 'text' ? 'expression' : 'parameter');
    node['anyOf'] = [values ? { enum: values } : { type: ['string', ...number], pattern }, open];
  }
}
