/**
 * A small estate in memory with one action per shape, and processes that drive runs on it and can be made to die, freeze or
 * lose answers at any call. Everything the driver does to the outside goes through `Process.call`, which is where it happens.
 */
import { FiredrillError } from '../../src/domain/errors.ts';
import type { ChangePart, CreatePart, ObservePart, Part } from '../../src/domain/part.ts';
import type { Plan, PlannedStep } from '../../src/domain/plan.ts';
import type { Phase } from '../../src/domain/drill.ts';
import type { Inbox, InboxMessage, Log, Observer } from '../../src/domain/ports.ts';
import type { Judgement } from '../../src/domain/record.ts';
import { drive } from '../../src/run/drive.ts';
import { retryUndo } from '../../src/run/undo-again.ts';
import type { UndoAgainDeps } from '../../src/run/undo-again.ts';
import type { DriveDeps } from '../../src/run/drive.ts';
import type { RunState } from '../../src/run/next.ts';
import type { Hold, Parts } from '../../src/run/context.ts';
import { MemoryLog, emptyHead } from '../support/memory-log.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

export const runId = 'r1';

export class Estate {
  readonly values = new Map<string, string>();
  readonly made = new Map<string, string>();
  /** Every effect that took place, in order: `owner verb key value`. */
  readonly effects: string[] = [];
  /** Effects of processes that did not own the run when they made them. */
  readonly usurped: string[] = [];
  readonly log = new MemoryLog();
  readonly clock = new VirtualClock();
  readonly messages: InboxMessage[] = [];
  /** How long a promotion takes to show, milliseconds; it shows as under way from its beginning, or only when `silent`. */
  promotion: { takesMs: number; silentMs: number } = { takesMs: 0, silentMs: 0 };
  promotedAtMs?: number;
  /** Effects that are not allowed, whoever makes them: `set net open`. */
  forbidden: (what: string) => boolean = () => false;

  constructor(values: Record<string, string>) {
    for (const [key, value] of Object.entries(values)) this.values.set(key, value);
  }

  snapshot(): Record<string, string> {
    return Object.fromEntries([...this.values, ...[...this.made].map(([name]) => [`made ${name}`, 'yes'])].sort());
  }

  readonly inbox: Inbox = {
    post: (_run, message) => Promise.resolve(this.messages.push(message)),
    read: (_run, after) =>
      Promise.resolve(this.messages.map((message, i) => ({ id: i + 1, message })).filter(({ id }) => id > after)),
  };
}

/** What befalls a process at its n-th call. */
export interface Fate {
  at: number;
  /** `before`/`after` the effect: die there. `freeze`: hang until `thaw`. `lose`: the effect takes place, the answer is lost. */
  kind: 'die-before' | 'die-after' | 'freeze' | 'lose' | 'refuse';
}

export class Died extends Error {}

const judgement: Judgement = {
  verdict: 'pass',
  undo: 'complete',
  recoveryLabel: 'aided',
  exitCode: 0,
  reasons: [],
  recovery: { declared: {}, phases: [] },
  probes: [],
};

export class Process {
  readonly estate: Estate;
  readonly name: string;
  calls = 0;
  dead = false;
  #frozen = false;
  readonly #fates: readonly Fate[];
  #thaw: () => void = () => undefined;
  readonly #thawed: Promise<void>;
  onFreeze: () => void = () => undefined;
  /** What is other than usual around this process. */
  deps: Partial<DriveDeps> = {};

  constructor(estate: Estate, name: string, fates: readonly Fate[] = []) {
    this.estate = estate;
    this.name = name;
    this.#fates = fates;
    this.#thawed = new Promise((resolve) => (this.#thaw = resolve));
  }

  thaw(): void {
    this.#frozen = false;
    this.#thaw();
  }

  drive(): Promise<RunState> {
    const { estate } = this;
    const call = <T>(effect: () => Promise<T>) => this.call(effect);
    const observer: Observer = {
      ensure: () => call(() => Promise.resolve()),
      status: () => Promise.resolve([]),
      sealed: () => call(() => Promise.resolve({ chunks: 0, hash: 'h' })),
    };
    return drive(
      {
        log: this.#log(),
        observer,
        inbox: estate.inbox,
        clock: this.#clock(),
        parts: this.#parts(),
        guardrail: { check: () => Promise.resolve(undefined) },
        judge: () => Promise.resolve(judgement),
        owner: this.name,
        pollMs: 1000,
        sealMs: 10_000,
        ...this.deps,
      },
      runId,
    );
  }

  /** Has the undo of the finished run tried again. */
  retryUndo(): Promise<RunState> {
    const leaves: UndoAgainDeps['leaves'] = () => ({ undo: 'complete', left: [] });
    const { name: owner } = this;
    const deps = {
      log: this.#log(),
      clock: this.#clock(),
      parts: this.#parts(),
      leaves,
      owner,
      by: 'ada',
      pollMs: 1000,
    };
    return retryUndo(deps, runId);
  }

