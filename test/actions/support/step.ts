/**
 * Carries one step of an action out as the driver does, with a journal that outlives a crash: before every effect stands what
 * was and what shall be. A crash loses the parts and whatever they remembered, never the journal.
 */
import type { Action, ActionInput } from '../../../src/actions/action.ts';
import type { Policy } from '../../../src/app/policy.ts';
import { policiesOf } from '../../../src/app/policy.ts';
import type { AwsCall } from '../../../src/aws/aws.ts';
import { FiredrillError } from '../../../src/domain/errors.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { sameJson } from '../../../src/domain/json.ts';
import { markNow } from '../../../src/domain/clock.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import type { Attempt, ChangePart, CreatePart, Part, Progress } from '../../../src/domain/part.ts';
import type { Permission, Plan, ResolvedTarget } from '../../../src/domain/plan.ts';
import { deniedOf } from '../../support/iam.ts';
import type { TestLab } from './lab.ts';
import { active, fastClock, passive, tagsIn } from './lab.ts';

export class Crash extends Error {}

interface PartEntry {
  state: 'begun' | 'applied' | 'settled' | 'undone';
  before?: Json;
  after?: Json;
  found?: Json;
  outputs?: JsonObject;
}

export class Journal {
  readonly parts = new Map<string, PartEntry>();
  begun?: Mark;
  get outputs(): JsonObject {
    return Object.assign({}, ...[...this.parts.values()].map((part) => part.outputs)) as JsonObject;
  }
}

export interface StepSetup {
  lab: TestLab;
  action: Action;
  params: Record<string, unknown>;
  targets: Record<string, ResolvedTarget>;
  more?: Partial<ActionInput>;
}

export const inputFor = ({ lab, action, params, targets, more }: StepSetup, journal = new Journal()): ActionInput => ({
  params: action.spec.params.parse(params),
  runId: 'r1',
  stepId: 's1',
  phase: 'recover',
  timeoutMs: action.spec.timeoutMs,
  pollMs: 100,
  target: (ref) => targets[ref]!,
  targets: Object.values(targets),
  outputs: () => ({}),
  file: () => '',
  location: (name) => [active, passive].find((each) => each.name === name)!,
  aws: lab.aws,
  clock: fastClock,
  probes: () => Promise.resolve([]),
  approvals: () => [],
  startedBy: 'somebody',
  begunAt: () => journal.begun,
  faultAt: () => undefined,
  recoveryBeganAt: () => undefined,
  env: lab.env,
  ...more,
});

/**
 * Does what the journal does not hold yet. Every call must be one that the action's preview asks permission for, and every output
 * one that its spec tells of: drills can name no other.
 */
export const doStep = (setup: StepSetup, journal = new Journal()): Promise<Journal> =>
  asPermitted(setup, journal, async (input) => {
    journal.begun ??= markNow(fastClock);
    for (const part of await setup.action.parts(input)) await doPart(part, journal, attemptOf(part, 'do'));
    const { name, outputs = {} } = setup.action.spec;
    const unknown = Object.keys(journal.outputs).filter((output) => !Object.hasOwn(outputs, output));
    if (unknown.length > 0) throw new Error(`the spec of ${name} does not tell of its outputs ${unknown.join(', ')}`);
    return journal;
  });

export const undoStep = (setup: StepSetup, journal: Journal): Promise<void> =>
  asPermitted(setup, journal, (input) => undoParts(setup, input, journal));

async function asPermitted<T>(
  setup: StepSetup,
  journal: Journal,
  work: (input: ActionInput) => Promise<T>,
): Promise<T> {
  const input = inputFor(setup, journal);
  const preview = await setup.action.preview?.(input);
  const policy = policyOf(setup, preview?.permissions ?? []);
  const lacking = new Set<string>();
  const countCall = (call: AwsCall): void => {
    if (call.service === 'sts') return;
    for (const denied of deniedOf(policy, call, (arn) => tagsIn(setup.lab, arn))) lacking.add(denied);
  };
  const done = await work({ ...input, aws: input.aws.for({ countCall }) });
  if (lacking.size > 0) throw new Error(`${setup.action.spec.name} asks for no ${[...lacking].join(', ')}`);
  return done;
}

/** As `iam-policy` would print it for a drill of this step alone. */
function policyOf({ targets }: StepSetup, permissions: readonly Permission[]): Policy {
  const standing = Object.values(targets).map((target) => [target.location, target] as const);
  const drill = { locations: { active, passive, ...Object.fromEntries(standing) } };
  const previews = [{ step: 's1', touches: [], permissions }];
  const [policy] = policiesOf([{ runId: 'r1', drill, targets, steps: [], previews } as unknown as Plan]).values();
  return policy!;
}

async function undoParts(setup: StepSetup, input: ActionInput, journal: Journal): Promise<void> {
  for (const part of (await setup.action.parts(input)).toReversed()) {
    const entry = journal.parts.get(part.name);
    if (!entry || entry.state === 'undone' || part.shape === 'observe') continue;
    const attempt = attemptOf(part, 'undo');
    if (part.shape === 'change') {
      await write(part, entry.before!, entry.after!, attempt);
      await poll(() => part.settled(entry.before!, attempt));
    } else {
      const found = await part.find(attempt, entry.found);
      if (found !== undefined) await remove(part, found, attempt);
      await poll(async () =>
        (await part.find(attempt, entry.found)) === undefined ? { done: true } : { done: false, saw: 'there' },
      );
    }
    entry.state = 'undone';
  }
}

