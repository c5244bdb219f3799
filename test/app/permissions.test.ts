/** What a plan says that it needs, against the calls that planning it makes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { catalogue } from '../../src/app/catalogue.ts';
import { permissionsOf, rolesOf } from '../../src/app/permissions.ts';
import { planDrill } from '../../src/app/planner.ts';
import type { AwsCall } from '../../src/aws/aws.ts';
import { iamActionOf } from '../../src/aws/errors.ts';
import { readDefinition } from '../../src/definition/definition.ts';
import { loadDefinition } from '../../src/definition/files.ts';
import type { Drill } from '../../src/domain/drill.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { multiRegion } from '../../src/lab/estates/multi-region.ts';
import { targetTypes } from '../../src/plan/targets/index.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { fastClock, openTestLab } from '../actions/support/lab.ts';
import { drillOf, resolved } from '../plan/drill.ts';

describe('a shipped drill', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await openTestLab((world) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
  });
  afterAll(() => lab.close());

  const drillIn = async (file: string): Promise<Drill> =>
    readDefinition({ ...(await loadDefinition(file)), catalogue, purpose: 'rehearse' }).drill!;

  it.each(['regional-failover', 'regional-switchover', 'promote-throwaway-replica'])(
    'is planned with nothing but the permissions that its plan lists: %s',
    async (name) => {
      const calls: AwsCall[] = [];
      const aws = lab.aws.for({ countCall: (call) => void calls.push(call) });
      const deps = { actions, targetTypes, aws, clock: fastClock, env: lab.env };
      const drill = await drillIn(`drills/${name}.yaml`);
      const plan = await planDrill(deps, drill, { runId: 'r1', environment: 'other' });
      const places = Object.values(drill.locations);
      const allowed = new Set([
        ...permissionsOf(plan).map(({ action, location }) => `${action} in ${drill.locations[location]!.region}`),
        ...places.map(({ region }) => `sts:AssumeRole in ${region}`),
      ]);
      const made = calls.map((call) => {
        const regions = call.service === 'route53' ? places.map(({ region }) => region) : [call.region];
        return regions.map((region) => `${iamActionOf(call)} in ${region}`);
      });
      expect(made.length).toBeGreaterThan(0);
      expect(made.filter((names) => !names.some((each) => allowed.has(each)))).toEqual([]);
    },
  );
});

describe('the permissions of a plan', () => {
  const role = 'arn:aws:iam::000000000000:role/drills';
  const home = { name: 'home', account: '000000000000', region: 'eu-central-1', production: false };
  const away = { name: 'away', account: '000000000000', region: 'eu-west-1', production: false, role: 'drills' };
  const unused = { name: 'unused', account: '999999999999', region: 'us-east-1', production: false, role: 'other' };
  const plan = {
    drill: drillOf({}, { locations: { home, away, unused } }),
    targets: {
      signals: resolved('signals', { type: 's3/objects', items: [{ id: 'b/', arn: 'arn:aws:s3:::b', facts: {} }] }),
      nothing: resolved('nothing', { type: 's3/objects', items: [] }),
      replica: resolved('replica', { location: 'away' }),
    },
    steps: [{ id: 'promote', pivot: 'replica' }],
    previews: [
      {
        step: 'promote',
        touches: [],
        permissions: [{ action: 'rds:PromoteReadReplica', resources: ['arn:replica'], location: 'away' }],
      },
    ],
  } as unknown as Plan;
  const needs = (action: string) => permissionsOf(plan).filter((permission) => permission.action === action);

  it('hold what the targets are found with, on what was found where AWS can be that precise', () => {
    expect(needs('rds:DescribeDBInstances')).toEqual([
      { action: 'rds:DescribeDBInstances', resources: ['*'], location: 'away' },
    ]);
    expect(needs('s3:ListBucket').map(({ resources }) => resources)).toEqual([['arn:aws:s3:::b'], ['*']]);
  });

  it('hold what its steps call, and the lag of what is promoted', () => {
    expect(needs('rds:PromoteReadReplica')).toMatchObject([{ resources: ['arn:replica'], location: 'away' }]);
    expect(needs('cloudwatch:GetMetricStatistics')).toMatchObject([{ location: 'away' }]);
  });

  it('hold the question who one is, and the roles of the locations that are used', () => {
    expect(needs('sts:GetCallerIdentity').map(({ location }) => location)).toEqual(['home', 'away']);
    expect(rolesOf(plan)).toEqual([role]);
  });
});
