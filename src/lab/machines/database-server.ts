/**
 * One Postgres server of the lab with its data directory: made new, cloned from another as its standby, or restored from a backup.
 * Which of them is a database's primary, and who reaches it, is database.ts.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool, type QueryResultRow } from 'pg';
import { FiredrillError } from '../../domain/errors.ts';
import type { Binaries } from '../../postgres/binaries.ts';
import { initCluster, writeServerFile } from '../../postgres/cluster.ts';
import { removeCluster, startServer, type Server } from '../../postgres/server.ts';
import { archivesNothing, recovering, walSegmentMb } from './archive.ts';
import { backUpCluster, copyBackup } from './base-backup.ts';
import { cloneCluster } from './clone.ts';
import type { Endpoint } from './proxy.ts';
import type { Reaping } from './reaping.ts';

export type Settings = Readonly<Record<string, string>>;

/** What servers are made from. */
export interface Workshop {
  binaries: Binaries;
  /** Holds the data directories. */
  directory: string;
  reaping: Reaping;
  /** An address and port behind the proxies that nobody else has. */
  hiddenEndpoint: () => Endpoint;
  /** The provider's own superuser. */
  admin: { user: string; password: string };
  /** Told what went wrong behind the scenes. */
  report: (error: unknown) => void;
}

/**
 * Small, because many servers share one machine, and quick to follow. `fsync` is off because what fails in the lab is processes:
 * what they wrote stays in the kernel. Timeouts of replication are off because a cut link hangs, and goes on when it heals.
 */
const base: Settings = {
  shared_buffers: '16MB',
  max_connections: '60',
  fsync: 'off',
  autovacuum: 'off',
  max_logical_replication_workers: '0',
  dynamic_shared_memory_type: 'mmap',
  wal_level: 'replica',
  max_wal_senders: '8',
  max_replication_slots: '8',
  wal_keep_size: '64MB',
  max_wal_size: '256MB',
  wal_sender_timeout: '0',
  wal_receiver_timeout: '0',
  wal_retrieve_retry_interval: '100ms',
  scram_iterations: '64',
  ...archivesNothing,
  log_min_messages: 'fatal',
};

/** Where a standby streams from. */
export interface Upstream {
  endpoint: Endpoint;
  slot: string;
}

const primaryConnection = ({ endpoint, slot }: Upstream, { user, password }: Workshop['admin']): Settings => ({
  primary_conninfo: Object.entries({
    host: endpoint.host,
    port: String(endpoint.port),
    user,
    password,
    application_name: slot,
    sslmode: 'disable',
    gssencmode: 'disable',
  })
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
  primary_slot_name: slot,
});

/** A server refuses to take the end of the log for a later moment. */
const endsBefore = (error: unknown): boolean =>
  error instanceof FiredrillError &&
  error.message.includes('recovery ended before configured recovery target was reached');

/** Bounds that end what hangs. A busy machine may keep a server waiting for half a minute. */
const answerMs = 120_000;
const endSlotMs = 30_000;
const receivePollMs = 5;
const receiveMs = 60_000;

export class DatabaseServer {
  readonly endpoint: Endpoint;
  private readonly workshop: Workshop;
  private readonly dir: string;
  private readonly pool: Pool;
  private settings: Settings = {};
  private upstream: Upstream | undefined;
  /** Where it recovers from and how far, while it does. */
  private recovery: Settings | undefined;
  private process: Server | undefined;

  private constructor(workshop: Workshop, dir: string) {
    this.workshop = workshop;
    this.dir = dir;
    this.endpoint = workshop.hiddenEndpoint();
    this.pool = new Pool({
      ...this.endpoint,
      ...workshop.admin,
      database: 'postgres',
      max: 2,
      connectionTimeoutMillis: answerMs,
      // A fenced database is still the provider's to run.
      options: '-c default_transaction_read_only=off -c synchronous_commit=local',
    });
    // An idle connection ends with its server; the next query says so if it matters.
    this.pool.on('error', () => undefined);
  }

  static async create(workshop: Workshop, name: string, settings: Settings): Promise<DatabaseServer> {
    const dir = join(workshop.directory, name);
    await initCluster({ binaries: workshop.binaries, dir, ...workshop.admin, durable: false, walSegmentMb });
    const server = new DatabaseServer(workshop, dir);
    await server.start(settings);
    return server;
  }

  /** A standby of `source`, made from a copy. Resolves when it accepts read-only connections. */
  static async cloneOf(
    source: DatabaseServer,
    { name, settings, slot, via }: { name: string; settings: Settings; slot: string; via?: Endpoint },
  ): Promise<DatabaseServer> {
    const { workshop } = source;
    const dir = join(workshop.directory, name);
    await source.createSlot(slot);
    await source.withSession((admin) => cloneCluster(admin, source.dir, dir, workshop.binaries));
    const server = new DatabaseServer(workshop, dir);
    server.upstream = { slot, endpoint: via ?? source.endpoint };
    await server.start(settings);
    return server;
  }

