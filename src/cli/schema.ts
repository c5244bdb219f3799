/** `firedrill schema`: the JSON Schema of drill definitions, for editors; or what one name of it means, for people. */
import type { Catalogue } from '../domain/catalogue.ts';
import { UsageError } from '../domain/errors.ts';
import type { JsonSchema } from '../definition/json-schema.ts';
import type { Register } from './frame.ts';

export const register: Register = (program, frame) => {
  program
    .command('schema')
    .description('Print the JSON Schema of drill definitions (also shipped as schema/firedrill-v1.schema.json).')
    .argument('[name]', 'print what this action, probe or type of target does and takes instead')
    .addHelpText(
      'after',
      '\nExamples:\n  firedrill schema > firedrill-v1.schema.json\n  firedrill schema ec2/launch-instance\n\n' +
        'Editors with a YAML language server use it when a drill begins with\n' +
        '  # yaml-language-server: $schema=../schema/firedrill-v1.schema.json\n' +
        'docs/reference holds what it prints for names.\n' +
        'Exit codes: 0 printed, 2 there is no such name.',
    )
    .option('--json', 'print JSON for a name, too: its part of the schema')
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      const catalogue = await frame.catalogue();
      if (name === undefined) return frame.out(JSON.stringify(await schemaOf(catalogue), null, 2));
      const { referenceEntries } = await import('../definition/reference.ts');
      const entries = referenceEntries(catalogue);
      const entry = entries.get(name);
      if (entry === undefined) throw await unknown(name, [...entries.keys()]);
      frame.out(json ? JSON.stringify(partOf(await schemaOf(catalogue), name), null, 2) : entry);
    });
};

const schemaOf = async (catalogue: Catalogue): Promise<JsonSchema> =>
  (await import('../definition/json-schema.ts')).jsonSchema(catalogue);

/** Of the schema what describes the one step, probe or target of this name. */
function partOf(schema: JsonSchema, name: string): JsonSchema {
  const { step, probe, target } = schema['definitions'] as Record<string, JsonSchema>;
  const parts = [step, probe, target].flatMap((definition) => definition!['anyOf'] as JsonSchema[]);
  return parts.find(({ properties }) => {
    const { uses, type } = properties as Record<string, JsonSchema>;
    return uses?.['const'] === name || type?.['const'] === name;
  })!;
}

async function unknown(name: string, known: readonly string[]): Promise<UsageError> {
  const { suggest } = await import('../definition/suggest.ts');
  const meant = suggest(name, known);
  return new UsageError('unknown-name', `there is no action, probe or type of target ${name}`, {
    expected: meant ?? known.toSorted().join(', '),
    found: name,
    remedy: meant === undefined ? 'Name one of these.' : `Did you mean ${meant}?`,
  });
}
