/**
 * What the plan shows of every restore: what is made, what it may do, and what would make RDS refuse it. A snapshot that an
 * earlier step is still to make has no facts yet; then as much is said as can be known without them.
 */
import type { DBParameterGroup, DBSubnetGroup } from '@aws-sdk/client-rds';
import type { JsonObject } from '../../domain/json.ts';
import type { Finding, Permission, ResolvedTarget } from '../../domain/plan.ts';
import { ifThere } from '../absent.ts';
import type { ActionInput, ActionPreview } from '../action.ts';
import { ifOwn, ifTaggedAsOwn, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { egressFindings, schedulerFindings } from './copies-must-not-act.ts';
import { databaseArn, findDatabase } from './databases.ts';
import { keyPermissions } from './keys.ts';
import type { Restored } from './restored.ts';

export interface Shown {
  /** A target in the place where the instance is made. */
  place: ResolvedTarget;
  /** Of the new instance; with a `*` for what is not known yet. */
  id: string;
  /** The `arn` of what is restored, and its facts, unless an earlier step is still to make it. */
  source: JsonObject;
  /** IAM action of the call. */
  operation: string;
}

export async function restoredPreview(input: ActionInput<Restored>, shown: Shown): Promise<ActionPreview> {
  const { place, id, source } = shown;
  const { params } = input;
  const kind = textOf(params.instanceClass ?? source['instanceClass']) || 'instance of its source’s class';
  const isNamed = !id.includes('*');
  return {
    touches: [databaseArn(place, id)],
    undo: `delete ${isNamed ? id : 'the copy'} without a final snapshot`,
    permissions: permissionsOf(input, shown),
    findings: [
      {
        severity: 'note',
        code: 'restore-cost',
        message: `A new ${kind} is made${isNamed ? ` as ${id}` : ''} and paid for until the drill ends.`,
      },
      ...(await nameFindings(input, shown)),
      ...egressFindings(input.target(params.securityGroup), params.allowEgress),
      ...(await placeFindings(input, place)),
      ...(await parameterFindings(input, shown)),
    ],
  };
}

/** IAM wants all groups allowed, also those that RDS chooses. Source: Service Authorization Reference, Amazon RDS. */
function permissionsOf(input: ActionInput<Restored>, { place, id, source, operation }: Shown): Permission[] {
  const { params } = input;
  const arn = databaseArn(place, id);
  const own = (kind: string, name: string): string => `arn:aws:rds:${place.region}:${place.account}:${kind}:${name}`;
  const subnetGroup = own('subgrp', params.subnetGroup);
  const parameterGroup = own('pg', params.parameterGroup);
  const optionGroup = own('og', params.optionGroup ?? '*');
  return [
    ...permissions(place, [operation, 'rds:AddTagsToResource'], [arn], ifTaggedAsOwn(input)),
    ...permissions(place, [operation], [textOf(source['arn']), subnetGroup, parameterGroup, optionGroup]),
    ...permissions(place, ['rds:DescribeDBInstances'], [arn]),
    ...permissions(place, ['rds:DeleteDBInstance'], [arn], ifOwn(input)),
    ...permissions(place, ['rds:DescribeDBParameterGroups', 'rds:DescribeDBParameters'], [parameterGroup]),
    ...permissions(place, ['rds:DescribeDBSubnetGroups'], [subnetGroup]),
    ...keyPermissions(place, source),
  ];
}

/** A name that the drill gives may be taken; one of the run's own can't. */
async function nameFindings(input: ActionInput<Restored>, { place, id }: Shown): Promise<Finding[]> {
  if (input.params.as === undefined) return [];
  const there = await findDatabase(input, placeOf(place), id, { signal: new AbortController().signal });
  if (!there) return [];
  return [
    {
      severity: 'refuse',
      code: 'name-taken',
      message: `There is a DB instance ${id} already.`,
      remedy: 'Choose another name with "as", or leave it out: then the run names it.',
    },
  ];
}

/** RDS refuses a security group of another VPC, and a zone without a subnet, only once the drill is under way. */
async function placeFindings(input: ActionInput<Restored>, place: ResolvedTarget): Promise<Finding[]> {
  const { subnetGroup: name, securityGroup, az } = input.params;
  const refuse = (code: string, message: string, remedy: string): Finding[] => [
    { severity: 'refuse', code, message, remedy },
  ];
  const group = await ifThere(async (): Promise<DBSubnetGroup | undefined> => {
    const { DBSubnetGroups = [] } = await input.aws
      .in(placeOf(place))
      .rds.describeDBSubnetGroups({ DBSubnetGroupName: name });
    return DBSubnetGroups[0];
  });
  if (!group) {
    const message = `There is no DB subnet group ${name} in ${place.region}.`;
    return refuse('no-subnet-group', message, 'Name one of the region where the copy is made.');
  }
  const closed = input.target(securityGroup);
  const { id, facts } = onlyItem(closed);
  if (closed.region !== place.region) {
    const message = `Security group ${id} is in ${closed.region}, the copy would be made in ${place.region}.`;
    return refuse('other-region', message, 'Name a security group of the region where the copy is made.');
  }
  const vpc = textOf(facts['vpcId']);
  if (vpc && group.VpcId && vpc !== group.VpcId) {
    const message = `Security group ${id} is in ${vpc}, subnet group ${name} in ${group.VpcId}.`;
    return refuse('other-vpc', message, 'Name a subnet group and a security group of the same VPC.');
  }
  const zones = (group.Subnets ?? []).flatMap(({ SubnetAvailabilityZone: zone }) => zone?.Name ?? []);
  if (az !== undefined && !zones.includes(az)) {
    const message = `Subnet group ${name} has no subnet in ${az}, only in ${[...new Set(zones)].join(', ')}.`;
    return refuse('no-such-zone', message, 'Name one of these zones, or none.');
  }
  return [];
}

/** The group's family tells the engine, whether or not what is restored is there yet. */
async function parameterFindings(
  input: ActionInput<Restored>,
  { place, source }: Pick<Shown, 'place' | 'source'>,
): Promise<Finding[]> {
  const { parameterGroup: name } = input.params;
  const group = await ifThere(async (): Promise<DBParameterGroup | undefined> => {
    const { rds } = input.aws.in(placeOf(place));
    const { DBParameterGroups = [] } = await rds.describeDBParameterGroups({ DBParameterGroupName: name });
    return DBParameterGroups[0];
  });
  if (!group) {
    return [
      {
        severity: 'refuse',
        code: 'no-parameter-group',
        message: `There is no DB parameter group ${name} in ${place.region}.`,
        remedy: 'Make one for restores there, with schedulers and subscriptions off.',
      },
    ];
  }
  const family = group.DBParameterGroupFamily ?? '';
  const engine = textOf(source['engine']);
  const version = textOf(source['version']);
  const fits = engine === '' || isOfFamily(family, engine, version);
  return [
    ...(fits
      ? []
      : [
          {
            severity: 'refuse' as const,
            code: 'other-family',
            message: `Parameter group ${name} is for ${family}, what is restored is ${engine} ${version}.`,
            remedy: 'Name a parameter group of the family of what is restored.',
          },
        ]),
    ...(await schedulerFindings(input, place, name, engineOf(family))),
  ];
}

/** `postgres` of `postgres18`, `oracle-ee` of `oracle-ee-19`. */
export const engineOf = (family: string): string => family.replace(/-?[\d.]+$/, '');

/** Whether `postgres18` takes postgres 18.4. Engines that count otherwise are let pass. */
export function isOfFamily(family: string, engine: string, version: string): boolean {
  if (engineOf(family) !== engine) return false;
  if (!['postgres', 'mysql', 'mariadb'].includes(engine) || version === '') return true;
  const major = family.slice(engine.length);
  return version === major || version.startsWith(`${major}.`);
}
