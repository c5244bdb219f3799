/**
 * One database of the lab as its customers know it: a primary behind an address, a synchronous standby where it is Multi-AZ, or a
 * stream from a source where it is a replica. A renamed or failed-over database is still the same.
 *
 *   127.N.s.h:5432 --proxy--> primary <== synchronous, the provider's own ==> standby
 *                                ^
 *                                '-- replication link (proxy) -- replica in another region
 */
import { Client } from 'pg';
import type { Archive } from './archive.ts';
import type { DatabaseSpec, ReplicaSpec } from './machines.ts';
import { DatabaseServer, type Settings, type Workshop } from './database-server.ts';
import type { Network } from './network.ts';
import { Proxy } from './proxy.ts';
import { openReplicationLink, type ReplicationLink } from './replication-link.ts';

const standbySlot = 'standby';

export interface Stream {
  source: Database;
  link: ReplicationLink;
  slot: string;
}

/** What a database is restored from: a copied data directory, and settings that say how to recover and how far. */
export interface Backup {
  backup: string;
  recovery: Settings;
}

export class Database {
  readonly spec: DatabaseSpec;
  private readonly workshop: Workshop;
  private readonly network: Network;
  /** Where it serves now. After a failover that is the standby's zone. */
  private address: string;
  /** By address. At those that it doesn't serve at, it is dead. */
  private readonly proxies = new Map<string, Proxy>();
  private readonly replicas = new Set<Database>();
  private settings: Settings;
  private server: DatabaseServer;
  private standby: DatabaseServer | undefined;
  /** Set while this is a replica. */
  private stream: Stream | undefined;
  /** Set while its log is kept for restores. */
  private archive: Archive | undefined;
  /** Standby that is being made, and slots that are being dropped; nothing that a customer waits for. */
  private upkeep: Promise<void> = Promise.resolve();
  private made = 0;
  private ending = false;

  private constructor(workshop: Workshop, network: Network, spec: DatabaseSpec, server: DatabaseServer) {
    this.workshop = workshop;
    this.spec = spec;
    this.server = server;
    this.settings = spec.settings;
    this.network = network;
    this.address = spec.address;
  }

  static async create(workshop: Workshop, network: Network, spec: DatabaseSpec): Promise<Database> {
    const server = await DatabaseServer.create(workshop, `${spec.id}-0`, spec.settings);
    await server.query(
      `CREATE ROLE ${name(spec.masterUser)} LOGIN CREATEDB CREATEROLE PASSWORD ${text(spec.masterPassword)}`,
    );
    await server.query(
      `GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO ${name(spec.masterUser)} WITH ADMIN OPTION`,
    );
    await server.query(`CREATE DATABASE ${name(spec.database)} OWNER ${name(spec.masterUser)}`);
    const database = new Database(workshop, network, spec, server);
    if (spec.multiAz) database.keepUp(() => database.makeStandby());
    await database.serve();
    return database;
  }

  static async replicate(workshop: Workshop, network: Network, spec: ReplicaSpec, source: Database): Promise<Database> {
    const slot = `replica_${spec.id.replaceAll(/\W/g, '_').toLowerCase()}`;
    const ends = { replica: () => spec.address, source: () => source.address };
    const gate = network.gateBetween(ends);
    const link = await openReplicationLink(workshop.hiddenEndpoint(), gate, source.server.endpoint);
    const options = { name: `${spec.id}-0`, settings: spec.settings, slot, via: link.endpoint };
    const server = await DatabaseServer.cloneOf(source.server, options);
    link.delayMs = spec.delayMs;
    const database = new Database(workshop, network, spec, server);
    ends.replica = () => database.address;
    database.stream = { source, link, slot };
    source.replicas.add(database);
    await database.serve();
    return database;
  }

  /** A database of its own with the content of a backup, its roles and passwords among it; nothing ties it to where that came from. */
  static async restore(workshop: Workshop, network: Network, spec: DatabaseSpec, from: Backup): Promise<Database> {
    const server = await DatabaseServer.restore(workshop, { name: `${spec.id}-0`, settings: spec.settings, ...from });
    const database = new Database(workshop, network, spec, server);
    if (spec.multiAz) database.keepUp(() => database.makeStandby());
    await database.serve();
    return database;
  }

  /** The stream that it follows, while it is a replica. */
  get upstream(): Stream | undefined {
    return this.stream;
  }

