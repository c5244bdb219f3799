/**
 * One instance of the lab: a process that runs the image's program at its own address behind the network, and the user's script
 * at first boot. What the script sends out can't be confined without privileges: only its user and directory are.
 *
 *   127.N.s.h:8080 --proxy--> program     127.N.s.h:5432 --proxy--> whatever listens on that port, e.g. a server that the script started
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from '../../postgres/binaries.ts';
import { makeServerDir } from '../../postgres/cluster.ts';
import { inhabitantsOf, instanceVariable } from './inhabitants.ts';
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
  /** Postgres as images have it installed, and the user that instances run as, when the lab runs as root. */
  binaries: Binaries;
  /** DNS server of the instances, `host:port`. */
  resolver: string;
}

/** Memory counts, because a dozen run at once; the little work they do needs no optimising compiler. */
const frugal = ['--max-old-space-size=64', '--max-semi-space-size=1', '--no-opt', '--single-threaded-gc'];

/** After this, what doesn't end by itself is killed. */
const graceMs = 2_000;
const goneMs = 60_000;

export class Instance {
  private readonly directory: string;
  private readonly env: NodeJS.ProcessEnv;
  private readonly host: InstanceHost;
  private readonly proxies: readonly Proxy[];
  private readonly child: ChildProcess;
  /** What was started on it besides the program. */
  private readonly others: ChildProcess[] = [];

  private constructor(
    host: InstanceHost,
    directory: string,
    env: NodeJS.ProcessEnv,
    proxies: readonly Proxy[],
    child: ChildProcess,
  ) {
    this.host = host;
    this.directory = directory;
    this.env = env;
    this.proxies = proxies;
    this.child = child;
    child.once('exit', () => this.unreachable());
  }

  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** Resolves when the program listens; the script, at first boot, runs from then on. @throws Error when the program ends before */
  static async start(host: InstanceHost, network: Network, spec: InstanceSpec): Promise<Instance> {
    const directory = join(host.directory, spec.id);
    const { spawnAs } = host.binaries;
    await makeServerDir(directory, host.binaries);
    const { host: hidden } = host.hiddenEndpoint();
    const env = environmentOf(host, spec, directory, hidden);
    const child = spawn(process.execPath, [...frugal, join(host.programs, `${spec.program}.js`)], {
      // The program gives up root itself, because the user may not be able to read it.
      env: spawnAs ? { ...env, RUN_AS: `${spawnAs.uid}:${spawnAs.gid}` } : env,
      cwd: directory,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    record(host.reaping, child);
    const ports = [spec.port, ...(spec.furtherPorts ?? [])];
    const gate = { gate: network.gateTo(spec.address), silent: () => network.silences(spec.address) };
    const proxies = ports.map((port) => new Proxy({ listen: { host: spec.address, port }, ...gate }));
    const instance = new Instance(host, directory, env, proxies, child);
    try {
      await listening(child, spec);
      await Promise.all(proxies.map((proxy, i) => proxy.open({ host: hidden, port: ports[i] ?? 0 })));
      if (spec.userData !== undefined) await instance.runScript(spec.userData);
      return instance;
    } catch (error) {
      await instance.remove();
      throw error;
    }
  }

  /** Has a shell on the instance do something, as the instance's user. @throws Error with what it said, when it fails */
  async run(command: string): Promise<void> {
    const shell = this.spawn(['/bin/sh', '-c', command], 'pipe');
    let said = '';
    for (const stream of [shell.stdout, shell.stderr])
      stream?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
    const [code] = (await once(shell, 'close')) as [number | null];
    if (code !== 0) throw new Error(`"${command}" failed on an instance: ${said.trim()}`);
  }

  /** Dies at once, with everything on it. From then on its address refuses connections. */
  async kill(): Promise<void> {
    this.unreachable();
    for (const child of [this.child, ...this.others]) await end(child);
    await endInhabitants(this.directory);
  }

  /** Dies, and leaves its address. */
  async remove(): Promise<void> {
    await this.kill();
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }

  /** As above, and its disk goes with it. */
  async discard(): Promise<void> {
    await this.remove();
    await rm(this.directory, { recursive: true, force: true });
  }

  private unreachable(): void {
    for (const proxy of this.proxies) proxy.dead();
  }

  /** At first boot only. What it says lies beside it, as cloud-init keeps it. */
  private async runScript(userData: string): Promise<void> {
    const path = join(this.directory, 'user-data');
    try {
      await writeFile(path, userData, { mode: 0o755, flag: 'wx' });
    } catch (error) {
      // It lies there since the first boot.
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw error;
    }
    const output = await open(`${path}.log`, 'a');
    try {
      this.spawn(userData.startsWith('#!') ? [path] : ['/bin/sh', path], output.fd);
    } finally {
      await output.close();
    }
  }

  private spawn([program = '', ...args]: readonly string[], output: number | 'pipe'): ChildProcess {
    const { host, env, directory } = this;
    const options = { ...host.binaries.spawnAs, env, cwd: directory, detached: true };
    const child = spawn(program, args, { ...options, stdio: ['ignore', output, output] });
    record(host.reaping, child);
    this.others.push(child);
    return child;
  }
}

/**
 * What everything on the instance is told. Servers listen on LISTEN_HOST, at the port that the instance is reached at; Postgres's own
 * programs and the image's commands (`bin` in the instance's directory) are on the PATH.
 */
const environmentOf = (
  { binaries, resolver }: InstanceHost,
  spec: InstanceSpec,
  directory: string,
  listenHost: string,
): NodeJS.ProcessEnv => ({
  PATH: [join(directory, 'bin'), binaries.bin, '/usr/local/bin:/usr/bin:/bin'].join(':'),
  HOME: directory,
  // What a script leaves there goes with the instance.
  TMPDIR: directory,
  LC_ALL: 'C',
  TZ: 'UTC',
  ...spec.env,
  LISTEN_HOST: listenHost,
  LISTEN_PORT: String(spec.port),
  ADDRESS: spec.address,
  RESOLVER: resolver,
  POSTGRES_BIN: binaries.bin,
  POSTGRES_MAJOR: binaries.major,
  [instanceVariable]: directory,
});

/** A server is given a moment to end by itself, because it takes along what it has of the kernel; everything else is killed. */
async function endInhabitants(directory: string): Promise<void> {
  const began = performance.now();
  // A process that is just becoming another program shows no environment: once nobody is found, it is looked again.
  for (let foundNobody = 0; foundNobody < 2;) {
    const left = inhabitantsOf(directory);
    foundNobody = left.length === 0 ? foundNobody + 1 : 0;
    const waitedMs = performance.now() - began;
    if (left.length > 0 && waitedMs > goneMs)
      throw new Error(`processes of ${directory} do not end: ${left.map(({ pid }) => pid).join()}`);
    const servers = new Set(left.flatMap(({ pid, endsOn }) => (endsOn === undefined ? [] : [pid])));
    for (const { pid, parent, endsOn = 'SIGKILL' } of left) {
      if (waitedMs > graceMs) signal(pid, 'SIGKILL');
      else if (!servers.has(parent)) signal(pid, endsOn);
    }
    await sleep(5);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended, or its whole group has.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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
  signal(-child.pid, 'SIGKILL');
  await gone;
}
