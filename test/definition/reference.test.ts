import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogue } from '../../src/app/catalogue.ts';
import { referenceEntries, referencePages } from '../../src/definition/reference.ts';

const pages = referencePages(catalogue);
const entries = referenceEntries(catalogue);
const all = [...catalogue.actions.values(), ...catalogue.probes.values(), ...catalogue.targets.values()];
const folder = 'docs/reference';

describe('the reference', () => {
  it.each(Object.entries(pages))(
    'is shipped as docs/reference/%s (npx vitest run test/definition/reference.test.ts -u writes it anew)',
    async (file, text) => {
      await expect(text).toMatchFileSnapshot(`../../${folder}/${file}`);
    },
  );

  it('has no pages that nothing writes', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(pages).sort());
  });

  it.each(all.map((spec) => ['type' in spec ? spec.type : spec.name, spec] as const))(
    'describes every parameter of %s, and what they have to do with each other',
    (name, { params }) => {
      const { properties = {} } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
      for (const [parameter, node] of Object.entries(properties)) {
        const { description } = node as { description?: string };
        expect(description, `${parameter} of ${name}`).toMatch(/\w+ \w+|^\w{2,}$/);
        expect(entries.get(name)).toContain(`- \`${parameter}\` (`);
        expect(entries.get(name)).toContain(description);
      }
    },
  );

  it('describes every key of a drill file, also in the depth', () => {
    const lines = pages['drill.md']!.split('\n').filter((line) => /^ *- /.test(line));
    expect(lines.length).toBeGreaterThan(60);
    for (const line of lines) expect(line).toMatch(/^ *- `\w+`( \([^)]+\))?: \w+/);
  });

  it('tells rules between parameters, members of maps, choices and types of targets', () => {
    const backup = entries.get('s3/find-backup');
    expect(backup).toMatch(/^Refused with:\n(\n- .*)*\n- tier needs retrieve: true$/m);
    expect(backup).toContain('- `tier` (`expedited`, `standard` or `bulk`, optional): ');
    expect(backup).toContain('- `manifest` (target `s3/object`): ');
    const verify = entries.get('postgres/verify');
    expect(verify).toContain('- `database` (target `sql/database` or `rds/instance`): ');
    expect(verify).toContain('- `password` (secret, also of `secretsmanager:` or `ssm:`, optional): ');
    expect(verify).toContain('\n  - `minRows` (whole number, optional): ');
    expect(entries.get('rds/instance')).toContain('- `login` (secret, optional): ');
  });

  it('says of every action that alters something how that is taken back, or that it is not', () => {
    const { actions } = catalogue;
    const altering = [...actions.values()].filter(({ effect }) => effect === 'changes' || effect === 'creates');
    expect(altering.length).toBeGreaterThan(10);
    for (const { name, undo, irreversible } of altering) {
      expect(undo !== undefined, name).toBe(irreversible !== true);
      expect(entries.get(name)).toContain(irreversible ? "Can't be undone" : `Undo: ${undo}.`);
    }
  });
});

describe('the permissions in the reference', () => {
  const root = resolve('src/actions');

  /** A module of the actions and those of them that it imports, directly or over others. */
  function modulesOf(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found;
    found.add(file);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type)[^;]*? from '(\.[^']+)'/gm,
    )) {
      const imported = resolve(dirname(file), path!);
      if (imported.startsWith(root)) modulesOf(imported, found);
    }
    return found;
  }

  // A condition key looks the same, but is followed by its value.
  const asked =
    /'((?:autoscaling|cloudwatch|ec2|elasticloadbalancing|iam|kms|rds|route53|s3|secretsmanager|ssm|sts):[A-Z]\w+)'(?!:)/g;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file));
  const fileOf = (name: string): string => {
    const [file, ...others] = files.filter((each) => {
      return each.endsWith('.ts') && readFileSync(each, 'utf8').includes(`\n  name: '${name}',\n`);
    });
    expect(others).toEqual([]);
    return file!;
  };

  /** Previews ask for them one by one, depending on parameters; in the spec stands all that they may ask for. */
  it.each([...catalogue.actions.values()].map((spec) => [spec.name, spec] as const))(
    'are all that the modules of %s ask for in a plan',
    (name, { permissions = [] }) => {
      const texts = [...modulesOf(fileOf(name))].map((file) =>
        readFileSync(file, 'utf8').replace(/^ {2}permissions: \[[^\]]*\],$/m, ''),
      );
      const wanted = texts.flatMap((text) => [...text.matchAll(asked)].map(([, action]) => action!));
      expect(permissions).toEqual([...new Set(wanted)].sort());
    },
  );
});
