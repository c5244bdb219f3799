/** What a plan says that it needs, against the calls that planning it makes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { catalogue } from '../../src/app/catalogue.ts';
import { permissionsOf, rolesOf, widerThanPlanned } from '../../src/app/permissions.ts';
import { planDrill } from '../../src/app/planner.ts';
import type { AwsCall } from '../../src/aws/aws.ts';
import { iamActionOf } from '../../src/aws/errors.ts';
import { readDefinition } from '../../src/definition/definition.ts';
import { loadDefinition } from '../../src/definition/files.ts';
import type { Drill } from '../../src/domain/drill.ts';
import type { Permission, Plan, ResolvedTarget } from '../../src/domain/plan.ts';
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

describe('what every run finds anew', () => {
  const region = 'eu-central-1';
  const snapshots = `arn:aws:rds:${region}:111122223333:snapshot:`;
  const instances = `arn:aws:ec2:${region}:111122223333:instance/`;
  const planFor = (target: Partial<ResolvedTarget>, more: Partial<Permission> = {}): Plan => {
    const found = resolved('found', { region, account: '111122223333', ...target });
    const resources = [...found.items.map(({ arn }) => arn!), 'arn:made'];
    const permission = { action: 'x:Use', resources, location: 'active', ...more };
    return {
      drill: drillOf({}),
      targets: { found },
      steps: [],
      previews: [{ step: 's', touches: [], permissions: [permission] }],
    } as unknown as Plan;
  };
  const uses = (plan: Plan) =>
    permissionsOf(plan)
      .filter(({ action }) => action === 'x:Use')
      .map(({ resources, when }) => ({ resources, when }));
  const snapshot = (select: ResolvedTarget['select'], id = 'rds:shop-2026-01-31-03-00') =>
    planFor({ type: 'rds/snapshot', select, items: [{ id, arn: `${snapshots}${id}`, facts: {} }] });
  const made = { resources: ['arn:made'] };

  it('is named by its pattern: automated snapshots after their instance', () => {
    const plan = snapshot({ of: 'shop', kind: 'automated' });
    expect(uses(plan)).toEqual([made, { resources: [`${snapshots}rds:shop-*`] }]);
    expect(widerThanPlanned(plan)).toEqual([]);
  });

  it('is named by its pattern as RDS writes it, however the drill does', () => {
    const select = { of: 'Shop', kind: 'automated' };
    const items = (facts: ResolvedTarget['items'][number]['facts']) => [
      { id: 'rds:shop-1', arn: `${snapshots}rds:shop-1`, facts },
    ];
    for (const facts of [{}, { source: 'shop' }]) {
      expect(uses(planFor({ type: 'rds/snapshot', select, items: items(facts) }))).toEqual([
        made,
        { resources: [`${snapshots}rds:shop-*`] },
      ]);
    }
  });

  it.each([
    ['that may be manual', { of: 'shop' }, '*', 'a manual snapshot may have any name'],
    ['that are manual', { of: 'shop', kind: 'manual' }, '*', 'a manual snapshot may have any name'],
    ['of AWS Backup', { of: 'shop', kind: 'awsbackup' }, 'awsbackup:*', 'after its instance'],
  ])('takes in more, and says so, for snapshots %s', (_, select, pattern, said) => {
    const plan = snapshot(select);
    expect(uses(plan)).toEqual([made, { resources: [`${snapshots}${pattern}`] }]);
    expect(widerThanPlanned(plan)).toEqual([expect.stringContaining(said)]);
  });

  it('is not what the drill names itself', () => {
    expect(uses(snapshot({ id: 'before-upgrade' }, 'before-upgrade'))).toEqual([
      { resources: [`${snapshots}before-upgrade`, 'arn:made'] },
    ]);
  });

  it('is known by its tags, beside any other condition', () => {
    const items = ['i-1', 'i-2'].map((id) => ({ id, arn: `${instances}${id}`, facts: {} }));
    const select = { tags: { app: 'shop', tier: 'web' }, max: '2' };
    const when = { StringEquals: { 'ec2:Region': region }, Bool: { 'aws:SecureTransport': 'true' } };
    expect(uses(planFor({ type: 'ec2/instances', select, items }, { when }))).toEqual([
      { ...made, when },
      {
        resources: [`${instances}*`],
        when: {
          StringEquals: { 'ec2:Region': region },
          StringLike: { 'aws:ResourceTag/app': 'shop', 'aws:ResourceTag/tier': 'web' },
          Bool: { 'aws:SecureTransport': 'true' },
        },
      },
    ]);
  });

  it('is known by the tags that EC2 finds it by, wildcards and literal ones', () => {
    const items = [{ id: 'i-1', arn: `${instances}i-1`, facts: {} }];
    const select = { tags: { app: 'shop-*', tier: 'web-?', note: '\\*really\\?\\\\!' }, max: '2' };
    expect(uses(planFor({ type: 'ec2/instances', select, items }))).toContainEqual({
      resources: [`${instances}*`],
      when: {
        StringLike: {
          'aws:ResourceTag/app': 'shop-*',
          'aws:ResourceTag/tier': 'web-?',
          'aws:ResourceTag/note': '${*}really${?}\\!',
        },
      },
    });
  });

  it('is not what the drill selects by ids', () => {
    const items = ['i-1', 'i-2'].map((id) => ({ id, arn: `${instances}${id}`, facts: {} }));
    expect(uses(planFor({ type: 'ec2/instances', select: { ids: ['i-1', 'i-2'] }, items }))).toEqual([
      { resources: [`${instances}i-1`, `${instances}i-2`, 'arn:made'] },
    ]);
  });
});
