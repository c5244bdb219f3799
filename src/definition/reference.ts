/**
 * The reference of what can stand in a drill, as Markdown that reads well as plain text too. Made of the specs that drills are
 * checked against, like the JSON Schema, so it says what the code does. docs/reference/ holds it; `firedrill schema NAME` prints
 * one entry. How a drill works is told by hand, in docs/writing-a-drill.md.
 */
import { z } from 'zod';
import type { ActionSpec, Catalogue, Params, Portion, ProbeSpec, TargetSpec } from '../domain/catalogue.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Shape } from './read.ts';
import { drillShape, locationShape, probeBaseShape, stepShape, targetBaseShape } from './schema.ts';

const code = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[], last = 'and'): string => {
  const all = texts.map(code);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${last} ${all.at(-1)}`;
};
const byName = (a: string, b: string): number => (a < b ? -1 : 1);

/** Every action, probe and target type by its name, each with its entry. */
export function referenceEntries(catalogue: Catalogue): ReadonlyMap<string, string> {
  return new Map([
    ...[...catalogue.actions.values()].map((spec) => [spec.name, actionEntry(spec)] as const),
    ...[...catalogue.probes.values()].map((spec) => [spec.name, probeEntry(spec)] as const),
    ...[...catalogue.targets.values()].map((spec) => [spec.type, targetEntry(spec)] as const),
  ]);
}

/** The pages of docs/reference, by file name. */
export function referencePages(catalogue: Catalogue): Readonly<Record<string, string>> {
  const entries = referenceEntries(catalogue);
  const page = (title: string, intro: string, names: Iterable<string>): string => {
    const sorted = [...names].sort(byName);
    return [`# ${title}`, generated, intro, ...sorted.map((name) => entries.get(name)!)].join('\n\n') + '\n';
  };
  const sections = Object.entries(shapes).map(([title, shape]) => {
    return `## ${title}\n\n${membersOf(schemaOf(z.strictObject(shape)), 0).join('\n')}`;
  });
  return {
    'actions.md': page('Actions', `${actionsIntro}\n\n${fieldsIntro}`, catalogue.actions.keys()),
    'drill.md': [`# The drill, key by key`, generated, drillIntro, ...sections].join('\n\n') + '\n',
    'probes.md': page('Probes', probesIntro, catalogue.probes.keys()),
    'targets.md': page('Targets', targetsIntro, catalogue.targets.keys()),
  };
}

/** What every drill is made of, by heading. */
const shapes: Readonly<Record<string, Shape>> = {
  'The file': drillShape,
  'A location': locationShape,
  'A target': targetBaseShape,
  'A probe': probeBaseShape,
  'A step': stepShape,
};

const generated = '<!-- Generated from the code: npx vitest run test/definition/reference.test.ts -u -->';

const drillIntro = `What each key of a drill file is. How they work together is told in [writing a drill](../writing-a-drill.md), types of fields are those
of [actions](actions.md), and a parameter may stand in the place of a value. What selects a target beside this depends on its
[type](targets.md), what a step or probe takes in \`with\` on its [action](actions.md) or [kind](probes.md).`;

const actionsIntro = `What a step can do: the name stands in its \`uses\`, the parameters in its \`with\`. A step may also say \`timeout\`, and \`keep\`: why
something that can't be undone may stay. \`firedrill schema NAME\` prints one of these.

*Observes*: only looks. *Changes*: alters what is there, and writes back what was there before. *Creates*: makes something new, and
removes it. Undo comes at the end of the run, last first, or when the run is aborted.

An output goes into a later step as \`$(steps.ID.outputs.NAME)\`. One that is a target can be given wherever that type of
[target](targets.md) is taken.

Permissions are those that a step may need, depending on its parameters, besides those that find its targets. For one drill, with
literal resources: \`firedrill iam-policy FILE\`.

More than fits here: [what \`postgres/verify\` and \`mysql/verify\` prove](../restore-verification.md), and
[what a launched instance is told and must report](../restoring-onto-an-instance.md).`;

