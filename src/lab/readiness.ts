/** Whether an estate works as it should before anything is rehearsed on it. */
import { cloudWatchState } from './world/cloudwatch.ts';
import { elbv2State } from './world/elbv2.ts';
import { rdsState } from './world/rds.ts';
import type { World } from './world.ts';

/** The first thing that is missing, as a sentence; undefined when all is well. */
export function notReadyYet(world: World): string | undefined {
  const { machines } = world;
  for (const scope of elbv2State.scopes(world)) {
    for (const { name, machine } of Object.values(elbv2State(world, scope).loadBalancers)) {
      const targets = machines.targetHealth(machine);
      const healthy = targets.filter(({ state }) => state === 'healthy').length;
      if (targets.length === 0 || healthy < targets.length)
        return `load balancer ${name} in ${scope.region} has ${healthy} of ${targets.length} targets healthy`;
    }
  }
  for (const scope of rdsState.scopes(world)) {
    for (const { identifier, resourceId, source } of Object.values(rdsState(world, scope).instances)) {
      if (source !== undefined && machines.replication(resourceId)?.streaming !== true)
        return `replica ${identifier} in ${scope.region} does not stream`;
    }
  }
  for (const scope of cloudWatchState.scopes(world)) {
    const alarm = Object.values(cloudWatchState(world, scope).alarms).find(({ state }) => state !== 'OK');
    if (alarm !== undefined) return `alarm ${alarm.name} in ${scope.region} is ${alarm.state}: ${alarm.reason}`;
  }
  return undefined;
}
