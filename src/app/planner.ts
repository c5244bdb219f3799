/** Plans a drill against what exists: binds the planning stage to actions, target types and the funnel. */
import type { Action } from '../actions/action.ts';
import type { Aws } from '../aws/aws.ts';
import type { ActionSpec } from '../domain/catalogue.ts';
import type { Clock } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { metaOf } from '../domain/fields.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Plan, PlannedStep, ResolvedTarget } from '../domain/plan.ts';
import { makePlan } from '../plan/plan.ts';
import type { PlanPorts } from '../plan/plan.ts';
import type { TargetType } from '../plan/targets/target.ts';
import { catalogue } from './catalogue.ts';
import { actionOf, staticInput } from './parts.ts';

export interface PlannerDeps {
  actions: ReadonlyMap<string, Action>;
  targetTypes: readonly TargetType[];
  aws: Aws;
  clock: Clock;
  env: NodeJS.ProcessEnv;
}

export function planDrill(
  deps: PlannerDeps,
  drill: Drill,
  run: Pick<Plan, 'runId' | 'environment' | 'localEndpoint'>,
): Promise<Plan> {
  const types = new Map(deps.targetTypes.map((type) => [type.spec.type, type]));
  const ports: PlanPorts = {
    specOf: (name) => catalogue.actions.get(name) ?? actionOf(deps.actions, { uses: name }).spec,
    resolve: (target, location) => types.get(target.type)!.resolve(deps.aws, target, location),
    async preview(step, plan) {
      const action = actionOf(deps.actions, step);
      const none = { touches: [], permissions: [], findings: [] };
      const specs = (uses: string) => ports.specOf(uses);
      const outputs = expectedOutputs(plan, specs);
      const said = (id: string, name: string) => `(${name} of step ${id})`;
      const input = staticInput({ ...deps, pollMs: 1000 }, action, step, plan, outputs, said);
      const { findings, ...shown } = (await action.preview?.(input)) ?? none;
      return { preview: { step: step.id, ...shown }, findings };
    },
    peakReplicaLagMs: (target) => peakReplicaLagMs(deps, target),
  };
  return makePlan(ports, drill, run);
}

type Standing = Pick<ResolvedTarget, 'location' | 'account' | 'region' | 'role' | 'externalId'>;

/**
 * What is known of outputs before anything has run: a target that a step will give, without its resource, in the place of the
 * target that the step is given first, or in the location that it is given.
 */
function expectedOutputs(
  { steps, targets, drill }: Pick<Plan, 'steps' | 'targets' | 'drill'>,
  specOf: (uses: string) => ActionSpec,
): (id: string) => JsonObject {
  const placeOf = (step: PlannedStep): Standing | undefined => {
    const fields = Object.entries(specOf(step.uses).params.shape);
    const given = (kind: string) =>
      fields.flatMap(([key, field]) => (metaOf(field as never)?.kind === kind ? [step.with[key]] : []));
    const [named] = given('location');
    if (typeof named === 'string') return { ...drill.locations[named]!, location: named };
    for (const ref of given('target')) {
      if (typeof ref !== 'string') continue;
      const maker = /^\$\(steps\.([\w-]+)\.outputs\./.exec(ref)?.[1];
      const found = maker === undefined ? targets[ref] : placeOfId(maker);
      if (found) return found;
    }
    return undefined;
  };
  const placeOfId = (id: string): Standing | undefined => {
    const step = steps.find((each) => each.id === id);
    return step && !step.implicit && step.effect !== 'undo' ? placeOf(step) : undefined;
  };
  return (id) => {
    const step = steps.find((each) => each.id === id);
    const place = placeOfId(id);
    if (!step || !place) return {};
    const { location, account, region, role, externalId } = place;
    const given = Object.entries(specOf(step.uses).outputs ?? {}).flatMap(([name, { targetType: type }]) => {
      const target = { name: id, type, location, account, region, role, externalId, select: {}, items: [] };
      return type === undefined ? [] : [[name, target] as const];
    });
    return Object.fromEntries(given);
  };
}

const thirtyDaysMs = 30 * 86_400_000;

/** CloudWatch AWS/RDS ReplicaLag (seconds), the maximum per hour over 30 days. */
async function peakReplicaLagMs({ aws, clock }: PlannerDeps, target: ResolvedTarget): Promise<number | undefined> {
  const [item] = target.items;
  if (!item) return undefined;
  const { cloudwatch } = aws.in(target);
  const end = clock.wall();
  const { Datapoints = [] } = await cloudwatch.getMetricStatistics({
    Namespace: 'AWS/RDS',
    MetricName: 'ReplicaLag',
    Dimensions: [{ Name: 'DBInstanceIdentifier', Value: item.id }],
    StartTime: new Date(end.getTime() - thirtyDaysMs),
    EndTime: end,
    Period: 3600,
    Statistics: ['Maximum'],
  });
  const peaks = Datapoints.flatMap(({ Maximum }) => (Maximum === undefined ? [] : [Maximum * 1000]));
  return peaks.length > 0 ? Math.max(...peaks) : undefined;
}
