/** The names that the provider gives, and the addresses behind them now: databases, balancers, instances, AWS's own endpoints. */
import type { World } from '../world.ts';
import { ec2State, privateName } from './ec2.ts';
import { elbv2State } from './elbv2.ts';
import { endpointName, rdsState } from './rds.ts';

export interface ProviderAnswer {
  /** Empty: the name doesn't exist (any more). */
  addresses: readonly string[];
  ttlSeconds: number;
}

/** TTLs as AWS gives them. @returns undefined for names that aren't the provider's */
export function providerAddresses(world: World, name: string): ProviderAnswer | undefined {
  if (name.endsWith('.rds.amazonaws.com')) return { addresses: databaseAt(world, name), ttlSeconds: 5 };
  if (name.endsWith('.elb.amazonaws.com')) return { addresses: balancerAt(world, name), ttlSeconds: 60 };
  if (name.endsWith('.compute.internal')) return { addresses: instanceAt(world, name), ttlSeconds: 60 };
  if (name.endsWith('.amazonaws.com')) {
    const { endpointAddress } = world.state;
    return { addresses: endpointAddress === undefined ? [] : [endpointAddress], ttlSeconds: 60 };
  }
  return undefined;
}

const databaseAt = (world: World, name: string): string[] =>
  rdsState.scopes(world).flatMap((scope) =>
    Object.values(rdsState(world, scope).instances)
      .filter((db) => endpointName(world, scope, db.identifier) === name)
      .map((db) => db.address),
  );

/** Nodes that reach nothing are left out; if all are, all are answered. */
function balancerAt(world: World, name: string): string[] {
  const balancers = elbv2State.scopes(world).flatMap((scope) => Object.values(elbv2State(world, scope).loadBalancers));
  const nodes = balancers.find(({ dnsName }) => sameBalancer(dnsName, name))?.nodes ?? [];
  const answering = nodes.filter(({ answers }) => answers);
  return (answering.length > 0 ? answering : nodes).map(({ address }) => address);
}

/** Consoles write `dualstack.` before the name; it means the same balancer. */
export const sameBalancer = (dnsName: string, name: string): boolean =>
  dnsName.toLowerCase() === name.replace(/^dualstack\./, '');

const instanceAt = (world: World, name: string): string[] =>
  ec2State.scopes(world).flatMap((scope) =>
    Object.values(ec2State(world, scope).interfaces)
      .filter(({ address }) => privateName(scope.region, address) === name)
      .map(({ address }) => address),
  );
