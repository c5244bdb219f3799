/** The least that drills need to be allowed. */
import { describe, expect, it } from 'vitest';
import type { Planned, Policy } from '../../src/app/policy.ts';
import { policiesOf } from '../../src/app/policy.ts';
import type { AwsCall } from '../../src/aws/aws.ts';
import type { Location } from '../../src/domain/drill.ts';
import type { Permission } from '../../src/domain/plan.ts';

const account = '111122223333';
const location = (name: string, more: Partial<Location> = {}): Location => ({
  name,
  account,
  region: name === 'passive' ? 'eu-west-1' : 'eu-central-1',
  production: false,
  ...more,
});

const call = (service: AwsCall['service'], operation: string, region = 'eu-central-1'): AwsCall => ({
  service,
  operation,
  account,
  region,
  read: true,
  input: {},
});

function planned(
  locations: readonly Location[],
  permissions: readonly Permission[],
  calls: readonly AwsCall[] = [],
): Planned {
  const drill = { locations: Object.fromEntries(locations.map((each) => [each.name, each])) };
  const previews = [{ step: 's', touches: [], permissions }];
  return { plan: { runId: 'r20260131-142501-k3x9', drill, previews }, calls } as unknown as Planned;
}

const allow = (action: string, ...resources: string[]): Permission => ({ action, resources, location: 'active' });
const db = `arn:aws:rds:eu-central-1:${account}:db:shop`;

const only = (...all: Planned[]): Policy => {
  const { byPrincipal } = policiesOf(all);
  expect(byPrincipal.size).toBe(1);
  return [...byPrincipal.values()][0]!;
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

  it('allows what planning was seen to read, by the name that IAM has for it', () => {
    const calls = [call('elbv2', 'DescribeLoadBalancers'), call('sts', 'GetCallerIdentity'), call('s3', 'HeadObject')];
    expect(only(planned([location('active')], [], calls)).Statement).toEqual([
      { Effect: 'Allow', Action: ['elasticloadbalancing:DescribeLoadBalancers', 's3:GetObject'], Resource: '*' },
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

  it('is the sum over several drills', () => {
    const one = planned([location('active')], [allow('rds:RebootDBInstance', db)]);
    const two = planned([location('active')], [allow('rds:RebootDBInstance', `${db}-2`)]);
    expect(only(one, two).Statement).toEqual([
      { Effect: 'Allow', Action: ['rds:RebootDBInstance'], Resource: [db, `${db}-2`] },
    ]);
  });
});

describe('several roles', () => {
  it('get a policy each, for what is done in their locations', () => {
    const locations = [
      location('active', { role: 'drills' }),
      location('passive', { role: 'arn:aws:iam::999999999999:role/x' }),
    ];
    const permissions = [
      allow('rds:RebootDBInstance', db),
      { ...allow('rds:PromoteReadReplica', db), location: 'passive' },
    ];
    const calls = [call('rds', 'DescribeDBInstances', 'eu-west-1'), call('route53', 'ListHostedZones', 'us-east-1')];
    const { byPrincipal, assumes } = policiesOf([planned(locations, permissions, calls)]);
    const actions = Object.fromEntries(
      [...byPrincipal].map(([name, { Statement }]) => [name, Statement.flatMap(({ Action }) => Action).sort()]),
    );
    expect(actions).toEqual({
      [`arn:aws:iam::${account}:role/drills`]: ['rds:RebootDBInstance', 'route53:ListHostedZones'],
      'arn:aws:iam::999999999999:role/x': [
        'rds:DescribeDBInstances',
        'rds:PromoteReadReplica',
        'route53:ListHostedZones',
      ],
    });
    expect(assumes).toEqual([`arn:aws:iam::${account}:role/drills`, 'arn:aws:iam::999999999999:role/x']);
  });

  it('in two regions of one account are one role, and one policy', () => {
    const { byPrincipal } = policiesOf([
      planned(
        [location('active', { role: 'drills' }), location('passive', { role: 'drills' })],
        [allow('rds:RebootDBInstance', db), { ...allow('rds:PromoteReadReplica', db), location: 'passive' }],
      ),
    ]);
    expect([...byPrincipal.keys()]).toEqual([`arn:aws:iam::${account}:role/drills`]);
  });

  it('are named by the partition of their region', () => {
    const china = location('active', { region: 'cn-north-1', role: 'drills' });
    expect(policiesOf([planned([china], [allow('rds:RebootDBInstance', '*')])]).assumes).toEqual([
      `arn:aws-cn:iam::${account}:role/drills`,
    ]);
  });

  it('are not needed for an account whose credentials are used as they are', () => {
    const { byPrincipal, assumes } = policiesOf([planned([location('active')], [allow('rds:RebootDBInstance', db)])]);
    expect([...byPrincipal.keys()]).toEqual([account]);
    expect(assumes).toEqual([]);
  });
});
