/**
 * Drill + what exists -> plan: literal targets, order, undo, permissions, findings. Only reads. A plan is logged whole, so a
 * run never looks at the definition again.
 */
import { createHash } from 'node:crypto';
import type { ActionSpec } from '../domain/catalogue.ts';
import type { Drill, Location, Probe, Target } from '../domain/drill.ts';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { canonical } from '../domain/json.ts';
import type {
  Finding,
  Plan,
  PlannedStep,
  PositionWatch,
  ResolvedItem,
  ResolvedTarget,
  StepPreview,
} from '../domain/plan.ts';
import { fillFacts, targetsUsedBy } from './expressions.ts';
import { guardrailFindings } from './guardrails.ts';
import { planSteps } from './steps.ts';

/** What planning asks of the outside. Everything here only reads. */
export interface PlanPorts {
  specOf(action: string): ActionSpec;
  /** @throws FiredrillError `target-not-found`, `target-too-many` and what AWS says */
  resolve(target: Target, location: Location): Promise<readonly ResolvedItem[]>;
  preview(step: PlannedStep, plan: Pick<Plan, 'runId' | 'drill' | 'targets' | 'steps'>): Promise<Preview>;
  /** Peak ReplicaLag of the last 30 days, milliseconds; undefined when there is no such metric. */
  peakReplicaLagMs(target: ResolvedTarget): Promise<number | undefined>;
}

export interface Preview {
  preview: StepPreview;
  findings: readonly Finding[];
}

export type PlannedRun = Pick<Plan, 'runId' | 'environment' | 'localEndpoint'> & {
  /** What is known of the drill already, whatever its targets are. */
  findings?: readonly Finding[];
};

/** All problems of planning at once. The worst of them decides the exit code. */
export class PlanError extends FiredrillError {
  override name = 'PlanError';
  readonly problems: readonly FiredrillError[];
  constructor(problems: readonly FiredrillError[]) {
    const [first] = problems;
    const messages = [...new Set(problems.map((problem) => problem.message))];
    const all = (key: 'expected' | 'found'): string | undefined =>
      [...new Set(problems.flatMap((problem) => problem[key] ?? []))].join('; ') || undefined;
    // What several remedies end with alike stands once.
    const remedies = problems.map(({ remedy = '' }: FiredrillError) => remedy.split(/(?<=\.) (?=[A-Z"])/));
    const sentences = new Set([...remedies.map(([head]) => head), ...remedies.flatMap(([, ...others]) => others)]);
    const remedy = [...sentences].filter(Boolean).join(' ') || undefined;
    const details = { expected: all('expected'), found: all('found'), remedy };
    super(first?.code ?? 'internal', messages.join('\n'), details);
    this.problems = problems;
  }
}

/** @throws PlanError; a defect as it is */
function throwAll(problems: readonly unknown[]): void {
  const told = problems.flatMap((problem) => (problem instanceof FiredrillError ? [problem] : []));
  const defect = problems.find((problem) => !(problem instanceof FiredrillError));
  if (defect !== undefined) throw defect;
  if (told.length > 0) throw new PlanError(told);
}

export async function makePlan(
  ports: PlanPorts,
  drill: Drill,
  { runId, environment, localEndpoint, findings = [] }: PlannedRun,
): Promise<Plan> {
  const targets = await resolveTargets(ports, drill);
  const filled: Drill = { ...drill, steps: fillSteps(drill, targets) };
  const probes = Object.values(drill.probes).map((probe): Probe => ({
    ...probe,
    with: fillFacts(probe.with, targets),
  }));
  const steps = planSteps({ drill: filled, specOf: (name) => ports.specOf(name), targets });
  const promoted = [...new Set(steps.flatMap((step) => (step.pivot ? [targets[step.pivot]!] : [])))];
  const [shown, lags] = await bothOrAllProblems(
    steps.filter(isShown).map((step) => {
      const preview = ports.preview(step, { runId, drill: filled, targets, steps });
      return preview.catch(sayingWhere(`step ${step.id}`));
    }),
    promoted.map((target) => ports.peakReplicaLagMs(target).catch(sayingWhere(`target ${target.name}`))),
  );
  const known = lags.filter((lag) => lag !== undefined);
  const positions = watchedPositions(promoted);
  const plan: Omit<Plan, 'planHash'> = {
    runId,
    drill: filled,
    environment,
    ...(localEndpoint && { localEndpoint }),
    targets,
    steps,
    probes,
    positions,
    previews: shown.map(({ preview }) => preview),
    findings: [
      ...findings,
      ...shown.flatMap(({ preview, findings }) => findings.map((finding) => ({ step: preview.step, ...finding }))),
      ...guardrailFindings(drill, targets),
      ...unprovable(promoted, positions),
    ],
    peakReplicaLagMs: known.length > 0 ? Math.max(...known) : undefined,
  };
  return { ...plan, planHash: hashOf(plan) };
}

const isShown = (step: PlannedStep): boolean => !step.implicit && step.effect !== 'undo' && !step.skip;

/** Resolves in rounds, so that a target may be selected by a fact of another. Collects every problem. */
async function resolveTargets(ports: PlanPorts, drill: Drill): Promise<Record<string, ResolvedTarget>> {
  const resolved: Record<string, ResolvedTarget> = {};
  const problems: unknown[] = [];
  let waiting = Object.values(drill.targets);
  while (waiting.length > 0) {
    const ready = waiting.filter((target) => targetsUsedBy(target.select).every((name) => name in resolved));
    if (ready.length === 0) break;
    const results = await Promise.allSettled(ready.map((target) => resolveOne(ports, drill, target, resolved)));
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') resolved[ready[i]!.name] = result.value;
      else problems.push(result.reason);
    }
    waiting = waiting.filter((target) => !ready.includes(target));
  }
  throwAll(problems);
  if (waiting.length > 0) throw circular(waiting);
  return resolved;
}

async function resolveOne(
  ports: PlanPorts,
  drill: Drill,
  target: Target,
  resolved: Readonly<Record<string, ResolvedTarget>>,
): Promise<ResolvedTarget> {
  const location = drill.locations[target.location]!;
  const select = fillFacts<Target['select']>(target.select, resolved);
  const items = await ports.resolve({ ...target, select }, location).catch(sayingWhere(`target ${target.name}`));
  const { account, region, role, externalId } = location;
  const { name, type, login } = target;
  return { name, type, location: location.name, account, region, role, externalId, login, select, items };
}

/** @throws PlanError with everything that went wrong in either */
async function bothOrAllProblems<A, B>(as: readonly Promise<A>[], bs: readonly Promise<B>[]): Promise<[A[], B[]]> {
  const settled = await Promise.allSettled([...as, ...bs]);
  throwAll(settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])));
  return [await Promise.all(as), await Promise.all(bs)];
}