/** One look of an action that observes. */
export async function lookOnce(action: Action, input: ActionInput): Promise<Progress> {
  const [part] = await action.parts(input);
  if (part?.shape !== 'observe') throw new Error(`${action.spec.name} does not observe`);
  return part.poll(attemptOf(part, 'do'));
}

const attemptOf = (part: Part, direction: 'do' | 'undo'): Attempt => ({
  key: `r1.s1.${part.name}.${direction}`,
  signal: new AbortController().signal,
});

async function doPart(part: Part, journal: Journal, attempt: Attempt): Promise<void> {
  let entry = journal.parts.get(part.name);
  if (!entry) {
    if (part.shape === 'create' && (await part.find(attempt)) !== undefined) {
      throw new FiredrillError('name-taken', `${part.touches} is there already`);
    }
    entry = { state: 'begun' };
    if (part.shape === 'change') {
      entry.before = await part.read(attempt);
      entry.after = part.desired(entry.before);
    }
    journal.parts.set(part.name, entry);
  }
  if (entry.state === 'begun') {
    if (part.shape === 'change') await write(part, entry.after!, entry.before!, attempt);
    if (part.shape === 'create') entry.found = (await part.find(attempt)) ?? (await create(part, attempt));
    entry.state = 'applied';
  }
  if (entry.state !== 'applied') return;
  const { after, found } = entry;
  if (part.shape === 'change') entry.outputs = await poll(() => part.settled(after!, attempt));
  if (part.shape === 'create') entry.outputs = await poll(() => part.settled(found!, attempt));
  if (part.shape === 'observe') entry.outputs = await poll(() => part.poll(attempt));
  entry.state = 'settled';
}

/** Reads, and writes unless it is written already; a third value is someone else's. */
async function write(part: ChangePart, to: Json, from: Json, attempt: Attempt): Promise<void> {
  const same = (a: Json, b: Json): boolean => part.same?.(a, b) ?? sameJson(a, b);
  await persist(async () => {
    const current = await part.read(attempt);
    if (same(current, to)) return;
    if (!same(current, from)) {
      throw new FiredrillError('changed-by-someone-else', `${part.touches}: ${JSON.stringify(current)}`);
    }
    await part.write(to, from, attempt);
  });
}

const create = (part: CreatePart, attempt: Attempt): Promise<Json> =>
  persist(async () => (await part.find(attempt)) ?? part.create(attempt));

const remove = (part: CreatePart, found: Json, attempt: Attempt): Promise<void> =>
  persist(async () => {
    if ((await part.find(attempt)) !== undefined) await part.remove(found, attempt);
  });

const boundMs = 100_000;

/** Again while the answer is not known or the resource is busy. */
async function persist<T>(effect: () => Promise<T>): Promise<T> {
  const until = performance.now() + boundMs;
  for (;;) {
    try {
      return await effect();
    } catch (error) {
      const code = error instanceof FiredrillError ? error.code : '';
      if ((code !== 'indeterminate' && code !== 'not-ready') || performance.now() > until) throw error;
      await fastClock.sleep(100);
    }
  }
}

async function poll(look: () => Promise<Progress>): Promise<JsonObject | undefined> {
  const until = performance.now() + boundMs;
  for (;;) {
    const progress = await look();
    if (progress.done) return progress.outputs;
    if (performance.now() > until) throw new Error(`still: ${progress.saw}`);
    await fastClock.sleep(100);
  }
}

/** Where around a write the process dies: before it, after it, or later, when its effect is looked at. */
const crashPoints = ['before', 'after', 'settling'] as const;

/**
 * Crashes the step around every write that it makes, one crash a run, and carries it on from the journal each time. Between
 * two reads nothing changes, so these are all the crashes there are.
 * @param check looks at the estate after each recovery
 * @returns how many crashes there were
 */
export async function crashEverywhere(
  open: () => Promise<StepSetup>,
  check: (setup: StepSetup, journal: Journal) => Promise<void>,
): Promise<number> {
  for (let crashes = 0; ; crashes += 1) {
    const setup = await open();
    const journal = new Journal();
    const crashed = await crashOnce(setup, journal, Math.floor(crashes / 3), crashPoints[crashes % 3]!);
    await doStep(setup, journal);
    await check(setup, journal);
    await setup.lab.close();
    if (!crashed) return crashes;
  }
}

/** @returns whether the step came as far as to crash */
async function crashOnce(
  setup: StepSetup,
  journal: Journal,
  write: number,
  point: (typeof crashPoints)[number],
): Promise<boolean> {
  const { onCall } = setup.lab;
  let writes = 0;
  let readsAfter = 0;
  onCall.before = (call) => {
    if (!call.read && point === 'before' && writes === write) throw new Crash();
    if (call.read && writes > write) readsAfter += 1;
    if (point === 'settling' && readsAfter === 1) throw new Crash();
  };
  onCall.after = (call) => {
    if (!call.read) writes += 1;
    if (!call.read && point === 'after' && writes > write) throw new Crash();
  };
  const crashed = await doStep(setup, journal).then(
    () => false,
    (error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      return true;
    },
  );
  onCall.before = undefined;
  onCall.after = undefined;
  return crashed;
}
