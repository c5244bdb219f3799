/** Good definitions to start from, and changing them. */
import { readFileSync } from 'node:fs';
import { readDefinition } from '../../src/definition/definition.ts';
import type { DefinitionInput, DefinitionResult } from '../../src/definition/definition.ts';
import { catalogue } from './catalogue.ts';
import type { Base } from './malformed/mistake.ts';

const files: Readonly<Record<Base, string>> = {
  failover: 'drills/regional-failover.yaml',
  switchover: 'drills/regional-switchover.yaml',
  throwaway: 'drills/promote-throwaway-replica.yaml',
  'az-kill': 'test/definition/samples/az-kill.yaml',
  restore: 'test/definition/samples/restore.yaml',
};

export const bases = Object.keys(files) as Base[];

export const sample = (base: Base): string => readFileSync(files[base], 'utf8');

/** A sample with replacements of the first occurrence of each text. Throws when there is none: the sample has changed. */
export function edited(base: Base, edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${files[base]} has no ${JSON.stringify(from)}`);
    return text.replace(from, () => to);
  }, sample(base));
}

/** `line:column` of the first occurrence; of the end for an empty part. */
export function lineAndColumn(text: string, part: string): string {
  const offset = part === '' ? text.length : text.indexOf(part);
  if (offset === -1) throw new Error(`the text has no ${JSON.stringify(part)}`);
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

export const validate = (text: string, more: Partial<DefinitionInput> = {}): DefinitionResult =>
  readDefinition({ file: 'drill.yaml', text, catalogue, purpose: 'validate', ...more });