  /** A primary of its own, made from a backup. Resolves when it has recovered. */
  static async restore(
    workshop: Workshop,
    { name, settings, backup, recovery }: { name: string; settings: Settings; backup: string; recovery: Settings },
  ): Promise<DatabaseServer> {
    const dir = join(workshop.directory, name);
    await copyBackup(backup, dir, workshop.binaries);
    await writeServerFile(join(dir, 'recovery.signal'), '', workshop.binaries);
    const server = new DatabaseServer(workshop, dir);
    server.recovery = { ...recovering, ...recovery };
    await server.start(settings).catch((error: unknown) => {
      if (!endsBefore(error)) throw error;
      // Nothing was committed after the moment that was asked for: the end of the log is that moment.
      const { recovery_target_time: _moment, ...toTheEnd } = recovery;
      server.recovery = { ...recovering, ...toTheEnd };
      return server.start(settings);
    });
    server.recovery = undefined;
    await server.reload(settings);
    return server;
  }

  /** Copies it, as it is at the end, into a directory that is made. */
  backUp(to: string): Promise<void> {
    const { dir, workshop } = this;
    return this.withSession((admin) => backUpCluster(admin, dir, to, workshop.binaries, { withWal: true }));
  }

  get directory(): string {
    return this.dir;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  /** As the provider's superuser. @throws when the server doesn't let it in within 30 s */
  async query<T extends QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(text, values)).rows;
  }

  async start(settings: Settings): Promise<void> {
    const { workshop, dir, endpoint } = this;
    this.settings = settings;
    const server = await startServer({ binaries: workshop.binaries, dir, ...endpoint, settings: this.allSettings() });
    workshop.reaping.record(server.pid, 'SIGQUIT');
    await server.ready;
    this.process = server;
  }

  /** Sessions take them up within moments; settings that need a restart wait for it. */
  async reload(settings: Settings): Promise<void> {
    this.settings = settings;
    await this.process?.reload(this.allSettings());
  }

  async stop(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    await process?.stop('fast');
  }

  /** Dies without a checkpoint or a word to transactions. (SIGKILL would leave the kernel's shared memory behind.) */
  async crash(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    await process?.stop('immediate');
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.crash();
    await this.pool.end();
    await removeCluster(this.dir);
  }

  /** Leaves recovery. Resolves when it accepts writes. */
  async promote(): Promise<void> {
    const [row] = await this.query<{ promoted: boolean }>('SELECT pg_promote(true, 60) AS promoted');
    if (row?.promoted !== true) throw new Error(`the standby at ${this.endpoint.host} has not promoted within 60 s`);
    this.upstream = undefined;
    await this.reload(this.settings);
  }

  /** How far its log may have been sent to others; undefined when it has died by itself and sends nothing any more. */
  async flushed(): Promise<string | undefined> {
    const rows = await this.query<{ at: string }>('SELECT pg_current_wal_flush_lsn()::text AS at').catch(() => []);
    return rows[0]?.at;
  }

  /** How far a standby has received WAL. */
  async received(): Promise<string> {
    const [row] = await this.query<{ at: string }>('SELECT pg_last_wal_receive_lsn()::text AS at');
    return row?.at ?? '0/0';
  }

  /** Resolves when a standby has received WAL up to there. @throws Error when it hasn't after some seconds */
  async hasReceived(position: string): Promise<void> {
    for (const deadline = performance.now() + receiveMs; performance.now() < deadline; await sleep(receivePollMs)) {
      const [row] = await this.query<{ there: boolean }>(
        'SELECT coalesce(pg_last_wal_receive_lsn() >= $1::pg_lsn, false) AS there',
        [position],
      );
      if (row?.there === true) return;
    }
    throw new Error(`the standby at ${this.endpoint.host} has not received ${position} within ${receiveMs} ms`);
  }

  /** Makes a slot that keeps WAL for a standby; the one that is there stays. */
  async createSlot(slot: string): Promise<void> {
    await this.query(
      `SELECT pg_create_physical_replication_slot($1, true)
       WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`,
      [slot],
    );
  }

  /** Ends the slot's stream and stops keeping WAL for it. */
  async dropSlot(slot: string): Promise<void> {
    await this.query('SELECT pg_terminate_backend(active_pid, $2) FROM pg_replication_slots WHERE slot_name = $1', [
      slot,
      endSlotMs,
    ]);
    await this.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
      slot,
    ]);
  }

  /** Beside the pool: several backups at once would leave nothing of it to the rest. */
  private async withSession(work: (admin: Client) => Promise<void>): Promise<void> {
    const admin = new Client({ ...this.endpoint, ...this.workshop.admin, database: 'postgres' });
    // A server that ends meanwhile fails the next query, which tells.
    admin.on('error', () => undefined);
    await admin.connect();
    try {
      await work(admin);
    } finally {
      await admin.end();
    }
  }

  private allSettings(): Settings {
    const upstream = this.upstream && primaryConnection(this.upstream, this.workshop.admin);
    return { ...base, ...this.settings, ...upstream, ...this.recovery };
  }
}
