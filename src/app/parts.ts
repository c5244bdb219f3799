/**
 * Binds actions to the driver: fills a step's parameters in, hands its action the funnel with ownership check, call count and
 * refusals, and gives the parts. Knows no action by name.
 */
import type { Action, ActionInput } from '../actions/action.ts';
import type { Aws, AwsCall } from '../aws/aws.ts';
import type { Clock, Mark } from '../domain/clock.ts';
import type { Phase, WithValue } from '../domain/drill.ts';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import { metaOf } from '../domain/fields.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Plan, PlannedStep, ResolvedTarget } from '../domain/plan.ts';
import type { ProbeStatus } from '../domain/sample.ts';
import type { Hold, Parts } from '../run/context.ts';
import { expectedPart } from '../run/expected.ts';
import type { RunState } from '../run/next.ts';

export interface PartsDeps {
  actions: ReadonlyMap<string, Action>;
  aws: Aws;
  clock: Clock;
  env: NodeJS.ProcessEnv;
  pollMs: number;
  statuses(runId: string): Promise<readonly ProbeStatus[]>;
}

export function bindParts(deps: PartsDeps): Parts {
  return {
    async of(step, hold) {
      const state = hold.state();
      if (step.implicit) {
        const { plan, runId } = state;
        return [
          expectedPart(step, plan.probes, plan.drill.objectives.steadyMs, {
            clock: deps.clock,
            statuses: () => deps.statuses(runId),
            begunAt: () => begunAt(hold.state(), step.id),
            faultAt: () => faultAt(hold.state()),
          }),
        ];
      }
      const action = actionOf(deps.actions, step);
      return action.parts(inputFor(deps, action, step, hold));
    },
  };
}

export const actionOf = (actions: ReadonlyMap<string, Action>, step: { uses: string }): Action => {
  const action = actions.get(step.uses);
  if (action) return action;
  throw new FiredrillError('unknown-action', `this version of firedrill has no action ${step.uses}`, {
    remedy: 'Use the version that planned the run.',
  });
};

function inputFor(deps: PartsDeps, action: Action, step: PlannedStep, hold: Hold): ActionInput {
  const state = hold.state();
  const outputs = (id: string): JsonObject => hold.state().steps.get(id)?.outputs ?? {};
  const refuse = (call: AwsCall) => refusal(hold.state(), step.phase, call);
  const countCall = () => hold.countCall();
  return {
    ...staticInput(deps, action, step, state.plan, outputs),
    aws: deps.aws.for({ step: step.id, guard: () => hold.guard(), countCall, refuse }),
    probes: () => deps.statuses(state.runId),
    approvals: () => hold.state().steps.get(step.id)!.approvals,
    startedBy: state.startedBy,
    begunAt: () => begunAt(hold.state(), step.id),
    faultAt: () => faultAt(hold.state()),
    recoveryBeganAt: () => recoveryBeganAt(hold.state()),
  };
}

/** What an action is given that doesn't depend on the run being on: the same for a preview and for doing it. */
export function staticInput(
  { aws, clock, env, pollMs }: Omit<PartsDeps, 'actions' | 'statuses'>,
  action: Action,
  step: PlannedStep,
  { runId, targets, drill, steps }: Pick<Plan, 'runId' | 'targets' | 'drill' | 'steps'>,
  outputs: (step: string) => JsonObject,
  unknown: (step: string, output: string) => string = missingOutput,
): ActionInput {
  return {
    params: paramsOf(step, action, fillOutputs(step, action, outputs, unknown)),
    runId,
    stepId: step.id,
    phase: step.phase,
    timeoutMs: step.timeoutMs,
    forMs: step.forMs,
    phaseLeftMs: phaseLeftMs(step, steps),
    rpoMs: drill.objectives.rpoMs,
    pollMs,
    target: (ref) => targetOf(ref, targets, outputs),
    targets: Object.values(targets),
    outputs,
    location: (name) => drill.locations[name]!,
    file: (path) => fileOf(drill, path),
    aws,
    clock,
    probes: () => Promise.resolve([]),
    approvals: () => [],
    startedBy: '',
    begunAt: () => undefined,
    faultAt: () => undefined,
    recoveryBeganAt: () => undefined,
    env,
  };
}

/** @throws UsageError when what earlier steps gave doesn't fit: validation could not know it */
function paramsOf(step: PlannedStep, action: Action, filled: unknown): ActionInput['params'] {
  const { data, error } = action.spec.params.safeParse(filled);
  if (!error) return data;
  throw new UsageError('step-parameters', `step ${step.id}: parameters that ${step.uses} does not take`, {
    found: error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; '),
    remedy: 'Correct the step, or the step whose outputs it uses.',
  });
}

