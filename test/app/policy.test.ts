/** The least that drills need to be allowed. */
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/app/policy.ts';
import { policiesOf } from '../../src/app/policy.ts';
import type { Location } from '../../src/domain/drill.ts';
import type { Permission, Plan } from '../../src/domain/plan.ts';
import { resolved } from '../plan/drill.ts';

const account = '111122223333';
const location = (name: string, more: Partial<Location> = {}): Location => ({
  name,
  account,
  region: name === 'passive' ? 'eu-west-1' : 'eu-central-1',
  production: false,
  ...more,
});

function planned(locations: readonly Location[], permissions: readonly Permission[], more: Partial<Plan> = {}): Plan {
  const drill = { locations: Object.fromEntries(locations.map((each) => [each.name, each])) };
  const previews = [{ step: 's', touches: [], permissions }];
  return { runId: 'r20260131-142501-k3x9', drill, targets: {}, steps: [], previews, ...more } as unknown as Plan;
}

const allow = (action: string, ...resources: string[]): Permission => ({ action, resources, location: 'active' });
const db = `arn:aws:rds:eu-central-1:${account}:db:shop`;

const whoAmI = 'sts:GetCallerIdentity';

const only = (...all: Plan[]): Policy => {
  const policies = policiesOf(all);
  expect(policies.size).toBe(1);
  const [policy] = policies.values();
  return { ...policy!, Statement: policy!.Statement.flatMap(withoutAskingWho) };
};
/** Every policy allows that; the tests are about the rest. */
const withoutAskingWho = (statement: Policy['Statement'][number]): Policy['Statement'] => {
  const Action = statement.Action.filter((action) => action !== whoAmI);
  return Action.length > 0 ? [{ ...statement, Action }] : [];
};

describe('a policy', () => {
  it('allows what the steps need, where they need it, and no more', () => {
    const policy = only(
      planned([location('active')], [allow('rds:RebootDBInstance', db), allow('rds:ModifyDBInstance', db)]),
    );
    expect(policy).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['rds:ModifyDBInstance', 'rds:RebootDBInstance'], Resource: [db] }],
    });
  });

  it('allows what the targets are found with, by the name that IAM has for it, and asking who one is', () => {
    const targets = { alb: resolved('alb', { type: 'elbv2/load-balancer', location: 'active' }) };
    const [policy] = policiesOf([planned([location('active')], [], { targets })]).values();
    expect(policy!.Statement).toEqual([
      { Effect: 'Allow', Action: ['elasticloadbalancing:DescribeLoadBalancers', whoAmI], Resource: '*' },
    ]);
  });

  it('has a wildcard where the id of the run stands', () => {
    const { Statement } = only(
      planned([location('active')], [allow('rds:ModifyDBInstance', `${db}-kept-r20260131-142501-k3x9`)]),
    );
    expect(Statement[0]!.Resource).toEqual([`${db}-kept-*`]);
  });

  it('lists nothing again that is allowed everywhere, and takes what has no ARN for everywhere', () => {
    const { Statement } = only(
      planned(
        [location('active')],
        [allow('rds:DescribeDBInstances', db), allow('rds:DescribeDBInstances', '*'), allow('ec2:CreateTags', 'sg-1')],
      ),
    );
    expect(Statement).toEqual([
      { Effect: 'Allow', Action: ['ec2:CreateTags', 'rds:DescribeDBInstances'], Resource: '*' },
    ]);
  });

  it('says under which condition, and with a wildcard where the id of the run stands in it', () => {
    const own = { StringLike: { 'aws:ResourceTag/firedrill:run': 'r20260131-142501-k3x9' } };
    const { Statement } = only(
      planned(
        [location('active')],
        [allow('rds:DescribeDBInstances', db), { ...allow('rds:DeleteDBInstance', db), when: own }],
      ),
    );
    expect(Statement).toEqual([
      { Effect: 'Allow', Action: ['rds:DescribeDBInstances'], Resource: [db] },
      {
        Effect: 'Allow',
        Action: ['rds:DeleteDBInstance'],
        Resource: [db],
        Condition: { StringLike: { 'aws:ResourceTag/firedrill:run': '*' } },
      },
    ]);
  });

  it('leaves out what is allowed already, by a wildcard or without the condition', () => {
    const when = { StringLike: { 's3:prefix': 'nightly/' } };
    const { Statement } = only(
      planned(
        [location('active')],
        [
          allow('rds:DescribeDBInstances', db, `${db}-*`, `${db}-copy`),
          { ...allow('rds:DescribeDBInstances', `${db}-copy`, 'arn:aws:rds:eu-central-1:9:db:shop'), when },
        ],
      ),
    );
    expect(Statement).toEqual([
      { Effect: 'Allow', Action: ['rds:DescribeDBInstances'], Resource: [db, `${db}-*`] },
      {
        Effect: 'Allow',
        Action: ['rds:DescribeDBInstances'],
        Resource: ['arn:aws:rds:eu-central-1:9:db:shop'],
        Condition: when,
      },
    ]);
  });

  it('names resources by the partition of their region', () => {
    const { Statement } = only(
      planned([location('active', { region: 'us-gov-west-1' })], [allow('rds:ModifyDBInstance', db)]),
    );
    expect(Statement[0]!.Resource).toEqual([db.replace('arn:aws:', 'arn:aws-us-gov:')]);
  });

  it.each([
    ['us-gov-west-1', 'arn:aws-us-gov:', 'ec2.amazonaws.com', 'rds.*.amazonaws.com'],
    [
      'cn-north-1',
      'arn:aws-cn:',
      ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'],
      ['rds.*.amazonaws.com', 'rds.*.amazonaws.com.cn'],
    ],
    ['eu-central-1', 'arn:aws:', 'ec2.amazonaws.com', 'rds.*.amazonaws.com'],
  ])('names what conditions hold as it is called there, too: %s', (region, arns, ec2, rds) => {
    const template = 'arn:aws:ec2:eu-central-1:1:launch-template/lt-1';
    const tag = { 'aws:ResourceTag/made-by': 'arn:aws:iam::1:role/amazonaws.com' };
    const when = {
      ArnEquals: { 'ec2:LaunchTemplate': template },
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com', ...tag },
      StringLike: { 'kms:ViaService': 'rds.*.amazonaws.com' },
    };
    const { Statement } = only(planned([location('active', { region })], [{ ...allow('x:Use', db), when }]));
    expect(Statement.map(({ Condition }) => Condition)).toEqual([
      {
        ArnEquals: { 'ec2:LaunchTemplate': template.replace('arn:aws:', arns) },
        StringEquals: { 'iam:PassedToService': ec2, ...tag },
        StringLike: { 'kms:ViaService': rds },
      },
    ]);
  });

  it('is the sum over several drills', () => {
    const one = planned([location('active')], [allow('rds:RebootDBInstance', db)]);
    const two = planned([location('active')], [allow('rds:RebootDBInstance', `${db}-2`)]);
    expect(only(one, two).Statement).toEqual([
      { Effect: 'Allow', Action: ['rds:RebootDBInstance'], Resource: [db, `${db}-2`] },
    ]);
  });
});

