/**
 * The shipped restore drills under the policies that are printed for them: planned today, run when there is a newer backup, taken
 * back in the end. Every call is decided as AWS would decide it. Databases are looked into over SQL, which asks no permission.
 */
import { afterEach, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { catalogue } from '../../src/app/catalogue.ts';
import { planDrill } from '../../src/app/planner.ts';
import { policiesOf } from '../../src/app/policy.ts';
import type { AwsCall } from '../../src/aws/aws.ts';
import { readDefinition } from '../../src/definition/definition.ts';
import { loadDefinition } from '../../src/definition/files.ts';
import type { WithValue } from '../../src/domain/drill.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Plan, PlannedStep, ResolvedTarget } from '../../src/domain/plan.ts';
import type { Estate } from '../../src/lab/estates/estate.ts';
import { multiRegion } from '../../src/lab/estates/multi-region.ts';
import { singleInstance } from '../../src/lab/estates/single-instance.ts';
import { buckets } from '../../src/lab/services/s3/state.ts';
import { rdsState } from '../../src/lab/world/rds.ts';
import { targetTypes } from '../../src/plan/targets/index.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { active, fastClock, openTestLab, tagsIn } from '../actions/support/lab.ts';
import type { StepSetup } from '../actions/support/step.ts';
import { Journal, doStep, undoStep } from '../actions/support/step.ts';
import { deniedOf } from '../support/iam.ts';

let lab: TestLab;
afterEach(() => lab.close());

const bucket = 'orders-backups';
const runId = 'r1';

async function planned(file: string, id: string): Promise<Plan> {
  const { drill, diagnostics } = readDefinition({ ...(await loadDefinition(file)), catalogue, purpose: 'rehearse' });
  expect(diagnostics).toEqual([]);
  const deps = { actions, targetTypes, aws: lab.aws, clock: fastClock, env: lab.env };
  return planDrill(deps, drill!, { runId: id, environment: 'other' });
}

/** A backup of a day: a snapshot of the database where there is one, a dump with its manifest where those are kept. */
async function takeBackups(day: string): Promise<string[]> {
  const id = `rds:orders-db-${day}-03-00`;
  const key = `nightly/orders-${day}.copydump`;
  const now = fastClock.wall().toISOString();
  const { snapshots } = rdsState(lab.world, active);
  const [known] = Object.values(snapshots);
  if (known) snapshots[day] = { ...known, identifier: id, originalAt: now, takenAt: now };
  if (!buckets(lab.world)[bucket]) return [id];
  const { s3 } = lab.aws.in(active);
  const put = (Key: string, Body: string) =>
    s3.putObject({ Bucket: bucket, Key, Body, Metadata: { 'recovery-point': now } });
  await put(`${key}.manifest.json`, JSON.stringify({ takenAt: now, engine: 'postgres', tables: {} }));
  await put(key, 'a dump');
  return [id, key];
}

/** As whoever the script of the instance reports for. */
const reportReady = () =>
  lab.aws.in(active).s3.putObject({
    Bucket: bucket,
    Key: `drills/${runId}-launch.json`,
    Body: JSON.stringify({ status: 'ready', database: { engine: 'postgres', port: 5432, name: 'orders' } }),
  });

const output = /\$\(steps\.([\w-]+)\.outputs\.([\w-]+)\)/g;

function setUpOf(step: PlannedStep, { targets, drill }: Plan, outputs: ReadonlyMap<string, JsonObject>): StepSetup {
  const handedOn = [...outputs].flatMap(([id, given]) =>
    Object.entries(given).map(([name, value]) => [`$(steps.${id}.outputs.${name})`, value] as const),
  );
  const made = Object.fromEntries(handedOn.filter(([, value]) => typeof value === 'object'));
  const fill = (value: WithValue): WithValue => {
    if (typeof value !== 'string')
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
    return value.replaceAll(output, (text, id: string, name: string) => {
      const given = outputs.get(id)?.[name];
      return typeof given === 'string' ? given : text;
    });
  };
  const { id: stepId, phase, timeoutMs } = step;
  return {
    lab,
    action: actions.get(step.uses)!,
    params: fill(step.with) as Record<string, unknown>,
    targets: { ...targets, ...(made as unknown as Record<string, ResolvedTarget>) },
    more: {
      runId,
      stepId,
      phase,
      timeoutMs,
      file: (path) => drill.files![path]!,
      location: (name) => drill.locations[name]!,
    },
  };
}

/** Making something is asked of what it is made in, too, which carries no tags. */
const onTheVpc = /^ec2:Create(NetworkAcl|SecurityGroup)$/;

it.each(['regional-failover', 'regional-switchover', 'promote-throwaway-replica'])(
  'allows %s to make, tag and delete nothing but as its own',
  async (name) => {
    lab = await openTestLab((world) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
    const policies = policiesOf([await planned(`drills/${name}.yaml`, runId)]);
    const able = [...policies.values()]
      .flatMap(({ Statement }) => Statement)
      .flatMap(({ Action, Resource, Condition }) =>
        Action.filter((action) => /^(ec2:(Create|Delete|Terminate|Run)|rds:(AddTags|RemoveTags|Delete))/.test(action))
          .filter((action) => !(onTheVpc.test(action) && [Resource].flat().every((each) => each.includes(':vpc/'))))
          .map((action) => ({ action, own: Object.keys(Condition?.['StringLike'] ?? {}) })),
      );
    expect(able.length).toBeGreaterThan(1);
    for (const { action, own } of able) {
      expect([action, own]).toEqual([action, expect.arrayContaining([expect.stringMatching(/Tag\/firedrill:run$/)])]);
    }
  },
);

it.each<[string, Estate]>([
  ['restore-dump-to-fresh-instance', singleInstance],
  ['restore-rds-point-in-time', multiRegion],
  ['restore-rds-snapshot', multiRegion],
  ['restore-snapshot-cross-region', multiRegion],
])('allows all that a run of %s calls, also tomorrow and for cleaning up', async (name, estate) => {
  lab = await openTestLab((world) => estate.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
  const file = `drills/${name}.yaml`;
  await takeBackups('2030-01-30');
  const [policy] = policiesOf([await planned(file, 'r20260131-142501-k3x9')]).values();
  const newest = await takeBackups('2030-01-31');
  expect(policy!.Statement.filter(({ Resource }) => /s3:::\*/.test([Resource].flat().join()))).toEqual([]);
  const refused = new Set<string>();
  let calls = 0;
  const decide = (call: AwsCall): void => {
    calls += 1;
    for (const denied of deniedOf(policy!, call, (arn) => tagsIn(lab, arn))) refused.add(denied);
  };
  lab.onCall.before = decide;

  const plan = await planned(file, runId);
  const outputs = new Map<string, JsonObject>();
  const done: [StepSetup, Journal][] = [];
  for (const step of plan.steps.filter(({ phase }) => phase === 'recover')) {
    if (step.uses === 'ec2/await-ready') {
      lab.onCall.before = undefined;
      await reportReady();
      lab.onCall.before = decide;
    }
    const setup = setUpOf(step, plan, outputs);
    const journal = new Journal();
    done.push([setup, journal]);
    outputs.set(step.id, (await doStep(setup, journal)).outputs);
  }
  for (const [setup, journal] of done.toReversed()) await undoStep(setup, journal);

  expect([...refused]).toEqual([]);
  expect(calls).toBeGreaterThan(10);
  const restored = JSON.stringify([plan.targets, ...outputs]);
  expect(newest.some((each) => restored.includes(each))).toBe(name !== 'restore-rds-point-in-time');
});