/** How long a step and those after it in its phase may take, one after the other; those of a group run together. */
function phaseLeftMs({ phase, group }: PlannedStep, steps: readonly PlannedStep[]): number {
  const groups = new Map<number, number>();
  for (const step of steps) {
    if (step.phase !== phase || step.group < group) continue;
    groups.set(step.group, Math.max(step.timeoutMs, groups.get(step.group) ?? 0));
  }
  return [...groups.values()].reduce((sum, ms) => sum + ms, 0);
}

/** Some outputs are there only when there is something: the manifest of a backup, say. Without it nothing was looked at. */
function missingOutput(step: string, output: string): never {
  throw new FiredrillError('output-missing', `step ${step} found no ${output}, which this step was to use`, {
    remedy: `See what ${step} says it found; have what is missing made, or do without it.`,
    provesNothing: true,
  });
}

function fileOf({ files = {} }: Plan['drill'], path: string): string {
  const content = files[path];
  if (content !== undefined) return content;
  throw new FiredrillError('file-unknown', `the plan holds no file ${path}`, { remedy: 'Plan the drill anew.' });
}

const expression = /\$\(steps\.([A-Za-z0-9_-]+)\.outputs\.([A-Za-z0-9_-]+)\)/g;

/** The step's parameters with outputs filled in, except where a target is named: that is looked up whole. */
function fillOutputs(
  step: PlannedStep,
  action: Action,
  outputs: (step: string) => JsonObject,
  unknown: (step: string, output: string) => string,
): unknown {
  const fill = (value: WithValue): WithValue => {
    if (typeof value === 'string') {
      return value.replaceAll(expression, (_, id: string, name: string) => {
        const output = outputs(id)[name];
        if (output === undefined) return unknown(id, name);
        return typeof output === 'string' ? output : JSON.stringify(output);
      });
    }
    if (Array.isArray(value)) return value.map(fill);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };
  const entries = Object.entries(step.with).map(([key, value]): [string, WithValue] => {
    const field = action.spec.params.shape[key];
    const isTarget = field !== undefined && metaOf(field as never)?.kind === 'target';
    return [key, isTarget ? value : fill(value)];
  });
  return Object.fromEntries(entries);
}

function targetOf(
  ref: string,
  targets: Readonly<Record<string, ResolvedTarget>>,
  outputs: (step: string) => JsonObject,
): ResolvedTarget {
  const match = [...ref.matchAll(expression)][0];
  const found = match ? (outputs(match[1]!)[match[2]!] as ResolvedTarget | undefined) : targets[ref];
  if (found) return found;
  if (match) return missingOutput(match[1]!, match[2]!);
  throw new FiredrillError('target-unknown', `there is no target ${ref} at this point of the run`, {
    remedy: 'Name a target of the drill, or the output of a step that comes before.',
  });
}

/** Until failback, a drill that assumes a region's APIs to be gone must do without them. Cleaning up may use them. */
function refusal(state: RunState, phase: Phase, call: AwsCall): Error | undefined {
  const name = state.plan.drill.assume.regionApiUnavailable;
  if (name === undefined || !['detect', 'decide', 'recover', 'verify'].includes(phase)) return undefined;
  if (state.turn !== undefined || state.phases.includes('failback')) return undefined;
  const location = state.plan.drill.locations[name]!;
  if (call.region !== location.region || call.account !== location.account) return undefined;
  return new FiredrillError(
    'region-assumed-gone',
    `${call.operation}: the APIs of ${call.region} are assumed to be gone`,
    {
      remedy: `Let this step use a probe or the other region, or drop assume.regionApiUnavailable.`,
    },
  );
}

const begunAt = (state: RunState, step: string): Mark | undefined => state.steps.get(step)?.startedAt;

/** When the first fault began. */
export const faultAt = (state: RunState): Mark | undefined => firstStart(state, ({ fault }) => fault);

const recoveryBeganAt = (state: RunState): Mark =>
  firstStart(state, ({ phase }) => phase === 'recover') ?? state.startedAt;

function firstStart(state: RunState, isMeant: (step: PlannedStep) => boolean): Mark | undefined {
  const marks = [...state.steps.values()].flatMap((run) => (isMeant(run.step) && run.startedAt ? [run.startedAt] : []));
  return marks.sort((a, b) => (BigInt(a.ns) < BigInt(b.ns) ? -1 : 1))[0];
}
