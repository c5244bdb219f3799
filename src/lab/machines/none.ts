/**
 * Machines that only remember: everything succeeds at once, replicas stream while no border is cut, promotion works. Its state is
 * plain JSON, so a sweep copies it together with the World. Runs no process and opens no port.
 */
import type {
  BalancerSpec,
  DatabaseSpec,
  InstanceSpec,
  Machines,
  NetworkTable,
  ReplicationState,
  TargetHealth,
} from './machines.ts';

export interface NoDatabase {
  address: string;
  /** Numbers of the writes that it holds. */
  writes: number[];
  /** Machine id of what it streams from; absent: writable. */
  source?: string;
  delayMs: number;
  settings: Record<string, string>;
  restarts: number;
}

/** Which writes a database had committed by when, oldest first; only what differs from the one before. */
type NoArchive = { at: string; writes: number[] }[];

export interface NoMachinesState {
  databases: Record<string, NoDatabase>;
  /** Numbers of the writes that each holds. */
  snapshots: Record<string, number[]>;
  /** By database. */
  archives: Record<string, NoArchive>;
  instances: Record<string, { address: string; port: number; alive: boolean }>;
  balancers: Record<string, BalancerSpec>;
  network: NetworkTable;
}

export interface NoMachines extends Machines {
  readonly kind: 'none';
  readonly state: NoMachinesState;
  /** A client's write from outside all subnets. @returns whether it was acknowledged */
  write(databaseId: string, n: number): boolean;
  writable(databaseId: string): boolean;
}

export const noMachinesState = (): NoMachinesState => ({
  databases: {},
  snapshots: {},
  archives: {},
  instances: {},
  balancers: {},
  network: { cutSubnets: [], noIngress: [], replicationSurvives: false },
});

const subnetOf = (address: string): string => address.slice(0, address.lastIndexOf('.'));
const isOn = (setting: string | undefined): boolean => setting === 'on' || setting === '1' || setting === 'true';

/** @param state continued and changed in place */
export function noMachines(state: NoMachinesState = noMachinesState()): NoMachines {
  const database = (id: string): NoDatabase => {
    const found = state.databases[id];
    if (found === undefined) throw new Error(`there is no database machine ${id}`);
    return found;
  };
  const snapshotted = (id: string): number[] => {
    const found = state.snapshots[id];
    if (found === undefined) throw new Error(`there is no snapshot ${id}`);
    return found;
  };
  const isCut = (address: string): boolean => state.network.cutSubnets.includes(subnetOf(address));
  const reached = (from: string, to: string): boolean =>
    !state.network.noIngress.includes(to) && (subnetOf(from) === subnetOf(to) || (!isCut(from) && !isCut(to)));
  const streams = ({ address, source }: NoDatabase): boolean => {
    const origin = source === undefined ? undefined : state.databases[source];
    if (origin === undefined) return false;
    return state.network.replicationSurvives || (!isCut(address) && !isCut(origin.address));
  };
  /** Sources first, so that a replica of a replica is served too; a delayed one stays as far behind as it is. */
  const replicate = (): void => {
    for (const replica of Object.values(state.databases)) {
      if (streams(replica) && replica.delayMs === 0) replica.writes = [...database(replica.source ?? '').writes];
    }
  };
  const create = (spec: DatabaseSpec, more: Pick<NoDatabase, 'delayMs' | 'source' | 'writes'>): void => {
    state.databases[spec.id] = { address: spec.address, settings: { ...spec.settings }, restarts: 0, ...more };
  };

  return {
    kind: 'none',
    state,
    async createDatabase(spec) {
      create(spec, { delayMs: 0, writes: [] });
    },
    async createReplica(spec) {
      create(spec, { delayMs: spec.delayMs, source: spec.source, writes: [...database(spec.source).writes] });
    },
    async promoteDatabase(id) {
      delete database(id).source;
    },
    async restartDatabase(id, settings) {
      const restarted = database(id);
      restarted.settings = { ...settings };
      restarted.restarts += 1;
    },
    async reloadDatabase(id, settings) {
      database(id).settings = { ...settings };
    },
    async failOverDatabase(id, address) {
      const failed = database(id);
      failed.address = address ?? failed.address;
      failed.restarts += 1;
    },
    async removeDatabase(id) {
      delete state.databases[id];
    },
    async snapshotDatabase(id, snapshot) {
      state.snapshots[snapshot] = [...database(id).writes];
    },
    async copySnapshot(snapshot, copy) {
      state.snapshots[copy] = [...snapshotted(snapshot)];
    },
    async removeSnapshot(snapshot) {
      delete state.snapshots[snapshot];
    },
    async keepArchive(id) {
      state.archives[id] ??= [];
    },
    async archiveDatabase(id, at) {
      const archive = state.archives[id];
      const archived = state.databases[id];
      if (archive === undefined || archived === undefined || archived.source !== undefined) return false;
      if (archive.at(-1)?.writes.length !== archived.writes.length) archive.push({ at, writes: [...archived.writes] });
      return true;
    },
    async dropArchive(id) {
      delete state.archives[id];
    },
    async restoreDatabase(spec, { snapshot, until }) {
      const archived = until && state.archives[until.of]?.findLast(({ at }) => at <= until.at);
      create(spec, { delayMs: 0, writes: [...(archived?.writes ?? snapshotted(snapshot))] });
    },
    replication(id): ReplicationState | undefined {
      const replica = state.databases[id];
      if (replica?.source === undefined) return undefined;
      const behind = (state.databases[replica.source]?.writes.length ?? 0) - replica.writes.length;
      const lagSeconds = behind > 0 ? Math.max(1, replica.delayMs / 1_000) : 0;
      return { streaming: streams(replica), lagSeconds, received: String(replica.writes.length) };
    },

    async startInstance({ id, address, port }: InstanceSpec) {
      state.instances[id] = { address, port, alive: true };
    },
    async killInstance(id) {
      const killed = state.instances[id];
      if (killed !== undefined) killed.alive = false;
    },
    async removeInstance(id) {
      delete state.instances[id];
    },
    async runOnInstance() {},

    async setBalancer(spec) {
      state.balancers[spec.id] = structuredClone(spec);
    },
    async removeBalancer(id) {
      delete state.balancers[id];
    },
    targetHealth(balancer): readonly TargetHealth[] {
      const { nodes = [], targets = [] } = state.balancers[balancer] ?? {};
      return targets.map(({ id, address }) => {
        if (state.instances[id]?.alive !== true) return { id, state: 'unhealthy', why: 'refused' };
        if (nodes.some((node) => reached(node.address, address))) return { id, state: 'healthy' };
        return { id, state: 'unhealthy', why: 'timeout' };
      });
    },

    setNetwork(table) {
      state.network = structuredClone(table);
      replicate();
    },
    async close() {
      Object.assign(state, noMachinesState());
    },

    writable(id) {
      const { source, settings } = database(id);
      return source === undefined && !isOn(settings['default_transaction_read_only']);
    },
    write(id, n) {
      const { address } = database(id);
      if (!this.writable(id) || isCut(address) || state.network.noIngress.includes(address)) return false;
      database(id).writes.push(n);
      replicate();
      return true;
    },
  };
}