  #log(): Log {
    const { log } = this.estate;
    return {
      read: (run, after) => this.call(() => log.read(run, after)),
      append: (run, head, event) => this.call(() => log.append(run, head, event)),
      runs: () => log.runs(),
      head: (run) => log.head(run),
    };
  }

  /** Everything that leaves the process. A dead one does nothing any more. */
  async call<T>(effect: () => Promise<T> | T, write = false): Promise<T> {
    if (this.dead) throw new Died();
    this.calls += 1;
    const fate = this.#fates.find(({ at }) => at === this.calls);
    if (fate?.kind === 'die-before') return this.#die();
    if (fate?.kind === 'freeze') {
      this.#frozen = true;
      this.onFreeze();
    }
    if (this.#frozen) await this.#thawed;
    if (fate?.kind === 'refuse' && write) throw new FiredrillError('refused', 'the call was refused');
    const result = await effect();
    if (fate?.kind === 'die-after') return this.#die();
    if (fate?.kind === 'lose' && write) throw new FiredrillError('indeterminate', 'the answer was lost');
    return result;
  }

  /** Dies when it appends the first such event: just before it is written, or just after. */
  dieAt(event: { type: string; step: string }, when: 'before' | 'after'): void {
    const { log } = this.estate;
    this.deps.log = {
      read: (run, after) => log.read(run, after),
      runs: () => log.runs(),
      head: (run) => log.head(run),
      append: async (run, head, next) => {
        if (this.dead) throw new Died();
        const isIt = next.type === event.type && 'step' in next && next.step === event.step;
        if (isIt && when === 'before') return this.#die();
        const entry = await log.append(run, head, next);
        return isIt ? this.#die() : entry;
      },
    };
  }

  #die(): never {
    this.dead = true;
    throw new Died();
  }

  #clock(): VirtualClock {
    const { clock } = this.estate;
    return new Proxy(clock, {
      get: (target, key) => {
        if (key === 'sleep') {
          return async (ms: number, signal?: AbortSignal) => {
            if (this.dead) throw new Died();
            await target.sleep(ms, signal);
            if (this.dead) throw new Died();
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #parts(): Parts {
    return { of: (step, hold) => Promise.resolve(this.#partsOf(step, hold)) };
  }

  #partsOf(step: PlannedStep, hold: Hold): Part[] {
    const { key = step.id, to = 'changed', polls = '1' } = step.with as Record<string, string>;
    switch (step.uses) {
      case 'set':
        return [this.#set(hold, key, to)];
      case 'set-two':
        return [this.#set(hold, `${key}-a`, to), this.#set(hold, `${key}-b`, to)];
      case 'make-and-set':
        return [this.#make(hold, step.id), this.#set(hold, key, to)];
      case 'set-and-make':
        return [this.#set(hold, key, to), this.#make(hold, step.id)];
      case 'make':
        return [this.#make(hold, step.id)];
      case 'make-unseen':
        return [this.#makeUnseen(hold, step.id)];
      case 'promote':
        return [this.#promote(hold, key)];
      case 'climb':
        return ['low', 'middle', 'high'].map((rung) => this.#rung(rung, step.with as Record<string, string>));
      case 'ask':
        return [this.#ask(hold, step.id)];
      default:
        return [this.#look(step.id, Number(polls))];
    }
  }

  /** Ownership, then the effect at once: what lies between can't be fenced by anybody. */
  #effect(hold: Hold, what: string, effect: () => void): Promise<void> {
    return this.call(async () => {
      await hold.guard();
      if (this.dead) throw new Died();
      if (this.estate.forbidden(what)) throw new FiredrillError('forbidden', `not allowed: ${what}`);
      this.estate.effects.push(`${this.name} ${what}`);
      if (this.estate.log.owner(runId) !== this.name) this.estate.usurped.push(`${this.name} ${what}`);
      effect();
    }, true);
  }

  #set(hold: Hold, key: string, to: string): ChangePart<string> {
    const { values } = this.estate;
    const read = () => this.call(() => values.get(key) ?? '');
    return {
      shape: 'change',
      name: key,
      touches: key,
      read,
      desired: () => to,
      write: (value) => this.#effect(hold, `set ${key} ${value}`, () => values.set(key, value)),
      settled: async (value) => ((await read()) === value ? { done: true } : { done: false, saw: 'another value' }),
    };
  }

  /** Accepted at once; it shows only later, as RDS's promotions do. */
  #promote(hold: Hold, key: string): ChangePart<string> {
    const { estate } = this;
    const { values, promotion, clock } = estate;
    const sinceMs = () => Number(clock.monoNs()) / 1e6 - (estate.promotedAtMs ?? Infinity);
    const read = () =>
      this.call(() => {
        if (sinceMs() >= promotion.takesMs) values.set(key, 'primary');
        return values.get(key) ?? '';
      });
    return {
      ...this.#set(hold, key, 'primary'),
      pivot: true,
      read,
      underWay: () => this.call(() => sinceMs() >= promotion.silentMs && values.get(key) !== 'primary'),
      write: () =>
        this.#effect(hold, `promote ${key}`, () => {
          estate.promotedAtMs = Number(clock.monoNs()) / 1e6;
          if (promotion.takesMs === 0) values.set(key, 'primary');
        }),
      settled: async () => ((await read()) === 'primary' ? { done: true } : { done: false, saw: 'a replica' }),
    };
  }

  #make(hold: Hold, name: string): CreatePart<string> {
    const { made } = this.estate;
    const find = () => this.call(() => made.get(name));
    return {
      shape: 'create',
      name: `make-${name}`,
      touches: name,
      identity: { name },
      find,
      create: async () => {
        await this.#effect(hold, `make ${name}`, () => {
          if (made.has(name)) throw new Error(`${name} made twice`);
          made.set(name, name);
        });
        return name;
      },
      settled: async () => ((await find()) ? { done: true, outputs: { name } } : { done: false, saw: 'nothing' }),
      remove: () => this.#effect(hold, `remove ${name}`, () => made.delete(name)),
      arn: () => `arn:${name}`,
    };
  }

  /** Nobody sees what came of the call, and the run goes on without it. */
  #makeUnseen(hold: Hold, name: string): CreatePart<string> {
    return {
      ...this.#make(hold, name),
      create: () => Promise.resolve('perhaps'),
      settled: () => Promise.resolve({ done: true, outputs: { confirmed: false } }),
      unseen: (found) => found === 'perhaps',
    };
  }

  #look(name: string, polls: number): ObservePart {
    let seen = 0;
    return {
      shape: 'observe',
      name,
      touches: name,
      poll: () =>
        this.call(() => {
          seen += 1;
          return seen >= polls ? { done: true, outputs: { seen: name } } : { done: false, saw: `poll ${seen}` };
        }),
    };
  }

  /** One of several looks at something that has to hold. */
  #rung(name: string, { breaks, throws, proves }: Record<string, string>): ObservePart {
    return {
      shape: 'observe',
      name,
      touches: name,
      poll: () =>
        this.call(() => {
          if (throws === name) throw new FiredrillError('unfit', `${name} is unfit`, { provesNothing: true });
          const holds = breaks === undefined || !breaks.split(' ').includes(name);
          return { done: true, check: { holds, said: `${name} was looked at.`, provesNothing: proves === 'nothing' } };
        }),
    };
  }

  #ask(hold: Hold, name: string): ObservePart {
    return {
      shape: 'observe',
      name,
      touches: name,
      asks: { question: 'Go?', fourEyes: false },
      poll: () =>
        this.call(() => {
          const given = hold.state().steps.get(name)!.approvals;
          return given.length > 0 ? { done: true } : { done: false, saw: 'nobody has answered' };
        }),
    };
  }
}

export type StepSketch = Partial<PlannedStep> & { id: string; uses: string };

/** A plan from a sketch: groups of steps by phase. */
export function planOf(sketch: Partial<Record<Phase, readonly (StepSketch | readonly StepSketch[])[]>>): Plan {
  let group = 0;
  const steps = Object.entries(sketch).flatMap(([phase, groups]) =>
    groups.flatMap((entry) => {
      group += 1;
      const list = Array.isArray(entry) ? (entry as readonly StepSketch[]) : [entry as StepSketch];
      return list.map((step) => planned(step, phase as Phase, group));
    }),
  );
  return {
    runId,
    steps,
    probes: [],
    targets: {},
    drill: { guardrails: { stopOn: [], maxDurationMs: 1e9 } },
  } as unknown as Plan;
}

const effects: Record<string, PlannedStep['effect']> = {
  set: 'changes',
  'set-two': 'changes',
  'make-and-set': 'creates',
  'set-and-make': 'creates',
  make: 'creates',
  'make-unseen': 'creates',
  promote: 'changes',
  undo: 'undo',
};

function planned(step: StepSketch, phase: Phase, group: number): PlannedStep {
  return {
    phase,
    with: {},
    timeoutMs: 60_000,
    at: { file: 'drill.yaml', line: 1, column: 1 },
    group,
    effect: effects[step.uses] ?? 'observes',
    stays: step.uses === 'promote',
    fault: phase === 'inject',
    asks: step.uses === 'ask',
    implicit: false,
    ...step,
  };
}

export async function startRun(estate: Estate, plan: Plan): Promise<void> {
  const mark = { clockId: 'virtual', ns: estate.clock.monoNs().toString(), at: estate.clock.wall().toISOString() };
  await estate.log.append(runId, emptyHead, {
    type: 'run.started',
    plan,
    startedBy: 'ada',
    toolVersion: '0.0.0',
    mark,
  });
}