const fieldsIntro = `| type | written as |
| --- | --- |
| text | any text of one character or more |
| whole number | \`0\` to \`999999999\` |
| duration | \`200ms\`, \`30s\`, \`5m\`, \`2h\`, \`1d\`: always with a unit |
| percentage, rate | \`1%\`, \`400/s\` |
| target | the name of a target, or the output of a step that is one; nothing computed |
| step, probe, location | its name in the drill |
| file | path of a file of the project, relative to the drill |
| secret | a reference and never the secret: \`env:NAME\`, \`file:/PATH\`; where said, \`secretsmanager:NAME\` (one member of its JSON: \`#KEY\`) and \`ssm:/PARAMETER\` |`;

const probesIntro = `What users see, asked all the time from a process of its own: the name stands in a probe's \`uses\`, the parameters in its \`with\`.
Every probe may also say \`every\`, \`timeout\`, \`expect\`, \`resolver\`, \`ttl\`, \`connection\` and \`threshold\`. Types of parameters are those of
[actions](actions.md). A *canary* writes numbers, so that lost writes can be counted: it gives RPO.`;

const targetsIntro = `What a drill may act on: the name stands in a target's \`type\`, what selects it beside that. Every target may also say \`in\` (a
location) and \`mayBeEmpty\`. Finding nothing is an error unless it may be empty. Types of fields are those of [actions](actions.md).

Facts are known once the plan is made, and go into a drill as \`$(targets.NAME.FACT)\`. \`s3/object\` is no target of drills: it is the
type of outputs of [\`s3/find-backup\`](actions.md#s3find-backup), one version of one object.`;

function actionEntry(spec: ActionSpec): string {
  const { name, describes, params, outputs = {}, permissions = [] } = spec;
  const made = Object.entries(outputs).map(([output, { describes: what, targetType }]) =>
    item(output, targetType === undefined ? undefined : `target ${code(targetType)}`, what),
  );
  return entry(name, describes, [
    traitsOf(spec).join(' '),
    ...fieldsOf('Parameters', params),
    listed('Outputs', made),
    permissions.length > 0 ? `Permissions: ${codes(permissions)}.` : '',
  ]);
}

const probeEntry = ({ name, describes, params, canary }: ProbeSpec): string =>
  entry(name, describes, [canary ? 'A canary.' : '', ...fieldsOf('Parameters', params)]);

function targetEntry({ type, describes, params, many, facts = {}, reads = [] }: TargetSpec): string {
  const known = Object.entries(facts).map(([fact, what]) => item(fact, undefined, what));
  return entry(type, describes, [
    many ? 'May stand for several.' : '',
    ...fieldsOf('Selected by', params),
    listed('Facts', known),
    reads.length > 0 ? `Permissions: ${codes(reads)}.` : '',
  ]);
}

const entry = (name: string, describes: string, paragraphs: readonly string[]): string =>
  [`## ${name}`, `${describes}.`, ...paragraphs.filter(Boolean)].join('\n\n');

const listed = (title: string, items: readonly string[]): string =>
  items.length === 0 ? '' : `${title}:\n\n${items.join('\n')}`;

const item = (name: string, type: string | undefined, what: string | undefined): string =>
  `- ${code(name)}${type ? ` (${type})` : ''}${what === undefined ? '' : `: ${what}`}`;

const effects: Readonly<Record<ActionSpec['effect'], string>> = {
  observes: 'Observes',
  changes: 'Changes',
  creates: 'Creates',
  undo: 'Undoes',
};

/** What the language knows of it, as sentences. */
function traitsOf(spec: ActionSpec): string[] {
  const { effect, undo, phases, portion } = spec;
  return [
    `${effects[effect]}.`,
    ...(undo === undefined ? [] : [`Undo: ${undo}.`]),
    ...(spec.irreversible ? ["Can't be undone: what it does has to be dealt with in failback, or kept."] : []),
    ...(spec.promotes === undefined ? [] : ['A pivot, unless the drill made that replica.']),
    ...(spec.fault ? ['A fault: the outage begins with it.'] : []),
    ...(spec.asks ? ['Waits for people.'] : []),
    ...(spec.simulatesProvider ? ['Does what the provider would do by itself; the run says so.'] : []),
    spec.needsFor ? 'The step says `for`.' : `Default \`timeout\`: ${durationOf(spec.timeoutMs)}.`,
    ...(phases === undefined ? [] : [`Only in ${codes(phases, 'or')}.`]),
    ...(portion === undefined ? [] : [portionOf(portion)]),
  ];
}

