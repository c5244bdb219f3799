import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/app/catalogue.ts';
import type { Frame } from '../../src/cli/frame.ts';
import { register as registerSchema } from '../../src/cli/schema.ts';
import { register as registerValidate } from '../../src/cli/validate.ts';
import { edited } from '../definition/samples.ts';

let directory: string;
let bad: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-validate-'));
  bad = join(directory, 'bad.yaml');
  await writeFile(bad, edited('throwaway', [['rto: 3h', 'rto: 3']]));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs one command line in this process. */
async function run(...args: string[]): Promise<{ out: string; err: string; exitCode: number }> {
  const result = { out: '', err: '', exitCode: 0 };
  const frame: Frame = {
    out: (text) => void (result.out += `${text}\n`),
    leave(why) {
      throw why;
    },
    written: () => Promise.resolve(true),
    err: (text) => void (result.err += `${text}\n`),
    setExit: (code) => void (result.exitCode = Math.max(result.exitCode, code)),
    env: {},
    live: false,
    color: false,
    columns: 100,
    catalogue: async () => catalogue,
  };
  const program = new Command('firedrill').exitOverride();
  for (const register of [registerValidate, registerSchema]) register(program, frame);
  await program.parseAsync(args, { from: 'user' });
  return result;
}

const good = 'drills/regional-failover.yaml';

describe('firedrill validate', () => {
  it('says that good definitions are good, and exits with 0', async () => {
    const { out, exitCode } = await run('validate', good, 'drills/regional-switchover.yaml');
    expect(out).toBe(`${good}: good\ndrills/regional-switchover.yaml: good\n`);
    expect(exitCode).toBe(0);
  });

  it('shows every mistake with its line and a caret, and exits with 2', async () => {
    const { out, exitCode } = await run('validate', good, bad);
    expect(out).toContain(`${bad}:26:20  needs-unit  'rto': '3' needs a unit`);
    expect(out).toMatch(/ 26 \| objectives: \{ rto: 3 \}\n\s+\|\s+\^\n/);
    expect(out).toContain(`${good}: good\n${bad}: 1 error\n`);
    expect(exitCode).toBe(2);
  });

  it('does not fail for a warning', async () => {
    const coarse = join(directory, 'coarse.yaml');
    await writeFile(coarse, edited('failover', [['/1 }, every: 200ms', '/1 }, every: 5m']]));
    const { out, exitCode } = await run('validate', coarse);
    expect(out).toContain('coarse-probe (warning)');
    expect(out).toContain(`${coarse}: good, 1 warning`);
    expect(exitCode).toBe(0);
  });

  it('checks the others when a file can not be read', async () => {
    const missing = join(directory, 'missing.yaml');
    const { out, exitCode } = await run('validate', missing, good);
    expect(out).toBe(`can't read ${missing}: no such file. Name a file with a drill definition.\n${good}: good\n`);
    expect(exitCode).toBe(2);
  });

  it('says what to name instead of a directory', async () => {
    const { out, exitCode } = await run('validate', 'drills');
    expect(out).toBe("can't read drills: it is a directory. Name the files in it: drills/*.yaml\n");
    expect(exitCode).toBe(2);
  });

  it('gives one JSON document', async () => {
    const { out, exitCode } = await run('validate', '--json', good, bad);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      files: [
        { file: good, valid: true, diagnostics: [] },
        { file: bad, valid: false, diagnostics: [{ code: 'needs-unit', severity: 'error', line: 26, column: 20 }] },
      ],
    });
    expect(exitCode).toBe(2);
  });

  it('can be told which value sets to check', async () => {
    const broken = join(directory, 'broken-prod.yaml');
    await writeFile(broken, edited('throwaway', [['account: 111122223333', 'account: prod']]));
    expect((await run('validate', '--values', 'lab', broken)).exitCode).toBe(0);
    expect((await run('validate', '--values', 'prod', broken)).exitCode).toBe(2);
    expect((await run('validate', '--values', 'prd', broken)).out).toContain("(did you mean 'prod'?)");
  });
});

describe('firedrill schema', () => {
  it('prints the JSON Schema and nothing else', async () => {
    const { out, exitCode } = await run('schema');
    expect(JSON.parse(out)).toMatchObject({ title: 'firedrill/v1' });
    expect(exitCode).toBe(0);
  });

  it.each(['rds/promote-replica', 'http/get', 'ec2/subnets', 'undo'])(
    'prints what %s means, when it is named',
    async (name) => {
      const { out } = await run('schema', name);
      expect(out).toMatch(new RegExp(`^## ${name}\\n\\n.+\\.\\n`));
      const part = JSON.parse((await run('schema', name, '--json')).out);
      const { properties } = part as { properties: Record<string, { const?: string }> };
      expect([properties['uses']?.const, properties['type']?.const]).toContain(name);
    },
  );

  it('knows which name was meant', async () => {
    await expect(run('schema', 'promote-replica')).rejects.toMatchObject({
      code: 'unknown-name',
      remedy: 'Did you mean rds/promote-replica?',
    });
    await expect(run('schema', 'cassandra')).rejects.toMatchObject({
      expected: expect.stringContaining('approval, autoscaling/await-capacity, '),
    });
  });
});