describe('roles', () => {
  const actionsOf = (plans: readonly Plan[]): Record<string, string[]> =>
    Object.fromEntries(
      [...policiesOf(plans)].map(([name, { Statement }]) => [name, Statement.flatMap(({ Action }) => Action).sort()]),
    );
  const reboot = allow('rds:RebootDBInstance', db);
  const promote = { ...allow('rds:PromoteReadReplica', db), location: 'passive' };
  const drills = `arn:aws:iam::${account}:role/drills`;
  const far = 'arn:aws:iam::999999999999:role/x';

  it('get a policy each, for what is done in their locations, and whoever starts firedrill may assume them', () => {
    const plan = planned(
      [location('active', { role: 'drills' }), location('passive', { role: far })],
      [reboot, promote],
    );
    expect(actionsOf([plan])).toEqual({
      [drills]: ['rds:RebootDBInstance', whoAmI],
      [far]: ['rds:PromoteReadReplica', whoAmI],
      caller: ['sts:AssumeRole'],
    });
    expect(policiesOf([plan]).get('caller')!.Statement).toEqual([
      { Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: [drills, far] },
    ]);
  });

  it('in two regions of one account are one role, and one policy', () => {
    const locations = [location('active', { role: 'drills' }), location('passive', { role: 'drills' })];
    expect(Object.keys(actionsOf([planned(locations, [reboot, promote])]))).toEqual([drills, 'caller']);
  });

  it('are assumed by the credentials of a location that has none', () => {
    const locations = [location('active'), location('passive', { role: 'drills' })];
    expect(actionsOf([planned(locations, [reboot, promote])])).toEqual({
      [account]: ['rds:RebootDBInstance', 'sts:AssumeRole', whoAmI],
      [drills]: ['rds:PromoteReadReplica', whoAmI],
    });
  });

  it('are named by the partition of their region', () => {
    const china = location('active', { region: 'cn-north-1', role: 'drills' });
    expect(Object.keys(actionsOf([planned([china], [reboot])]))).toContain(`arn:aws-cn:iam::${account}:role/drills`);
  });

  it('are not needed for an account whose credentials are used as they are', () => {
    expect(actionsOf([planned([location('active')], [reboot])])).toEqual({
      [account]: ['rds:RebootDBInstance', whoAmI],
    });
  });
});
