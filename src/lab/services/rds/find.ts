/** Finding what a call names, with RDS's errors where it isn't there or isn't ready. */
import { AwsError } from '../../wire/handler.ts';
import { dbByIdentifier, rdsState, refOf, replicasOf } from '../../world/rds.ts';
import type { DbInstance, ParameterGroup, SubnetGroup } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';

/** Identifiers are case-insensitive; calls may give the instance's ARN instead. */
export function requireDb(world: World, scope: Scope, identifier: string | undefined): DbInstance {
  const name = required('DBInstanceIdentifier', identifier).replace(/^arn:aws:rds:[^:]*:[^:]*:db:/, '');
  const db = dbByIdentifier(rdsState(world, scope), name);
  if (db === undefined) throw new AwsError('DBInstanceNotFound', `DBInstance ${name} not found.`, 404);
  return db;
}

export function required(parameter: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

export const invalidState = (message: string): AwsError => new AwsError('InvalidDBInstanceState', message);

/** @throws AwsError InvalidDBInstanceState with `message` unless nothing is under way and the status is one of `states` */
export function requireReady(db: DbInstance, message: string, states: readonly string[] = ['available']): void {
  if (db.busy !== undefined || !states.includes(db.status)) throw invalidState(message);
}

export function requireParameterGroup(world: World, scope: Scope, name: string | undefined): ParameterGroup {
  const wanted = required('DBParameterGroupName', name).toLowerCase();
  const group = rdsState(world, scope).parameterGroups[wanted];
  if (group === undefined) throw new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${wanted}`, 404);
  return group;
}

export function requireSubnetGroup(world: World, scope: Scope, name: string): SubnetGroup {
  const group = rdsState(world, scope).subnetGroups[name.toLowerCase()];
  if (group === undefined)
    throw new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, 404);
  return group;
}

export const hasReplicas = (world: World, scope: Scope, db: DbInstance): boolean =>
  replicasOf(world, refOf(scope, db)).length > 0;

/** Names in RDS: letters, digits and single hyphens, beginning with a letter. */
export function requireName(parameter: string, value: string, maxLength: number): string {
  if (/^[a-zA-Z](-?[a-zA-Z0-9])*$/.test(value) && value.length <= maxLength) return value.toLowerCase();
  throw new AwsError(
    'InvalidParameterValue',
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
  );
}
