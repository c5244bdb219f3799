/**
 * The command as a user has it: the built program, a home of its own, a lab of its own. Whatever a test starts is found again
 * by its home, so that a test can say that nothing was left.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Everything on stderr so far. */
  said(): string;
  /** Resolves when stderr has it. @throws when the command ends without */
  says(pattern: RegExp): Promise<void>;
  ended: Promise<Outcome>;
}

/** A place for firedrill's state and temporary files that is removed in the end. */
export class Home {
  readonly dir: string;
  #env: Readonly<Record<string, string>> = {};
  readonly #children = new Set<ChildProcess>();

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<Home> {
    const home = new Home(await mkdtemp(join(tmpdir(), 'firedrill-e2e-')));
    await mkdir(home.#temporary);
    // As root, Postgres and instances run as somebody else, who must be able to pass.
    await chmod(home.dir, 0o711);
    await chmod(home.#temporary, 0o1777);
    return home;
  }

  get #temporary(): string {
    return join(this.dir, 'tmp');
  }

  /** Environment for all later commands: where AWS is. */
  use(env: Readonly<Record<string, string>>): void {
    this.#env = env;
  }

  /** What a command is told, by name. */
  env(name: string): string | undefined {
    return this.#env[name];
  }

  start(...args: readonly string[]): Running {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.dir,
      TMPDIR: this.#temporary,
      NO_COLOR: '1',
      FIREDRILL_HOME: this.dir,
      ...this.#env,
    };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    let [stdout, stderr, closed] = ['', '', false];
    const heard = new EventTarget();
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      heard.dispatchEvent(new Event('more'));
    });
    const ended = once(child, 'close').then(([code]): Outcome => {
      closed = true;
      this.#children.delete(child);
      heard.dispatchEvent(new Event('more'));
      return { code: code as number | null, stdout, stderr };
    });
    return {
      child,
      said: () => stderr,
      ended,
      async says(pattern) {
        while (!pattern.test(stderr)) {
          if (closed) throw new Error(`the command ended without saying ${pattern}:\n${stderr}\n${stdout}`);
          await once(heard, 'more');
        }
      },
    };
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).ended;
  }

  /** Processes that belong to this home, by command line or environment. */
  async processes(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const [command, environment] = await Promise.all(
          ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
        );
        const own = command!.includes(this.dir) || environment!.includes(this.dir);
        return own ? [`process ${pid} ${command!.replaceAll('\0', ' ').slice(0, 160)}`] : [];
      }),
    );
    return found.flat();
  }

  /** Labs' directories and state, and temporary files; logs stay for people to read. */
  async #files(): Promise<string[]> {
    const [own, temporary] = await Promise.all([readdir(this.dir), readdir(this.#temporary)]);
    return [...own.filter((name) => /^lab(-|\.json)/.test(name)), ...temporary.map((name) => `tmp/${name}`)];
  }

  /**
   * Resolves with the processes and files that are left once nothing is left, or `withinMs` is over: detached ones end by
   * themselves a moment after what they belong to.
   */
  async leftovers(withinMs = 60_000): Promise<string[]> {
    const until = performance.now() + withinMs;
    for (;;) {
      const left = [...(await this.processes()), ...(await this.#files())];
      if (left.length === 0 || performance.now() > until) return left;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends what still runs, and its lab, and removes everything. For the end of a test, also of one that failed. */
  async remove(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.run('lab', 'down');
    await this.leftovers();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Id of the run that a command announced. */
export const runIdIn = (said: string): string => /\b(r\d{8}-\d{6}-[a-z0-9]{4})\b/.exec(said)![1]!;
