/**
 * The lab's machines as processes and sockets of this computer. Each kind is in its own file; this one knows which there are.
 */
import { randomBytes } from 'node:crypto';
import type { Binaries } from '../../postgres/binaries.ts';
import { BackupStore } from './backup-store.ts';
import { Balancer } from './balancer.ts';
import type { Workshop } from './database-server.ts';
import { Database } from './database.ts';
import { Instance, type InstanceHost } from './instance.ts';
import type {
  BalancerSpec,
  DatabaseSpec,
  InstanceSpec,
  Machines,
  NetworkTable,
  ReplicaSpec,
  ReplicationState,
  RestoreSource,
  TargetHealth,
} from './machines.ts';
import { Network } from './network.ts';
import type { Endpoint } from './proxy.ts';
import type { Reaping } from './reaping.ts';
import { ReplicationWatch } from './replication-watch.ts';

export interface RealOptions {
  /** Addresses are 127.`network`.x.y. */
  network: number;
  /** For the machines' data; the unprivileged user of `binaries` must be able to pass through it. */
  directory: string;
  /** Compiled programs of instances. */
  programs: string;
  /** DNS server of the instances, `host:port`. */
  resolver: string;
  binaries: Binaries;
  reaping: Reaping;
  /** Told what went wrong behind the scenes, e.g. a standby that could not be made. */
  report: (error: unknown) => void;
}

/** Subnets below are the estate's. Above, machines listen behind their proxies. */
const firstHiddenSubnet = 200;
const hostsPerSubnet = 250;

export class RealMachines implements Machines {
  readonly kind = 'real';
  private readonly workshop: Workshop;
  private readonly host: InstanceHost;
  private readonly network = new Network();
  private readonly databases = new Map<string, Database>();
  private readonly backups: BackupStore;
  private readonly instances = new Map<string, Instance>();
  private readonly balancers = new Map<string, Balancer>();
  private readonly watch = new ReplicationWatch(this.databases);

  constructor({ network, directory, programs, resolver, binaries, reaping, report }: RealOptions) {
    let given = 0;
    const hiddenEndpoint = (): Endpoint => {
      const [subnet, host] = [firstHiddenSubnet + Math.floor(given / hostsPerSubnet), (given % hostsPerSubnet) + 1];
      given += 1;
      return { host: `127.${network}.${subnet}.${host}`, port: 5432 };
    };
    const admin = { user: 'rdsadmin', password: randomBytes(16).toString('hex') };
    this.workshop = { binaries, directory, reaping, hiddenEndpoint, admin, report };
    this.backups = new BackupStore(directory, binaries);
    this.host = { directory, programs, reaping, hiddenEndpoint, resolver, binaries };
  }

  async createDatabase(spec: DatabaseSpec): Promise<void> {
    this.databases.set(spec.id, await Database.create(this.workshop, this.network, spec));
  }

  async createReplica(spec: ReplicaSpec): Promise<void> {
    const source = this.database(spec.source);
    this.databases.set(spec.id, await Database.replicate(this.workshop, this.network, spec, source));
  }

  promoteDatabase(id: string): Promise<void> {
    return this.database(id).promote();
  }

  restartDatabase(id: string, settings: Readonly<Record<string, string>>): Promise<void> {
    return this.database(id).restart(settings);
  }

  reloadDatabase(id: string, settings: Readonly<Record<string, string>>): Promise<void> {
    return this.database(id).reload(settings);
  }

  failOverDatabase(id: string, address?: string): Promise<void> {
    return this.database(id).failOver(address);
  }

  async removeDatabase(id: string): Promise<void> {
    const database = this.database(id);
    this.databases.delete(id);
    await database.remove();
  }

  snapshotDatabase(id: string, snapshot: string): Promise<void> {
    return this.backups.take(this.database(id), snapshot);
  }

  copySnapshot(snapshot: string, copy: string): Promise<void> {
    return this.backups.copy(snapshot, copy);
  }

  removeSnapshot(snapshot: string): Promise<void> {
    return this.backups.remove(snapshot);
  }

  async keepArchive(id: string): Promise<void> {
    await this.database(id).archiveTo(await this.backups.archiveOf(id));
  }

  async archiveDatabase(id: string): Promise<boolean> {
    return (await this.databases.get(id)?.archiveNow()) ?? false;
  }

  async dropArchive(id: string): Promise<void> {
    await this.databases.get(id)?.archiveTo(undefined);
    await this.backups.dropArchive(id);
  }

  async restoreDatabase(spec: DatabaseSpec, { snapshot, until }: RestoreSource): Promise<void> {
    const source = until && this.databases.get(until.of);
    const from = await this.backups.open(snapshot, until, source);
    this.databases.set(spec.id, await Database.restore(this.workshop, this.network, spec, from));
  }

  replication(id: string): ReplicationState | undefined {
    return this.watch.state(id);
  }

  /** Makes a replica's link slow from now on, milliseconds; 0 makes it quick again. Not an AWS call: the lab's own doing. */
  slowReplication(id: string, delayMs: number): void {
    const { upstream } = this.database(id);
    if (upstream !== undefined) upstream.link.delayMs = delayMs;
  }

  /** Resolves when every Multi-AZ database has its standby. */
  async settled(): Promise<void> {
    await Promise.all([...this.databases.values()].map((database) => database.settled()));
  }

  /** Whether a database would take a customer's write, were it reached; undefined while it is down, or still being made. */
  async takesWrites(id: string): Promise<boolean | undefined> {
    return this.databases.get(id)?.takesWrites();
  }

  async startInstance(spec: InstanceSpec): Promise<void> {
    await this.instances.get(spec.id)?.remove();
    this.instances.set(spec.id, await Instance.start(this.host, this.network, spec));
  }

  async killInstance(id: string): Promise<void> {
    await this.instances.get(id)?.kill();
  }

  async removeInstance(id: string): Promise<void> {
    const instance = this.instances.get(id);
    this.instances.delete(id);
    await instance?.discard();
  }

  async runOnInstance(id: string, command: string): Promise<void> {
    const instance = this.instances.get(id);
    if (instance === undefined) throw new Error(`the lab has no instance ${id}`);
    await instance.run(command);
  }

  /** Pid of the instance's program while it runs. */
  processOf(id: string): number | undefined {
    return this.instances.get(id)?.pid;
  }

  async setBalancer(spec: BalancerSpec): Promise<void> {
    const balancer = this.balancers.get(spec.id);
    if (balancer === undefined)
      this.balancers.set(spec.id, await Balancer.open(spec, this.network, this.workshop.hiddenEndpoint));
    else balancer.set(spec);
  }

  async removeBalancer(id: string): Promise<void> {
    const balancer = this.balancers.get(id);
    this.balancers.delete(id);
    await balancer?.close();
  }

  targetHealth(balancer: string): readonly TargetHealth[] {
    return this.balancers.get(balancer)?.targetHealth() ?? [];
  }

  setNetwork(table: NetworkTable): void {
    this.network.set(table);
  }

  async close(): Promise<void> {
    await this.watch.close();
    await Promise.all([...this.balancers.values()].map((balancer) => balancer.close()));
    await Promise.all([...this.instances.values()].map((instance) => instance.remove()));
    await Promise.all([...this.databases.values()].map((database) => database.remove()));
  }

  private database(id: string): Database {
    const database = this.databases.get(id);
    if (database === undefined) throw new Error(`the lab has no database ${id}`);
    return database;
  }
}