const portionOf = (portion: Portion | Readonly<Record<string, Portion>>): string => {
  if (typeof portion === 'string') return `Of a restore's time it is *${portion}*.`;
  const parts = Object.keys(portion);
  const kinds = [...new Set(Object.values(portion))].map((kind) => {
    const own = parts.filter((part) => portion[part] === kind);
    return `${codes(own)} ${own.length === 1 ? 'is' : 'are'} *${kind}*`;
  });
  return `Of a restore's time ${kinds.join(', ')}.`;
};

/** As drills write durations. */
function durationOf(ms: number): string {
  const units: readonly (readonly [string, number])[] = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000]]; // prettier-ignore
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? ['s', 1_000];
  return code(`${ms / size}${unit}`);
}

function fieldsOf(title: string, params: Params): string[] {
  const rules = rulesOf(params).map((rule) => `- ${rule}`);
  return [listed(title, membersOf(schemaOf(params), 0)), listed('Refused with', rules)];
}

const schemaOf = (params: z.ZodType): JsonSchema =>
  z.toJSONSchema(params, { io: 'input', target: 'draft-7', unrepresentable: 'any' });

/**
 * Rules between parameters, and of the names in a map, are refinements, of which the JSON Schema knows nothing: each has a
 * message for what breaks it.
 */
function rulesOf(params: Params): string[] {
  const names = Object.values(params.shape as Shape).flatMap((field) => namesIn(field) ?? []);
  return [params as z.ZodType, ...names].flatMap(refinementsOf);
}

/** How the names in a map are written, where the field is one. */
function namesIn(field: z.ZodType): z.ZodType | undefined {
  const { innerType, keyType } = field.def as { innerType?: z.ZodType; keyType?: z.ZodType };
  return innerType ? namesIn(innerType) : keyType;
}

function refinementsOf({ def }: z.ZodType): string[] {
  return (def.checks ?? []).flatMap(({ _zod }) => {
    if (_zod.def.check !== 'custom') return [];
    const said = _zod.def.error?.({ code: 'custom', input: undefined } as never);
    const rule = typeof said === 'string' ? said : said?.message;
    return rule === undefined ? [] : [rule];
  });
}

function membersOf({ properties = {}, required = [] }: JsonSchema, depth: number): string[] {
  return Object.entries(properties as Record<string, JsonSchema>).flatMap(([name, node]) => {
    const isNeeded = (required as readonly string[]).includes(name);
    const { words, members } = typeOf(node);
    const type = [words, isNeeded ? '' : 'optional'].filter(Boolean).join(', ');
    const line = item(name, type, node['description'] as string | undefined);
    return [`${'  '.repeat(depth)}${line}`, ...(members ? membersOf(members, depth + 1) : [])];
  });
}

interface Type {
  words: string;
  /** Of a map with known keys, or of lists and maps of those. */
  members?: JsonSchema;
}

function typeOf(node: JsonSchema): Type {
  const { kind, anyOf, type, items, additionalProperties: values } = node;
  if (kind !== undefined) return { words: fieldWords(node) };
  if (anyOf !== undefined) {
    return { words: (anyOf as readonly JsonSchema[]).map((each) => typeOf(each).words).join(', or ') };
  }
  if (type === 'array') {
    const each = typeOf(items as JsonSchema);
    return { words: each.members ? 'list of maps' : `list of ${each.words}`, members: each.members };
  }
  if (type === 'object' && node['properties'] !== undefined) return { words: 'map', members: node };
  if (type === 'object') {
    const each = typeOf(values as JsonSchema);
    return { words: each.members ? 'map of maps by name' : `map of ${each.words} by name`, members: each.members };
  }
  // What is read by itself, with the catalogue, has no type of its own here.
  return { words: type === undefined ? '' : 'text' };
}

function fieldWords({ kind, enum: choices, targetTypes, pattern }: JsonSchema): string {
  switch (kind) {
    case 'choice':
      return codes(choices as readonly string[], 'or');
    case 'flag':
      return codes(['true', 'false'], 'or');
    case 'count':
      return 'whole number';
    case 'percent':
      return 'percentage';
    case 'target':
      return `target ${codes(targetTypes as readonly string[], 'or')}`;
    case 'secret':
      return String(pattern).includes('ssm') ? 'secret, also of `secretsmanager:` or `ssm:`' : 'secret';
    default:
      return String(kind);
  }
}
