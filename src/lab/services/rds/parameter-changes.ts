/** What changing and resetting parameters share: which changes are allowed, and how they reach instances. */
import type { Parameter } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import { parameterNamed, type ParameterSpec } from '../../world/parameters.ts';
import { rdsState } from '../../world/rds.ts';
import type { ParameterGroup } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { required, requireParameterGroup } from './find.ts';

/** How long RDS takes to bring a dynamic parameter to an instance, milliseconds. */
const reloadMs = 10_000;

export function requireOwnGroup(world: World, scope: Scope, name: string | undefined): ParameterGroup {
  const group = requireParameterGroup(world, scope, name);
  if (group.name.startsWith('default.'))
    throw new AwsError('InvalidDBParameterGroupState', 'Cannot modify a default parameter group.');
  return group;
}

/** @throws AwsError for a parameter that can't be changed so */
export function changeable({ ParameterName, ApplyMethod }: Parameter): { spec: ParameterSpec; immediate: boolean } {
  const name = required('ParameterName', ParameterName);
  const spec = parameterNamed(name);
  if (spec === undefined) throw new AwsError('InvalidParameterValue', `Could not find parameter with name: ${name}`);
  if (!spec.modifiable) throw new AwsError('InvalidParameterValue', `The parameter ${name} cannot be modified.`);
  const immediate = ApplyMethod === 'immediate';
  if (immediate && spec.apply === 'static')
    throw new AwsError('InvalidParameterCombination', 'cannot use immediate apply method for static parameter');
  return { spec, immediate };
}

/**
 * Brings changes to every instance of the group.
 * @param settings server settings that take effect without a reboot; null: back to the server's default
 * @param waits some change waits for a reboot
 */
export function spread(
  world: World,
  scope: Scope,
  group: ParameterGroup,
  settings: Readonly<Record<string, string | null>>,
  waits: boolean,
): void {
  for (const db of Object.values(rdsState(world, scope).instances)) {
    if (db.parameterGroup.name !== group.name) continue;
    if (Object.keys(settings).length > 0) {
      if (db.parameterGroup.applyStatus === 'in-sync') db.parameterGroup.applyStatus = 'applying';
      const lane = `rds:${db.resourceId}`;
      world.after(world.duration(reloadMs), 'rds.reload', scope, { id: db.resourceId, settings }, lane);
    }
    if (waits) db.parameterGroup.applyStatus = 'pending-reboot';
  }
}