/** AWS's own words name the call, and not what it was made for. */
const sayingWhere =
  (where: string) =>
  (error: unknown): never => {
    if (!(error instanceof FiredrillError) || !error.code.startsWith('aws-')) throw error;
    const { code, message, expected, found, remedy } = error;
    throw new FiredrillError(code, `${where}: ${message}`, { expected, found, remedy, cause: error });
  };

const fillSteps = (drill: Drill, targets: Readonly<Record<string, ResolvedTarget>>): Drill['steps'] =>
  Object.fromEntries(
    Object.entries(drill.steps).map(([phase, groups]) => [
      phase,
      groups.map((group) => group.map((step) => ({ ...step, with: fillFacts(step.with, targets) }))),
    ]),
  ) as unknown as Drill['steps'];

/** Often enough that a promotion a second after the fault still lies between several samples. */
const positionEveryMs = 200;

/** Where replicas that are promoted stand is sampled throughout, where a login lets us ask them. */
function watchedPositions(promoted: readonly ResolvedTarget[]): PositionWatch[] {
  return promoted.flatMap((target) => {
    const { endpoint: host, port, engine } = target.items[0]?.facts ?? {};
    if (!target.login || typeof host !== 'string' || typeof engine !== 'string') return [];
    return [{ target: target.name, host, port: Number(port), engine, login: target.login, everyMs: positionEveryMs }];
  });
}

function unprovable(promoted: readonly ResolvedTarget[], positions: readonly PositionWatch[]): Finding[] {
  return promoted
    .filter((target) => !positions.some((watch) => watch.target === target.name))
    .map((target) => ({
      severity: 'warn',
      code: 'position-unknown',
      message: `${target.name}: control plane only. Without a login it can't be seen whether replication went on after the fault.`,
      remedy: `Give target ${target.name} a login.`,
    }));
}

const circular = (waiting: readonly Target[]): UsageError =>
  new UsageError(
    'target-circular',
    `targets ${waiting.map(({ name }) => name).join(', ')} are selected by each other`,
    {
      remedy: 'Write one of the values itself.',
    },
  );

const hashOf = ({ runId: _, ...plan }: Omit<Plan, 'planHash'>): string =>
  createHash('sha256')
    .update(canonical(plan as unknown as Json))
    .digest('hex');
