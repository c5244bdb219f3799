/** What can carry tags in RDS, by its ARN. */
import { AwsError } from '../../wire/handler.ts';
import { rdsState } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { requireSnapshot } from './snapshots.ts';
import { required, requireDb, requireParameterGroup, requireSubnetGroup } from './find.ts';

/** @returns the resource's own tags, to be changed in place */
export function tagsByArn(world: World, call: Scope, name: string | undefined): Record<string, string> {
  const arn = required('ResourceName', name);
  const [, region, account, kind, id = ''] = /^arn:aws:rds:([^:]*):([^:]*):([^:]*):(.+)$/.exec(arn) ?? [];
  if (region !== call.region || account !== call.account) throw invalid(arn);
  if (kind === 'db') return requireDb(world, call, id).tags;
  if (kind === 'pg') return requireParameterGroup(world, call, id).tags;
  if (kind === 'snapshot') return requireSnapshot(world, call, id).tags;
  if (kind === 'subgrp') return requireSubnetGroup(world, call, id).tags;
  throw invalid(arn);
}

const invalid = (arn: string): AwsError =>
  new AwsError(
    'InvalidParameterValue',
    `The specified resource name does not match an RDS resource in this region: ${arn}`,
  );

/** How many instances use a parameter group. */
export const usersOf = (world: World, call: Scope, parameterGroup: string): number =>
  Object.values(rdsState(world, call).instances).filter((db) => db.parameterGroup.name === parameterGroup).length;
