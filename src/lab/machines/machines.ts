/**
 * What the lab's control plane asks of its machines. `real` runs processes, Postgres, balancers and proxies; `none` only
 * remembers, so that sweeps can fork the World thousands of times. Ids are the World's, and stay when a database is renamed.
 *
 * Addresses are 127.N.subnet.host. A machine listens behind a proxy on its address; the proxy decides by source address
 * whether a connection passes or hangs (NACL: also existing connections; security group: only new ones).
 */

export interface DatabaseSpec {
  id: string;
  address: string;
  port: number;
  masterUser: string;
  masterPassword: string;
  database: string;
  /** Server settings from the instance's parameter group, e.g. `default_transaction_read_only: on`. */
  settings: Readonly<Record<string, string>>;
  /** Keep a synchronous standby in another zone (Multi-AZ). It has no address of its own until a failover. */
  multiAz: boolean;
}

export interface ReplicaSpec extends DatabaseSpec {
  /** Machine id of the source. */
  source: string;
  /** Apply WAL this late on purpose (a lagging replica), milliseconds. */
  delayMs: number;
}

/** What a database is restored from. */
export interface RestoreSource {
  snapshot: string;
  /** Goes on from the snapshot with what the database `of` had committed by `at`, ISO 8601; its archive holds that. */
  until?: { of: string; at: string };
}

export interface ReplicationState {
  /** False for a replica whose link is cut or that has been promoted. */
  streaming: boolean;
  /** Seconds as AWS/RDS ReplicaLag counts them: now minus the last replayed transaction's commit, 0 when caught up. */
  lagSeconds?: number;
  /** Newest WAL position received, decimal text. */
  received?: string;
}

export interface InstanceSpec {
  id: string;
  address: string;
  /** Where the program listens. */
  port: number;
  /** Ports at which other servers on the instance are reached, once they listen. */
  furtherPorts?: readonly number[];
  /** Program that the image runs, by name, e.g. `orders`. */
  program: string;
  env: Readonly<Record<string, string>>;
  /** Script that runs at first boot. */
  userData?: string;
}

export interface BalancerSpec {
  id: string;
  /** One listening address per zone. */
  nodes: readonly { zone: string; address: string }[];
  port: number;
  targets: readonly { id: string; address: string; port: number }[];
  health: { path: string; intervalMs: number; timeoutMs: number; healthyCount: number; unhealthyCount: number };
}

export interface TargetHealth {
  id: string;
  /** As some node of the balancer sees it; `unknown` before the first check. */
  state: 'healthy' | 'unhealthy' | 'unknown';
  why?: string;
}

/** Who reaches whom. Replaced whole at every change; proxies act on it at once, existing connections too. */
export interface NetworkTable {
  /** Subnets whose network ACL denies everything, as `127.N.s` prefixes: nothing crosses their border, inside works on. */
  cutSubnets: readonly string[];
  /** Addresses whose security group admits no new connection. */
  noIngress: readonly string[];
  /** Cross-region replication outlives cut subnets (`replicationSurvives`). */
  replicationSurvives: boolean;
}

export interface Machines {
  readonly kind: 'real' | 'none';
  createDatabase(spec: DatabaseSpec): Promise<void>;
  /** Copies the source and streams from it. Resolves when the replica accepts read-only connections. */
  createReplica(spec: ReplicaSpec): Promise<void>;
  /** Ends recovery: the replica becomes writable. Resolves when it is. */
  promoteDatabase(id: string): Promise<void>;
  /** Ends every connection, applies settings, starts again. */
  restartDatabase(id: string, settings: Readonly<Record<string, string>>): Promise<void>;
  /** Applies settings that need no restart; existing sessions take them up. */
  reloadDatabase(id: string, settings: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Multi-AZ failover: the primary dies, the synchronous standby takes over. It serves at `address`, which lies in a subnet of its
   * own zone, so that a cut zone doesn't cut it; without one it takes the primary's address.
   */
  failOverDatabase(id: string, address?: string): Promise<void>;
  removeDatabase(id: string): Promise<void>;

  /** Copies a database as it is when the copy ends, while it works on. The copy needs nothing of the database any more. */
  snapshotDatabase(id: string, snapshot: string): Promise<void>;
  copySnapshot(snapshot: string, copy: string): Promise<void>;
  removeSnapshot(snapshot: string): Promise<void>;
  /** Archives what the database commits from now on. The archive outlives the database. */
  keepArchive(id: string): Promise<void>;
  /**
   * Brings to the archive what was committed until now, `at`, ISO 8601. @returns whether that went: not where nothing is archived,
   * nor while the database is down
   */
  archiveDatabase(id: string, at: string): Promise<boolean>;
  /** Ends archiving and removes what was archived. */
  dropArchive(id: string): Promise<void>;
  /** A new database with the content of `source`, its passwords among it. Resolves when it accepts connections. */
  restoreDatabase(spec: DatabaseSpec, source: RestoreSource): Promise<void>;

  /** Newest known state of a replica's link; cheap, from memory. */
  replication(id: string): ReplicationState | undefined;

  startInstance(spec: InstanceSpec): Promise<void>;
  /** Everything on it dies at once: connections are refused from then on. */
  killInstance(id: string): Promise<void>;
  /** It is gone for good, and what was on its disk. */
  removeInstance(id: string): Promise<void>;
  /** Has a shell on the instance do something. Resolves when it is done. @throws Error when it fails */
  runOnInstance(id: string, command: string): Promise<void>;

  /** Creates the balancer or takes over its new list of targets. */
  setBalancer(spec: BalancerSpec): Promise<void>;
  removeBalancer(id: string): Promise<void>;
  /** Newest known health of the targets; cheap, from memory. Health that no node can determine is `unhealthy`. */
  targetHealth(balancer: string): readonly TargetHealth[];

  setNetwork(table: NetworkTable): void;
  /** Ends everything; resolves when no process and no port is left. */
  close(): Promise<void>;
}
