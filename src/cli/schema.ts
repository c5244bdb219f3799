/** `firedrill schema`: the JSON Schema of drill definitions, for editors. */
import type { Register } from './frame.ts';

export const register: Register = (program, frame) => {
  program
    .command('schema')
    .description('Print the JSON Schema of drill definitions (also shipped as schema/firedrill-v1.schema.json).')
    .addHelpText(
      'after',
      '\nExample:\n  firedrill schema > firedrill-v1.schema.json\n\n' +
        'Editors with a YAML language server use it when a drill begins with\n' +
        '  # yaml-language-server: $schema=../schema/firedrill-v1.schema.json',
    )
    // One JSON document is all that it prints; the option is there because every command has it.
    .option('--json', 'the same: the schema is JSON')
    .action(async () => {
      const { jsonSchema } = await import('../definition/json-schema.ts');
      frame.out(JSON.stringify(jsonSchema(await frame.catalogue()), null, 2));
    });
};
