import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serveCommands } from '../../../src/lab/programs/commands.ts';

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 60_000 });
let home: string;
let served: { close(): void };
let release: (() => void) | undefined;
const run = (command: string) =>
  promisify(execFile)('/bin/sh', ['-c', command], { env: { PATH: `${home}/bin:/usr/bin:/bin` } });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'firedrill-commands-'));
  served = await serveCommands(home, {
    async repeat(args, say) {
      for (const each of args) say(`<${each}>`);
    },
    async fail(_args, say) {
      say('before it went wrong');
      throw new Error('the disk is full');
    },
    wait: () => new Promise((resolve) => (release = resolve)),
  });
});
afterAll(async () => {
  served.close();
  await rm(home, { recursive: true });
});

describe('commands of an image', () => {
  it('take their arguments as they are, say what they say, and succeed', async () => {
    const { stdout } = await run(`repeat one 'two words' '*' '' 'exit 7' '$HOME "quoted"' 'https://x/?a=1&b=%2F'`);
    const expected = ['one', 'two words', '*', '', 'exit 7', '$HOME "quoted"', 'https://x/?a=1&b=%2F'];
    expect(stdout.trimEnd().split('\n')).toEqual(expected.map((each) => `<${each}>`));
  });

  it('fail with what went wrong, and stop a script that heeds failures', async () => {
    const failure = run('set -e; fail; echo never');
    await expect(failure).rejects.toMatchObject({
      code: 1,
      stdout: 'before it went wrong\nfail: the disk is full\n',
    });
  });

  it('run side by side, each with its own answer', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => run(`repeat ${n}`)));
    expect(answers.map(({ stdout }) => stdout)).toEqual(answers.map((_, n) => `<${n}>\n`));
  });

  it('survive a caller that is gone before it was heard', async () => {
    await writeFile(join(home, '.calls/gone.request'), 'repeat\nnobody\n');
    await eventually(async () => expect(await readdir(join(home, '.calls'))).toEqual([]));
    expect((await run('repeat somebody')).stdout).toBe('<somebody>\n');
  });

  it('do not mind that they are gone with their instance', async () => {
    const gone = await mkdtemp(join(tmpdir(), 'firedrill-commands-'));
    const late = await serveCommands(gone, {});
    await rm(gone, { recursive: true });
    // Before this answer is there, it was looked for calls in what is gone.
    expect((await run('repeat somebody')).stdout).toBe('<somebody>\n');
    late.close();
  });

  it('leave nothing behind, nor do those whose caller was killed', async () => {
    const caller = spawn(join(home, 'bin/wait'), { env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    await eventually(() => expect(release).toBeDefined());
    const gone = once(caller, 'exit');
    // Again and again: a shell that is told in the moment in which it begins to wait goes on waiting.
    const telling = setInterval(() => caller.kill('SIGTERM'), 500);
    caller.kill('SIGTERM');
    await gone;
    clearInterval(telling);
    release?.();
    await run('repeat again');
    await eventually(async () => expect(await readdir(join(home, '.calls'))).toEqual([]));
  });
});
