/**
 * The lab's control plane as one serialisable value. Services keep their state in slices of `state`, changes that take time
 * are timers in `state`, and ids come from a counter in `state`: `JSON.parse(JSON.stringify(world.state))` opened with
 * `openWorld` is the same world, at any moment. Holds no AWS behaviour: that is in services/, what services share in world/.
 *
 * Conventions
 *   slice      `const rds = defineSlice('rds', () => ({ instances: {} }))`, then `rds(world, call)`: plain JSON, per account and
 *              region (global services use `globally(call)`). Instants are ISO text or milliseconds of `world.nowMs()`.
 *   emulation  `export const rds = (world: World): ServiceEmulation`: gives its operations to the wire and registers its timers.
 *   operation  one file, `export const promoteReadReplica = (world: World): Handler<Input, Output>`. Synchronous: it validates,
 *              changes state and sets timers; it never waits for a machine.
 *   timer      `world.after(ms, 'rds.stage', scope, args)`. Only timers call machines and wait for them. One stays in `state`
 *              until it is through, so a copy that was taken meanwhile does it again.
 */
import type { Clock } from '../domain/clock.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Machines } from './machines/machines.ts';
import type { ProbeHttp } from './world/probe-http.ts';

/** `fast`: AWS's durations / 60, at most 3 s. `realistic`: AWS's durations. Validation is AWS's in both. */
export type Profile = 'fast' | 'realistic';

/** Where a resource lives. Every `Call` is one. */
export interface Scope {
  account: string;
  region: string;
}

/** Scope of the services that have no region: Route 53, IAM, S3's bucket names. */
export const globally = ({ account }: { account: string }): Scope => ({ account, region: 'global' });

export interface Timer {
  id: number;
  /** Milliseconds on the clock of `world.nowMs()`. */
  dueMs: number;
  kind: string;
  scope: Scope;
  args: JsonObject;
  /** Timers of one lane run one after another, others together. */
  lane?: string;
}

export type TimerHandler = (world: World, scope: Scope, args: JsonObject) => void | Promise<void>;

/** A timer's argument that must be text. */
export function textArg(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new TypeError(`timer argument ${name} is no text: ${JSON.stringify(value)}`);
  return value;
}

export interface WorldState {
  version: 1;
  profile: Profile;
  /** All addresses are 127.`network`.subnet.host. */
  network: number;
  /** What ids are derived from, with `issued`. */
  seed: string;
  /** Ids, timers and addresses given out so far. */
  issued: number;
  /** Address at which names of the lab's AWS endpoints (S3 among them) are answered; absent until the endpoint is open. */
  endpointAddress?: string;
  /** Cross-region replication outlives cut subnets. */
  replicationSurvives: boolean;
  timers: Timer[];
  /** `account/region/service` to that service's state. */
  slices: Record<string, unknown>;
}

export interface WorldPorts {
  clock: Clock;
  machines: Machines;
  /** How Route 53's checkers, which stand outside all subnets, reach an address. */
  probeHttp: ProbeHttp;
}

export interface NewWorld {
  profile: Profile;
  network: number;
  /** @default 'lab' */
  seed?: string;
  /** @default false */
  replicationSurvives?: boolean;
}

export const newWorldState = ({
  profile,
  network,
  seed = 'lab',
  replicationSurvives = false,
}: NewWorld): WorldState => ({
  version: 1,
  profile,
  network,
  seed,
  issued: 0,
  replicationSurvives,
  timers: [],
  slices: {},
});

/** A world over `state`, which it changes in place. Its timers run once services have registered them. */
export const openWorld = (state: WorldState, ports: WorldPorts): World => new World(state, ports);

export class World {
  readonly state: WorldState;
  readonly clock: Clock;
  readonly machines: Machines;
  readonly probeHttp: ProbeHttp;
  private readonly kinds = new Map<string, TimerHandler>();
  private readonly running = new Map<number, Promise<void>>();
  private readonly listeners = new Set<() => void>();

  constructor(state: WorldState, ports: WorldPorts) {
    this.state = state;
    this.clock = ports.clock;
    this.machines = ports.machines;
    this.probeHttp = ports.probeHttp;
  }

  /** Milliseconds on the monotonic clock, the time line of timers, in whole microseconds. */
  nowMs(): number {
    return Number(this.clock.monoNs() / 1_000n) / 1_000;
  }

  /** Wall time as the state holds it: ISO 8601, UTC. */
  nowIso(): string {
    return this.clock.wall().toISOString();
  }

  /** How long something that takes `awsMs` on AWS takes here. */
  duration(awsMs: number): number {
    return this.state.profile === 'realistic' ? awsMs : Math.min(awsMs / 60, 3_000);
  }

  /** Next number of the world's only counter. */
  next(): number {
    this.state.issued += 1;
    return this.state.issued;
  }

