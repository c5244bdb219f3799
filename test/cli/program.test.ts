/** What every command promises, whatever it does: help with an example, one document for --json, clear refusals. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edited } from '../definition/samples.ts';
import { firedrill } from './support/firedrill.ts';

let directory: string;
let bad: string;
let good: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-cli-'));
  [bad, good] = [join(directory, 'bad.yaml'), join(directory, 'good.yaml')];
  await writeFile(bad, edited('throwaway', [['rto: 3h', 'rto: 3']]));
  await writeFile(good, edited('throwaway', []));
});
afterAll(() => rm(directory, { recursive: true }));

const commands = [
  'rehearse', 'run', 'validate', 'plan', 'runs', 'runs show', 'approve', 'abort', 'resume', 'undo', 'report', 'verify',
  'measure', 'events', 'events tail', 'availability', 'lab', 'lab up', 'lab down', 'lab status', 'lab env', 'schema',
  'iam-policy', 'prober',
]; // prettier-ignore

const withoutAResult = new Set(['events', 'lab', 'prober']);

describe.each(commands)('firedrill %s', (command) => {
  it('explains itself: what it does in a sentence, and an example', async () => {
    const { code, stdout, stderr } = await firedrill([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const [, description] = /^Usage: .*\n\n([\s\S]*?)\n\n/.exec(stdout)!;
    expect(description).toMatch(/^[A-Z][^]*\.$/);
    expect(stdout).toMatch(/\nExamples?:\n {2}\S/);
    expect(stdout).toContain(`firedrill ${command}`);
  });

  it('says what is wrong with its arguments, as the one document where JSON was asked for', async () => {
    const { code, stdout, stderr } = await firedrill([...command.split(' '), '--nonsense', '--json']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--nonsense'");
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'bad-arguments', message: expect.stringContaining('--nonsense'), remedy: expect.any(String) },
    });
  });
});

describe.each(commands.filter((command) => !withoutAResult.has(command)))('firedrill %s', (command) => {
  it('has --json, and says with what it exits', async () => {
    const { stdout } = await firedrill([...command.split(' '), '--help']);
    expect(stdout).toContain('--json');
    expect(stdout).toMatch(/^Exit codes: 0 |^Exit codes: those of run/m);
  });
});

it('firedrill --help tells the exit codes and the environment, and fits a terminal of 80 columns', async () => {
  const { stdout } = await firedrill(['--help']);
  expect(stdout).toMatch(/^Exit codes: 0 [\s\S]*5 the undo is incomplete/m);
  for (const name of ['HOME', 'DATABASE_URL', 'EVENTS_QUEUE_URL', 'RESOLVER', 'LOG_LEVEL']) {
    expect(stdout).toContain(`FIREDRILL_${name} `);
  }
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it.each(commands)(
  'the help of firedrill %s fits a terminal of 80 columns, but for commands to copy',
  async (command) => {
    const { stdout } = await firedrill([...command.split(' '), '--help']);
    const prose = stdout.split('\n').filter((line) => !/^ {2}(firedrill|AWS_|FIREDRILL_)/.test(line));
    expect(prose.filter((line) => line.length > 80)).toEqual([]);
  },
);

it.each(['rehearse', 'run', 'plan'])(
  'firedrill %s of a file that is not there names the drill that was meant',
  async (command) => {
    const { code, stderr } = await firedrill([command, 'regional-failover']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('Did you mean drills/regional-failover.yaml?'),
    });
    expect((await firedrill([command, 'nonsense/x.yaml'])).stderr).toContain('come with firedrill lie in drills.');
  },
);

describe('the command line', () => {
  it('lists all commands that people use', async () => {
    const { stdout } = await firedrill(['--help']);
    for (const command of commands) {
      const [first] = command.split(' ');
      if (first !== 'prober') expect(stdout).toMatch(new RegExp(`^ {2}${first} `, 'm'));
    }
    expect(stdout).not.toContain('prober');
  });

  it('says its version', async () => {
    expect(await firedrill(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it('shows help and fails when it is told nothing, or something unknown', async () => {
    expect(await firedrill([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage:') });
    expect(await firedrill(['fail-over'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown command 'fail-over'"),
    });
    expect(await firedrill(['lab'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage: firedrill lab'),
    });
  });

  it.each([
    [['nonsense', '--help'], "unknown command 'nonsense'\nsee firedrill --help"],
    [['nonsense', '-h'], "unknown command 'nonsense'"],
    [['help', 'nonsense'], "unknown command 'nonsense'"],
    [['rehease', 'x.yaml', '--help'], 'Did you mean rehearse?'],
    [['lab', 'dwon', '--help'], 'Did you mean down?'],
    [['lab', 'help', 'dwon'], 'Did you mean down?'],
    [['events', 'tial', '--help'], 'Did you mean tail?'],
  ])('has no help for %j, of which there is none', async (args, said) => {
    const { code, stdout, stderr } = await firedrill(args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
    expect(stderr).not.toContain('Usage:');
    const asJson = await firedrill([...args, '--json']);
    expect(asJson.code).toBe(2);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { code: 'bad-arguments' } });
  });

  it.each([
    [['help'], 'Usage: firedrill [options] [command]'],
    [['help', 'run'], 'Usage: firedrill run '],
    [['help', 'lab'], 'Usage: firedrill lab '],
    [['lab', 'help', 'up'], 'Usage: firedrill lab up '],
    [['lab', '--help'], 'Usage: firedrill lab '],
  ])('shows help for %j', async (args, usage) => {
    const { code, stdout } = await firedrill(args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(usage) });
  });

  it.each([
    [['runs', '--limit', 'x'], '--limit'],
    [['runs', '--limit', '0'], '--limit'],
    [['runs', '--limit', '1.5'], '--limit'],
    [['report', '--format', 'word'], '--format'],
    [['report', '--format', 'csv', '--json'], '--json'],
    [['report', '--last', '-1'], '--last'],
    [['rehearse', 'x.yaml', '--profile', 'slow'], '--profile'],
    [['lab', 'up', '--estate', 'moon'], '--estate'],
    [['validate'], 'file'],
    [['approve'], 'run'],
    [['plan'], 'see firedrill plan --help'],
    [['lab', 'up', '--nonsense'], 'see firedrill lab up --help'],
    [['plan', 'drills/regional-failover.yaml', '--values', ''], '--values'],
    [['plan', 'drills/regional-failover.yaml', '--values', 'lab,'], '--values'],
    [['validate', 'drills/regional-failover.yaml', '--values', ','], '--values'],
  ])('refuses %j', async (args, named) => {
    const { code, stdout, stderr } = await firedrill(args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(named) });
    if (!args.includes('--json')) expect(stdout).toBe('');
  });
});

describe('a definition that can not be used', () => {
  it.each(['plan', 'run', 'rehearse'])('ends %s with 2, every problem shown where it stands', async (command) => {
    const { code, stdout, stderr } = await firedrill([command, bad]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/bad\.yaml:\d+:\d+ {2}\S+ {2}.*\n.*rto: 3/);
    expect(stderr).toContain('nothing was touched');
  });

  it('is told to choose value sets where that is all it lacks, and not to validate again', async () => {
    for (const args of [
      ['plan', good],
      ['run', good],
      ['plan', good, '--values', 'prdo'],
    ]) {
      const { code, stderr } = await firedrill(args);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('there is lab, prod') });
      expect(stderr).toContain('Choose other value sets with --values');
      expect(stderr).not.toContain('firedrill validate');
    }
  });

  it('is one JSON document with all diagnostics where that was asked for', async () => {
    const { code, stdout } = await firedrill(['plan', bad, '--json']);
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { code: string; diagnostics: object[] } };
    expect(error.code).toBe('definition-unusable');
    expect(error.diagnostics[0]).toMatchObject({ file: bad, line: expect.any(Number), code: expect.any(String) });
  });

  it('is one that is not there, too', async () => {
    expect(await firedrill(['run', join(directory, 'none.yaml'), '--json'])).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('definition-unreadable'),
    });
    const { stdout } = await firedrill(['validate', join(directory, 'none.yaml'), good, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      files: [{ valid: false, problem: { code: 'definition-unreadable' } }, { valid: true }],
    });
  });
});

describe('a result that can not be written', () => {
  it.each([
    [['validate', 'drills/regional-failover.yaml']],
    [['schema']],
    [['--help']],
    [['validate', 'drills/regional-failover.yaml', '--json']],
  ])('is a sentence on stderr and a failure, of %j', async (args) => {
    expect(await firedrill(args, { into: createWriteStream('/dev/full') })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: the result could not be written to stdout: ENOSPC: no space left .*\n$/),
    });
  });

  it('hides nothing worse', async () => {
    const { code, stderr } = await firedrill(['plan', bad, '--json'], { into: createWriteStream('/dev/full') });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('nothing was touched') });
    expect(stderr).toContain('ENOSPC');
  });
});

describe('colours', () => {
  it('are for terminals, and for those that did not say no', async () => {
    const coloured = async (env: NodeJS.ProcessEnv, ...more: string[]): Promise<boolean> => {
      const { stdout } = await firedrill(['validate', bad, ...more], { env, tty: true });
      return stdout.includes('\u001b[');
    };
    expect(await coloured({})).toBe(true);
    expect(await coloured({ NO_COLOR: '1' })).toBe(false);
    expect(await coloured({ NO_COLOR: '' })).toBe(true);
    expect(await coloured({ TERM: 'dumb' })).toBe(false);
    expect(await coloured({}, '--no-color')).toBe(false);
    expect((await firedrill(['validate', bad])).stdout).not.toContain('\u001b');
  });
});
