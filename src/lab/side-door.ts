/**
 * What the lab tells and does for those who test it, beside AWS's API: the truth about its machines, and faults that AWS's API has no
 * call for. Nothing that a drill uses.
 *
 *   GET    /_lab/state        databases and whether they take writes, instances, targets, the network
 *   POST   /_lab/faults       an API fault (api-faults.ts)
 *   DELETE /_lab/faults       ends all API faults
 *   POST   /_lab/replication  { "database": "<resource id>", "delayMs": 0 }: makes a replica lag on purpose
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z, ZodError } from 'zod';
import { apiFault, type ApiFaults } from './api-faults.ts';
import type { RealMachines } from './machines/real.ts';
import { ec2State } from './world/ec2.ts';
import { elbv2State } from './world/elbv2.ts';
import { networkTable } from './world/network.ts';
import { rdsState } from './world/rds.ts';
import type { World } from './world.ts';

export interface Inside {
  world: World;
  machines: RealMachines;
  faults: ApiFaults;
}

const slowness = z.strictObject({ database: z.string(), delayMs: z.number().nonnegative() });

/** @returns true when the request was for the side door, and is taken care of */
export function sideDoor(inside: Inside, request: IncomingMessage, response: ServerResponse): boolean {
  if (!request.url?.startsWith('/_lab/')) return false;
  void answer(inside, request, response);
  return true;
}

async function answer(inside: Inside, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  };
  try {
    const body = await text(request);
    switch (`${request.method} ${request.url}`) {
      case 'GET /_lab/state':
        reply(200, await stateOf(inside));
        return;
      case 'POST /_lab/faults':
        inside.faults.add(apiFault.parse(JSON.parse(body)));
        break;
      case 'DELETE /_lab/faults':
        inside.faults.clear();
        break;
      case 'POST /_lab/replication': {
        const { database, delayMs } = slowness.parse(JSON.parse(body));
        inside.machines.slowReplication(database, delayMs);
        break;
      }
      default:
        reply(404, { error: `the lab has no ${request.method} ${request.url}` });
        return;
    }
    reply(200, {});
  } catch (error) {
    const unreadable = error instanceof SyntaxError || error instanceof ZodError;
    reply(unreadable ? 400 : 500, { error: (error as Error).message });
  }
}

async function stateOf({ world, machines }: Inside) {
  const databases = rdsState.scopes(world).flatMap((scope) =>
    Object.values(rdsState(world, scope).instances).map(async (db) => ({
      region: scope.region,
      identifier: db.identifier,
      id: db.resourceId,
      address: db.address,
      status: db.status,
      takesWrites: await machines.takesWrites(db.resourceId),
      replication: machines.replication(db.resourceId),
    })),
  );
  const instances = ec2State.scopes(world).flatMap((scope) =>
    Object.values(ec2State(world, scope).instances).map(({ id, address, state }) => ({
      region: scope.region,
      id,
      address,
      state,
      pid: machines.processOf(id),
    })),
  );
  const balancers = elbv2State.scopes(world).flatMap((scope) =>
    Object.values(elbv2State(world, scope).loadBalancers).map(({ name, machine, nodes }) => ({
      region: scope.region,
      name,
      addresses: nodes.map(({ address }) => address),
      targets: machines.targetHealth(machine),
    })),
  );
  return { databases: await Promise.all(databases), instances, balancers, network: networkTable(world) };
}
