/**
 * One instance of the lab: a process that runs the image's program at its own address behind the network, and the user's script
 * at first boot. What the script sends out can't be confined without privileges: only its user and directory are.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeServerDir } from '../../postgres/cluster.ts';
import type { InstanceSpec } from './machines.ts';
import type { Network } from './network.ts';
import { processEntry } from './process-table.ts';
import { Proxy, type Endpoint } from './proxy.ts';
import type { Reaping } from './reaping.ts';

/** What instances are made from. */
export interface InstanceHost {
  /** Holds the instances' own directories. */
  directory: string;
  /** Compiled programs, one `<program>.js` each. */
  programs: string;
  reaping: Reaping;
  hiddenEndpoint: () => Endpoint;
  /** The user that instances run as, when the lab runs as root. */
  spawnAs?: { uid: number; gid: number };
  /** DNS server of the instances, `host:port`. */
  resolver: string;
}

/** Memory counts, because a dozen run at once; the little work they do needs no optimising compiler. */
const frugal = ['--max-old-space-size=64', '--max-semi-space-size=1', '--no-opt', '--single-threaded-gc'];

export class Instance {
  private readonly proxy: Proxy;
  private readonly child: ChildProcess;
  private readonly script: ChildProcess | undefined;

  private constructor(proxy: Proxy, child: ChildProcess, script: ChildProcess | undefined) {
    this.proxy = proxy;
    this.child = child;
    this.script = script;
    child.once('exit', () => proxy.dead());
  }

  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** Resolves when the program listens. @throws Error when it ends before */
  static async start(host: InstanceHost, network: Network, spec: InstanceSpec): Promise<Instance> {
    const directory = join(host.directory, spec.id);
    await makeServerDir(directory, host);
    const hidden = host.hiddenEndpoint();
    const env = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: directory,
      ...spec.env,
      LISTEN_HOST: hidden.host,
      LISTEN_PORT: String(hidden.port),
      ADDRESS: spec.address,
      RESOLVER: host.resolver,
    };
    const script = spec.userData === undefined ? undefined : await runScript(host, directory, spec.userData, env);
    const child = spawn(process.execPath, [...frugal, join(host.programs, `${spec.program}.js`)], {
      // The program gives up root itself, because the user may not be able to read it.
      env: host.spawnAs ? { ...env, RUN_AS: `${host.spawnAs.uid}:${host.spawnAs.gid}` } : env,
      cwd: directory,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    record(host.reaping, child);
    const proxy = new Proxy({
      listen: { host: spec.address, port: spec.port },
      gate: network.gateTo(spec.address),
      silent: () => network.silences(spec.address),
    });
    const instance = new Instance(proxy, child, script);
    try {
      await listening(child, spec);
      await proxy.open(hidden);
      return instance;
    } catch (error) {
      await instance.remove();
      throw error;
    }
  }

  /** Dies at once, its script too. From then on its address refuses connections. */
  async kill(): Promise<void> {
    for (const child of [this.child, this.script]) if (child !== undefined) await end(child);
  }

  /** Dies, and leaves its address. */
  async remove(): Promise<void> {
    await this.kill();
    await this.proxy.close();
  }
}

/** At first boot only. */
async function runScript(
  host: InstanceHost,
  directory: string,
  userData: string,
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess | undefined> {
  const path = join(directory, 'user-data');
  try {
    await writeFile(path, userData, { mode: 0o755, flag: 'wx' });
  } catch (error) {
    // It lies there since the first boot.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const command = userData.startsWith('#!') ? [path] : ['/bin/sh', path];
  const [program = '', ...args] = command;
  const script = spawn(program, args, { ...host.spawnAs, env, cwd: directory, detached: true, stdio: 'ignore' });
  record(host.reaping, script);
  return script;
}

/** @throws Error with what the program said, when it ends before it listens */
async function listening(child: ChildProcess, { id, program }: InstanceSpec): Promise<void> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-2_000)));
  const up = once(child, 'message').then(() => true);
  const ended = once(child, 'close').then(() => false);
  if (await Promise.race([up, ended])) return;
  throw new Error(`the program ${program} of instance ${id} ended at once: ${complaint.trim()}`);
}

function record(reaping: Reaping, child: ChildProcess): void {
  // What fails to start has no pid; whoever waits for it learns why.
  child.on('error', () => undefined);
  if (child.pid !== undefined) reaping.record(child.pid);
}

/** Ends a process and its group. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const running = child.exitCode === null && child.signalCode === null;
  // The pid was given to someone else: nothing of the group is left.
  if (!running && processEntry(child.pid) !== undefined) return;
  const gone = running ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // The whole group has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await gone;
}
