/**
 * Databases and their machines: what the control plane tells a machine about an instance, and which network interfaces stand for
 * it. For the API and estates alike.
 */
import { dropBackups } from './backups.ts';
import { createInterface, deleteInterface, ec2State } from './ec2.ts';
import { settingsOf } from './parameters.ts';
import { rdsState } from './rds.ts';
import type { DbInstance } from './rds.ts';
import { applyNetwork } from './network.ts';
import type { Scope, World } from '../world.ts';

/** Settings of the instance's parameter group as the server takes them. */
export const groupSettings = (world: World, scope: Scope, db: DbInstance): Record<string, string> =>
  settingsOf(rdsState(world, scope).parameterGroups[db.parameterGroup.name]?.values ?? {});

/** Runs the machine of a new instance: a copy of its source where it has one, restored where it is made from a backup. */
export async function startMachine(world: World, scope: Scope, db: DbInstance): Promise<void> {
  db.running = groupSettings(world, scope, db);
  const spec = {
    id: db.resourceId,
    address: db.address,
    port: db.port,
    masterUser: db.masterUser,
    masterPassword: db.masterPassword,
    database: db.database,
    settings: db.running,
    multiAz: db.multiAz,
  };
  if (db.restoring !== undefined) {
    try {
      await world.machines.restoreDatabase(spec, db.restoring);
    } finally {
      delete db.restoring;
    }
  } else if (db.source === undefined) await world.machines.createDatabase(spec);
  else {
    const delayMs = db.replicationDelayMs;
    await world.machines.createReplica({ ...spec, source: db.source.resourceId, delayMs });
  }
}

const describes = { description: 'RDSNetworkInterface', type: 'interface', requesterId: 'amazon-rds' };

/** An interface in the group's subnet of `zone`, or of its first zone. @returns where the instance then stands */
export function standIn(
  world: World,
  scope: Scope,
  subnetGroup: string,
  groups: readonly string[],
  zone?: string,
): { address: string; interfaceId: string; zone: string } {
  const subnetIds = rdsState(world, scope).subnetGroups[subnetGroup]?.subnetIds ?? [];
  const subnets = subnetIds.flatMap((id) => ec2State(world, scope).subnets[id] ?? []);
  const subnet = subnets.find((each) => zone === undefined || each.zone === zone);
  if (subnet === undefined) throw new Error(`subnet group ${subnetGroup} has no subnet in ${zone ?? 'any zone'}`);
  const made = createInterface(world, scope, { ...describes, subnetId: subnet.id, groups: [...groups] });
  applyNetwork(world);
  return { address: made.address, interfaceId: made.id, zone: subnet.zone };
}

/** Gives a Multi-AZ instance its standby's place, in the first other zone of its subnet group. */
export function addStandby(world: World, scope: Scope, db: DbInstance): void {
  const subnetIds = rdsState(world, scope).subnetGroups[db.subnetGroup]?.subnetIds ?? [];
  const zones = subnetIds.map((id) => ec2State(world, scope).subnets[id]?.zone);
  const other = zones.find((zone) => zone !== undefined && zone !== db.zone);
  if (other === undefined) throw new Error(`subnet group ${db.subnetGroup} covers one zone only`);
  const groups = db.securityGroups.map(({ id }) => id);
  db.multiAz = true;
  db.standby = standIn(world, scope, db.subnetGroup, groups, other);
}

export function dropStandby(world: World, scope: Scope, db: DbInstance): void {
  if (db.standby !== undefined) deleteInterface(world, scope, db.standby.interfaceId);
  db.multiAz = false;
  delete db.standby;
  applyNetwork(world);
}

/** The standby takes over where it stands; the old primary's place becomes the new standby's. */
export async function failOver(world: World, db: DbInstance): Promise<void> {
  const { standby } = db;
  if (standby === undefined) return;
  await world.machines.failOverDatabase(db.resourceId, standby.address);
  db.standby = { address: db.address, interfaceId: db.interfaceId, zone: db.zone };
  Object.assign(db, standby);
}

/** Both interfaces of an instance carry the same security groups. */
export function setGroups(world: World, scope: Scope, db: DbInstance, groups: readonly string[]): void {
  const { interfaces } = ec2State(world, scope);
  for (const id of [db.interfaceId, db.standby?.interfaceId]) {
    const found = id === undefined ? undefined : interfaces[id];
    if (found !== undefined) found.groups = [...groups];
  }
  applyNetwork(world);
}

/** Takes an instance out of the world, and its machine and automated backups with it. Its replicas stand alone from then on. */
export async function removeInstance(world: World, scope: Scope, db: DbInstance): Promise<void> {
  await world.machines.removeDatabase(db.resourceId);
  delete rdsState(world, scope).instances[db.resourceId];
  dropBackups(world, scope, db);
  deleteInterface(world, scope, db.interfaceId);
  dropStandby(world, scope, db);
}
