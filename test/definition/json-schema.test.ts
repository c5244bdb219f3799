import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { catalogue as shipped } from '../../src/app/catalogue.ts';
import { jsonSchema } from '../../src/definition/json-schema.ts';
import { catalogue } from './catalogue.ts';
import { bases, edited, sample } from './samples.ts';

/** What an editor does: YAML with its usual types, judged by the schema alone. */
const accepts = (text: string): boolean => editor.safeParse(parse(text)).success;
const editor = z.fromJSONSchema(jsonSchema(catalogue));

describe('the JSON Schema', () => {
  it('is shipped as the file that drills name (npx vitest run test/definition -u writes it anew)', async () => {
    const text = `${JSON.stringify(jsonSchema(shipped), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../schema/firedrill-v1.schema.json');
  });

  it.each(bases)('accepts a good definition: %s', (base) => {
    expect(accepts(sample(base))).toBe(true);
  });

  it('accepts an estate', () => {
    expect(accepts('apiVersion: firedrill/v1\nkind: Estate\nparameters: { a: meaning }\n')).toBe(true);
    expect(accepts('apiVersion: firedrill/v1\nkind: Estate\nrecover: []\n')).toBe(false);
  });

  it.each([
    ['an unknown key', 'objectives:', 'objektives:'],
    ['an unknown action', 'uses: rds/promote-replica', 'uses: rds/promote-replca'],
    ['an unknown parameter', 'max: 30s', 'maximum: 30s'],
    ['a duration without a unit', 'timeout: 10m', 'timeout: 10'],
    ['a parameter that is missing', ', max: 30s', ''],
    ['a choice that is not offered', 'mode: read-only', 'mode: none'],
    ['an unknown type of target', 'type: rds/instance', 'type: rds/instanz'],
  ])('refuses %s', (_, from, to) => {
    expect(accepts(edited('failover', [[from, to]]))).toBe(false);
  });

  it('takes an expression where the format takes one, in the place of a typed value', () => {
    expect(accepts(edited('az-kill', [['rate: $(peak)', 'rate: 400']]))).toBe(false);
    expect(accepts(edited('az-kill', [['maxP99: 500ms', 'maxP99: $(app)']]))).toBe(true);
  });

  it('takes a fact of a target or an output of a step where text has a form, and no text of another form', () => {
    const drill = readFileSync('drills/restore-rds-snapshot.yaml', 'utf8');
    const written = 'id: $(app)-restore }';
    expect(drill).toContain(written);
    const schema = z.fromJSONSchema(jsonSchema(shipped));
    const takes = (id: string): boolean => schema.safeParse(parse(drill.replace(written, `id: ${id} }`))).success;
    const good = ['sg-0a1b2c3d', 'no way out', '$(targets.live.group)', '$(group)', '$(app)-restore'];
    expect([...good, 'sg-closed_door'].filter(takes)).toEqual(good);
  });

  it('describes every action, probe and target with its parameters', () => {
    const text = JSON.stringify(jsonSchema(shipped));
    for (const { name, describes } of [...shipped.actions.values(), ...shipped.probes.values()]) {
      expect(text).toContain(JSON.stringify(name));
      expect(text).toContain(JSON.stringify(describes));
    }
    for (const type of shipped.targets.keys()) expect(text).toContain(JSON.stringify(type));
  });

  it('is named in the first line of every shipped drill', () => {
    for (const base of ['failover', 'switchover', 'throwaway'] as const) {
      const [, path] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(sample(base))!;
      expect(JSON.parse(readFileSync(`drills/${path}`, 'utf8'))).toMatchObject({ title: 'firedrill/v1' });
    }
  });
});
