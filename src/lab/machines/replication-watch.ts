/**
 * Watches how far replicas are behind, as the provider's monitoring does: from beside the network, a few times a second.
 */
import type { Database } from './database.ts';
import type { ReplicationState } from './machines.ts';

export const watchIntervalMs = 250;

/**
 * How old the oldest change is that a replica has not replayed. Follows the source's positions over time, because the time of the
 * last replayed commit says nothing once the source is idle.
 */
export class LagMeter {
  /** When the source was first seen at or beyond a position, oldest first. */
  private readonly seen: { atMs: number; position: bigint }[] = [];

  sourceAt(position: bigint, atMs: number): void {
    const newest = this.seen.at(-1);
    if (newest === undefined || position > newest.position) this.seen.push({ atMs, position });
  }

  /** Milliseconds that a replica which has replayed up to `position` is behind. */
  lagMs(position: bigint, nowMs: number): number {
    while ((this.seen[0]?.position ?? position + 1n) <= position) this.seen.shift();
    const oldest = this.seen[0];
    return oldest === undefined ? 0 : nowMs - oldest.atMs;
  }
}

/** Newest known states, by id of the replica. */
export class ReplicationWatch {
  private readonly databases: ReadonlyMap<string, Database>;
  private readonly meters = new WeakMap<Database, LagMeter>();
  private readonly states = new Map<string, ReplicationState>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  constructor(databases: ReadonlyMap<string, Database>) {
    this.databases = databases;
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, watchIntervalMs);
  }

  state(id: string): ReplicationState | undefined {
    return this.states.get(id);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    await Promise.all([...this.databases].map(([id, database]) => this.lookAt(id, database)));
    for (const id of this.states.keys()) if (!this.databases.has(id)) this.states.delete(id);
  }

  private async lookAt(id: string, database: Database): Promise<void> {
    const { upstream } = database;
    const before = this.states.get(id);
    if (upstream === undefined) {
      if (before !== undefined) this.states.set(id, { ...before, streaming: false });
      return;
    }
    const meter = this.meters.get(database) ?? new LagMeter();
    this.meters.set(database, meter);
    // The source first: a replica that has replayed what the source had then is caught up.
    const [source] = await ask<{ at: string }>(upstream.source, sourcePosition);
    if (source !== undefined) meter.sourceAt(BigInt(source.at), performance.now());
    const [replica] = await ask<ReplicaRow>(database, replicaPositions);
    // Promoted meanwhile, or not up: what was known last is the newest.
    if (!replica?.received || !replica.replayed) {
      this.states.set(id, { ...before, streaming: false });
      return;
    }
    this.states.set(id, {
      streaming: replica.streaming && upstream.link.moves,
      lagSeconds: meter.lagMs(BigInt(replica.replayed), performance.now()) / 1_000,
      received: replica.received,
    });
  }
}

interface ReplicaRow {
  received: string | null;
  replayed: string | null;
  streaming: boolean;
}

const sourcePosition = `SELECT pg_current_wal_flush_lsn() - '0/0' AS at`;
const replicaPositions = `
  SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0' AS received,
         pg_last_wal_replay_lsn() - '0/0' AS replayed,
         EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') AS streaming`;

/** No rows while the server is down or going down: that is a state to be shown, not an error of the watch. */
async function ask<T extends object>(database: Database, query: string): Promise<T[]> {
  return database.running ? database.query<T>(query).catch(() => []) : [];
}
