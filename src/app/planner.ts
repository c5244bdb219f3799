/** Plans a drill against what exists: binds the planning stage to actions, target types and the funnel. */
import type { Action, ActionPreview } from '../actions/action.ts';
import type { Aws } from '../aws/aws.ts';
import type { ActionSpec, ProbeSpec } from '../domain/catalogue.ts';
import type { Clock } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { standIn } from '../domain/fields.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Finding, Plan, PlannedStep, ResolvedTarget } from '../domain/plan.ts';
import { makePlan } from '../plan/plan.ts';
import type { PlanPorts } from '../plan/plan.ts';
import type { TargetType } from '../plan/targets/target.ts';
import { catalogue } from './catalogue.ts';
import { actionOf, staticInput } from './parts.ts';
import { missingSecrets } from './secrets-present.ts';
import { standingsOf } from './standing.ts';

export interface PlannerDeps {
  actions: ReadonlyMap<string, Action>;
  targetTypes: readonly TargetType[];
  aws: Aws;
  clock: Clock;
  env: NodeJS.ProcessEnv;
}

export async function planDrill(
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
      const outputs = expectedOutputs(plan.drill, specs);
      const input = staticInput({ ...deps, pollMs: 1000 }, action, step, plan, outputs, standIn);
      const { findings, lacks = {}, ...shown }: ActionPreview = (await action.preview?.(input)) ?? none;
      return { preview: { step: step.id, ...shown }, findings: [...findings, ...missedBy(plan.steps, step.id, lacks)] };
    },
    peakReplicaLagMs: (target) => peakReplicaLagMs(deps, target),
  };
  const { aws, env } = deps;
  const probeSpec = (name: string): ProbeSpec => catalogue.probes.get(name)!;
  const findings = await missingSecrets({ aws, env, actionSpec: (name) => ports.specOf(name), probeSpec }, drill);
  return makePlan(ports, drill, { ...run, findings });
}

/**
 * What is known of outputs before anything has run: a target that a step will give, without its resource, in the place where
 * the step takes place.
 */
function expectedOutputs(drill: Drill, specOf: (uses: string) => ActionSpec): (id: string) => JsonObject {
  const standingOf = standingsOf(drill, specOf);
  const steps = Object.values(drill.steps).flat(2);
  return (id) => {
    const step = steps.find((each) => each.id === id);
    const place = standingOf(id);
    if (!step || !place) return {};
    const given = Object.entries(specOf(step.uses).outputs ?? {}).flatMap(([name, { targetType: type }]) => {
      const target = { name: id, type, ...place, select: {}, items: [] };
      return type === undefined ? [] : [[name, target] as const];
    });
    return Object.fromEntries(given);
  };
}

/**
 * What steps take that another one would not give as things are: they would end the run, which had proved nothing. It is no
 * reason to refuse: by the time of the run it may be there.
 */
const missedBy = (steps: readonly PlannedStep[], giver: string, lacks: Readonly<Record<string, string>>): Finding[] =>
  Object.entries(lacks).flatMap(([output, why]) =>
    steps
      .filter((taker) => JSON.stringify(taker.with).includes(`$(steps.${giver}.outputs.${output})`))
      .map(({ id }) => ({
        severity: 'warn',
        code: 'output-missing',
        step: id,
        message: `As things are, this step will prove nothing, for it takes the ${output} that ${giver} finds. ${why}`,
        remedy: 'Have what is missing made, or do without it: the run would be inconclusive, after all the work.',
      })),
  );

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