  /** As the provider's superuser. @throws while the server is down */
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]> {
    return this.server.query<T>(text, values);
  }

  get running(): boolean {
    return this.server.running;
  }

  /** Resolves when its standby is there, and nothing else is being done behind the scenes. */
  settled(): Promise<void> {
    return this.upkeep;
  }

  /** Whether the server would take a customer's write, were it reached; undefined while it is down. */
  async takesWrites(): Promise<boolean | undefined> {
    if (!this.running) return undefined;
    const { masterUser: user, masterPassword: password, database } = this.spec;
    const client = new Client({ ...this.server.endpoint, user, password, database, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined); // The server may end it between two words; unheard, that would end the lab.
    try {
      await client.connect();
      const { rows } = await client.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
      return rows[0]?.transaction_read_only === 'off';
    } catch {
      // It went down between the two: the same answer as before.
      return undefined;
    } finally {
      await client.end();
    }
  }

  /** Copies it as it is when the copy ends, while it works on. */
  backUp(to: string): Promise<void> {
    return this.server.backUp(to);
  }

  /** Has its log kept from now on, or, without an archive, no longer. */
  async archiveTo(archive: Archive | undefined): Promise<void> {
    this.archive = archive;
    await this.reload(this.settings);
  }

  /**
   * Resolves with whether everything that it had committed is in its archive.
   * @param mark even if there is nothing new
   */
  async archiveNow(mark = false): Promise<boolean> {
    const { archive } = this;
    // A standby that has taken over may still owe the archive what the old primary didn't bring there.
    await this.upkeep;
    const { server } = this;
    if (archive === undefined || this.stream !== undefined || !server.running) return false;
    try {
      return await archive.catchUp((text) => server.query(text), mark);
    } catch (error) {
      // What goes down meanwhile has its log archived when it is up again.
      if (server.running && server === this.server && !this.ending) throw error;
      return false;
    }
  }

  async promote(): Promise<void> {
    const { stream } = this;
    if (stream === undefined) return;
    // What is still on the link never arrives.
    await stream.link.close();
    await this.server.promote();
    this.stream = undefined;
    this.leave(stream);
    if (this.spec.multiAz) this.keepUp(() => this.makeStandby());
  }

  /** Ends every connection, applies the settings, starts again. A standby takes them over without a restart. */
  async restart(settings: Settings): Promise<void> {
    this.settings = settings;
    await this.upkeep;
    this.silence();
    await this.server.stop();
    await this.server.start(this.withStandby(settings));
    await this.standby?.reload(this.archiving(settings));
    await this.serve();
  }

  async reload(settings: Settings): Promise<void> {
    this.settings = settings;
    await this.server.reload(this.withStandby(settings));
    await this.standby?.reload(this.archiving(settings));
  }

  /** The primary dies; the standby serves at `address`. A new standby is made while customers work on. */
  async failOver(address: string = this.address): Promise<void> {
    await this.upkeep;
    if (this.stream !== undefined) return this.moveReplica(address);
    // One that became Multi-AZ later gets its standby when it is first needed.
    if (this.standby === undefined) await this.makeStandby();
    const { standby, server: old } = this;
    if (standby === undefined) throw new Error(`database ${this.spec.id} is being removed`);
    this.silence();
    // A replica that had more than the new primary could never follow it, and what was sent to it last may still be under way.
    const sent = this.replicas.size > 0 ? await old.flushed() : undefined;
    for (const { running, server } of this.replicas)
      if (running) await standby.hasReceived(sent ?? (await server.received()));
    await old.crash();
    await standby.promote();
    for (const replica of this.replicas) if (replica.stream) await standby.createSlot(replica.stream.slot);
    this.server = standby;
    this.standby = undefined;
    this.address = address;
    await this.serve();
    this.keepUp(async () => {
      await this.archive?.rescue(old.directory);
      await old.remove();
      await this.makeStandby();
    });
  }

  /** A replica has no standby of its own here: its failover is a crash, and a start at the other address. */
  private async moveReplica(address: string): Promise<void> {
    this.silence();
    await this.server.crash();
    await this.server.start(this.settings);
    this.address = address;
    await this.serve();
  }

  async remove(): Promise<void> {
    this.ending = true;
    for (const proxy of this.proxies.values()) await proxy.close();
    for (const replica of this.replicas) replica.stream?.link.dead();
    if (this.stream !== undefined) {
      await this.stream.link.close();
      this.leave(this.stream);
    }
    await this.upkeep;
    await Promise.all([this.server.remove(), this.standby?.remove()]);
  }

  /** Nobody reaches the primary any more, neither customers nor replicas: a cut link would hold up its shutdown for ever. */
  private silence(): void {
    this.proxies.get(this.address)?.dead();
    for (const replica of this.replicas) replica.stream?.link.dead();
  }

  private async serve(): Promise<void> {
    for (const replica of this.replicas) await replica.stream?.link.open(this.server.endpoint);
    const { address: host, network } = this;
    const proxy =
      this.proxies.get(host) ??
      new Proxy({
        listen: { host, port: this.spec.port },
        gate: network.gateTo(host),
        silent: () => network.silences(host),
      });
    this.proxies.set(host, proxy);
    await proxy.open(this.server.endpoint);
  }

  /** Commits wait for the standby from when it streams; until then the database works without, as RDS does. */
  private async makeStandby(): Promise<void> {
    if (this.ending) return;
    this.made += 1;
    const options = {
      name: `${this.spec.id}-${this.made}`,
      settings: this.archiving(this.settings),
      slot: standbySlot,
    };
    this.standby = await DatabaseServer.cloneOf(this.server, options);
    await this.server.reload(this.withStandby(this.settings));
  }

  private withStandby(settings: Settings): Settings {
    const all = this.archiving(settings);
    return this.standby === undefined ? all : { ...all, synchronous_standby_names: standbySlot };
  }

  /** A standby has them too and archives nothing until it takes over. */
  private archiving(settings: Settings): Settings {
    return { ...settings, ...this.archive?.settings };
  }

  /** Ends following a source, which keeps WAL for nobody then. */
  private leave({ source, slot }: Stream): void {
    source.replicas.delete(this);
    source.keepUp(async () => {
      if (source.running && !source.ending) await source.server.dropSlot(slot);
    });
  }

  private keepUp(work: () => Promise<void>): void {
    this.upkeep = this.upkeep.then(work).catch((error: unknown) => {
      if (!this.ending) this.workshop.report(error);
    });
  }
}

const name = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
