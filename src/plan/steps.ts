/**
 * The order in which a drill runs: its groups numbered, what the language knows of each step worked out (pivots, fences, what
 * stays), and the looks at the probes that no drill writes down added: steady before, recovered after, steady in the end.
 */
import type { ActionSpec } from '../domain/catalogue.ts';
import type { Drill, Phase, Step } from '../domain/drill.ts';
import { phases } from '../domain/drill.ts';
import type { PlannedStep, ResolvedTarget } from '../domain/plan.ts';

/** Name under which the plan's own looks at the probes are carried out. */
export const probesAsExpected = 'probes-as-expected';

/** Room that the end of an outage gets beyond what was promised, milliseconds. */
const graceMs = 60_000;
/**
 * Room that the baseline gets to become steady, milliseconds: a system that isn't by then has a problem of its own. What holds the
 * prober up for some seconds, or a server that answers late once, is none yet, and no drill can give this step more.
 */
const calmMs = 60_000;
/** How long recovery is waited for where nothing was promised, milliseconds. */
const patienceMs = 300_000;

export interface StepsInput {
  drill: Drill;
  /** Spec of an action that the drill uses. */
  specOf(name: string): ActionSpec;
  targets: Readonly<Record<string, ResolvedTarget>>;
}

export function planSteps(input: StepsInput): PlannedStep[] {
  const { drill, targets } = input;
  const specOf = (name: string) => input.specOf(name);
  const written = phases.flatMap((phase) => withImplicit(drill, phase));
  const history = new History();
  return written.flatMap((group, index) =>
    group.map((step) => {
      const planned = plannedOf(step, index + 1, history, specOf, targets);
      history.note(step, specOf);
      return planned;
    }),
  );
}

type WrittenStep = Step & { implicit?: boolean };

function withImplicit(drill: Drill, phase: Phase): WrittenStep[][] {
  const groups: WrittenStep[][] = drill.steps[phase].map((group) => [...group]);
  if (Object.keys(drill.probes).length === 0) return groups;
  const { objectives } = drill;
  const promisedMs = objectives.recoveryMs ?? objectives.rtoMs ?? patienceMs;
  const waitMs = promisedMs + objectives.steadyMs + graceMs;
  const look = (id: string, timeoutMs = waitMs): WrittenStep[] => [lookAtProbes(drill, phase, id, timeoutMs)];
  if (phase === 'baseline') return [look('steady-before', objectives.steadyMs + calmMs), ...groups];
  const disturbed = drill.steps.inject.length > 0 || drill.steps.recover.length > 0;
  if (phase === 'recover' && disturbed) return [...groups, look('recovered')];
  if (phase === 'failback' && disturbed) return [...groups, look('steady-after')];
  return groups;
}

const lookAtProbes = (drill: Drill, phase: Phase, id: string, timeoutMs: number): WrittenStep => ({
  id,
  uses: probesAsExpected,
  phase,
  with: {},
  timeoutMs,
  at: { file: drill.file, line: 1, column: 1 },
  implicit: true,
});

/** What earlier steps did to targets, as far as later ones depend on it. */
class History {
  readonly setAside = new Set<string>();
  readonly created = new Set<string>();
  pivots = 0;

  note(step: Step, specOf: (name: string) => ActionSpec): void {
    if (step.uses === probesAsExpected) return;
    const spec = specOf(step.uses);
    if (spec.setsAside) this.setAside.add(param(step, spec.setsAside));
    if (spec.binds) this.created.add(param(step, spec.binds.as));
    if (spec.promotes && !this.isOwn(param(step, spec.promotes))) this.pivots += 1;
  }

  /** Created by this drill without taking an estate's role: promoting it loses nobody's data. */
  isOwn(target: string): boolean {
    return this.created.has(target) && !this.setAside.has(target);
  }

  /** Takes the place of something that the drill set aside: the estate needs it from then on. */
  takesRole(target: string): boolean {
    return this.setAside.has(target);
  }
}

function plannedOf(
  step: WrittenStep,
  group: number,
  history: History,
  specOf: (name: string) => ActionSpec,
  targets: Readonly<Record<string, ResolvedTarget>>,
): PlannedStep {
  const { implicit = false } = step;
  if (implicit) return { ...step, group, effect: 'observes', stays: false, fault: false, asks: false, implicit };
  const spec = specOf(step.uses);
  const promoted = spec.promotes ? param(step, spec.promotes) : undefined;
  const pivot = promoted !== undefined && !history.isOwn(promoted) ? promoted : undefined;
  const bound = spec.binds ? param(step, spec.binds.as) : undefined;
  const adopted = bound !== undefined && history.takesRole(bound);
  return {
    ...step,
    group,
    effect: spec.effect,
    undoTimeoutMs: Math.max(step.timeoutMs, spec.timeoutMs),
    undoes: spec.effect === 'undo' ? param(step, 'step') : undefined,
    pivot,
    fences: spec.fences ? param(step, spec.fences) : undefined,
    stays: Boolean(pivot ?? spec.fences ?? spec.setsAside) || adopted,
    fault: step.phase === 'inject' && spec.fault === true,
    simulatesProvider: spec.simulatesProvider,
    portion: spec.portion,
    asks: spec.asks === true,
    skip: emptyTarget(step, bound, history, targets),
    implicit,
  };
}

/** Why a step has nothing to do: a target that may be empty is, and no step has made it. */
function emptyTarget(
  step: Step,
  bound: string | undefined,
  history: History,
  targets: Readonly<Record<string, ResolvedTarget>>,
): string | undefined {
  const named = Object.values(step.with).filter(
    (value): value is string => typeof value === 'string' && value in targets,
  );
  const empty = named.find((name) => targets[name]!.items.length === 0 && name !== bound && !history.created.has(name));
  return empty === undefined ? undefined : `target ${empty} is empty, as it may be`;
}

/** A parameter that names something: text, as its field has it. */
const param = (step: Step, name: string): string => step.with[name] as string;