  /** Says what a kind of timer does. A service does this once, when it is opened. */
  onTimer(kind: string, handler: TimerHandler): void {
    if (this.kinds.has(kind)) throw new Error(`timer kind ${kind} is registered already`);
    this.kinds.set(kind, handler);
  }

  /** Sets a timer `ms` from now; the profile has been applied already (`duration`). */
  after(ms: number, kind: string, scope: Scope, args: JsonObject = {}, lane?: string): void {
    const { account, region } = scope;
    const dueMs = Math.round((this.nowMs() + ms) * 1_000) / 1_000;
    const timer: Timer = { id: this.next(), dueMs, kind, scope: { account, region }, args };
    this.state.timers.push(lane === undefined ? timer : { ...timer, lane });
    for (const listener of this.listeners) listener();
  }

  /** Starts what repeats itself for ever: one timer of the kind, due now, unless the state has one already. */
  ensureTimer(kind: string): void {
    if (this.state.timers.some((timer) => timer.kind === kind)) return;
    this.after(0, kind, { account: 'all', region: 'all' });
  }

  /** When the next timer that isn't running is due, or undefined. */
  nextDueMs(): number | undefined {
    const waiting = this.state.timers.filter((timer) => !this.running.has(timer.id) && !this.laneBusy(timer));
    return waiting.length === 0 ? undefined : Math.min(...waiting.map((timer) => timer.dueMs));
  }

  /** Calls `listener` whenever a timer was set or ended. @returns how to stop that */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Runs everything that is due, in order of due time, and resolves when that and what became due meanwhile is through.
   * @throws AggregateError of what timers threw; the world goes on without them.
   */
  async advance(): Promise<void> {
    const failures: unknown[] = [];
    for (;;) {
      this.startDue((error) => failures.push(error));
      if (this.running.size === 0) break;
      await Promise.race(this.running.values());
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `timers of the lab failed: ${failures.map(String).join('; ')}`);
  }

  /** Starts what is due without waiting for it. */
  startDue(onError: (error: unknown) => void): void {
    for (;;) {
      const now = this.nowMs();
      const due = this.state.timers
        .filter((timer) => timer.dueMs <= now && !this.running.has(timer.id) && !this.laneBusy(timer))
        .sort((a, b) => a.dueMs - b.dueMs || a.id - b.id);
      const [timer] = due;
      if (timer === undefined) return;
      this.start(timer, onError);
    }
  }

  private laneBusy(timer: Timer): boolean {
    if (timer.lane === undefined) return false;
    return this.state.timers.some((other) => other.lane === timer.lane && this.running.has(other.id));
  }

  private start(timer: Timer, onError: (error: unknown) => void): void {
    const run = async () => {
      const handler = this.kinds.get(timer.kind);
      if (handler === undefined) throw new Error(`no service of this world knows the timer ${timer.kind}`);
      await handler(this, timer.scope, timer.args);
    };
    const done = run()
      .catch(onError)
      .finally(() => {
        this.running.delete(timer.id);
        const { timers } = this.state;
        timers.splice(
          timers.findIndex((other) => other.id === timer.id),
          1,
        );
        for (const listener of this.listeners) listener();
      });
    this.running.set(timer.id, done);
  }
}

export interface Slice<T> {
  (world: World, scope: Scope): T;
  /** Every account and region that has this slice, in a stable order. */
  scopes(world: World): Scope[];
}

/** A service's state per account and region; made with `empty` when it is first asked for. */
export function defineSlice<T>(service: string, empty: () => T): Slice<T> {
  const slice = (world: World, { account, region }: Scope): T => {
    const key = `${account}/${region}/${service}`;
    world.state.slices[key] ??= empty();
    return world.state.slices[key] as T;
  };
  const scopes = (world: World): Scope[] =>
    Object.keys(world.state.slices)
      .map((key) => key.split('/') as [string, string, string])
      .filter(([, , name]) => name === service)
      .map(([account, region]) => ({ account, region }))
      .sort((a, b) => `${a.account}/${a.region}`.localeCompare(`${b.account}/${b.region}`));
  return Object.assign(slice, { scopes });
}

/** Drives a world until `signal` aborts: wakes when the next timer is due or a new one is set. Resolves after the abort. */
export async function runWorld(world: World, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
  while (!signal.aborted) {
    world.startDue(onError);
    const due = world.nextDueMs();
    const waitMs = due === undefined ? 60_000 : Math.max(0, due - world.nowMs());
    const wake = new AbortController();
    const stop = world.onChange(() => wake.abort());
    const ended = AbortSignal.any([signal, wake.signal]);
    await world.clock.sleep(waitMs, ended).catch((error: unknown) => {
      if (!ended.aborted) throw error;
    });
    stop();
  }
}
