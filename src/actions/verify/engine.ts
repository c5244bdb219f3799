/**
 * What a verification needs of a database engine: a session that can only read, and the few pieces of SQL in which engines
 * differ. What is asked with them, and what the answers mean, is the rungs' business and the same for every engine.
 */

/** Values as the server writes them; null is NULL. */
export type TextRow = readonly (string | null)[];

/** One connection. Everything on it is read only, and every statement has a time limit. */
export interface ReadSession {
  /** One statement. Values take the place of the engine's own placeholders. */
  query(sql: string, values?: readonly string[]): Promise<readonly TextRow[]>;
  close(): Promise<void>;
}

/** How encryption is asked for. `encrypt`: whoever answers, certificate unseen. */
export type Tls = 'verify' | 'encrypt' | 'off';

export interface Server {
  /** As the target names it. */
  host: string;
  /** Where that is. */
  address: string;
  port: number;
  database: string;
  user: string;
  password: string;
  tls: Tls;
  /** Whose certificates count, as PEM; absent: those that Node trusts. */
  authorities?: readonly string[] | undefined;
}

export interface SessionLimits {
  /** Longest time of one statement, milliseconds. */
  statementMs: number;
  /** Ends the connection at once, whatever it does. */
  signal: AbortSignal;
}

/**
 * What an error of a session means.
 *  - `login-refused`, `no-database`, `tls`: waiting is no use
 *  - `unreachable`: not there, or not yet
 *  - `denied`: the verification role may not do that
 *  - `slow`: the statement's time limit
 *  - `refused`: the server refuses the statement
 *  - `unknown`: no error of a database
 */
export type Trouble =
  'login-refused' | 'no-database' | 'tls' | 'unreachable' | 'denied' | 'slow' | 'refused' | 'unknown';

/** Which server process answers. */
export interface ServerIdentity {
  /** Equal for a physical copy, too. */
  id: string;
  /** When the process started, milliseconds since 1970 on the server's clock. */
  startedMs: number;
  /** How exactly `startedMs` is known. */
  toleranceMs: number;
  /** For how long it has been running, by the server's own clock. */
  uptimeMs: number;
  database: string;
}

export interface Column {
  name: string;
  /** As the engine names it. */
  type: string;
  /** Position in the primary key, from 1; 0 for a column outside of it. */
  key: number;
}

/** What a name stands for. Views and foreign tables hold no rows of their own, so they show nothing of a restore. */
export type TableKind = 'table' | 'view' | 'foreign table';

/**
 * Where a server has its data from while it runs.
 *  - `follows`: another server, which goes on sending
 *  - `replays`: its own log, which it hasn't come to the end of
 */
export type Replication = 'follows' | 'replays';

/** A sequence, beside the column that takes its numbers from it. */
export interface Sequence {
  name: string;
  /** `orders.id`; absent of one that is only known by its name. */
  column?: string;
  /** Whether it was advanced: it gave a number, or somebody set it. */
  isAdvanced: boolean;
  /** The number that it gives next. */
  next: string;
  /** The column's least and greatest number; null in a table without rows, and without a column. */
  least: string | null;
  greatest: string | null;
  /** The least number of a row from `next` on; null where there is none. */
  following: string | null;
  /** Whether that is one of the next thousand that the sequence gives. */
  collides: boolean;
}

/** A sequence that the session's role can't hold against its column. */
export interface UnreadSequence {
  name: string;
  column?: string;
  /** The rights that the role would need: `SELECT ON SEQUENCE orders_id_seq`. */
  lacking: string;
}

export interface Sequences {
  read: readonly Sequence[];
  unread: readonly UnreadSequence[];
}

export interface Engine {
  name: 'postgres' | 'mysql';
  /** As people call it. */
  title: string;
  defaultPort: number;
  open(server: Server, limits: SessionLimits): Promise<ReadSession>;
  troubleOf(error: unknown): Trouble;
  identity(session: ReadSession): Promise<ServerIdentity>;
  /** `18.4`, `8.4.3`, `10.11.19-MariaDB`. */
  version(session: ReadSession): Promise<string>;
  /** Undefined for a server that has its data for itself. */
  replication(session: ReadSession): Promise<Replication | undefined>;
  /** What the session's role could write, in words; undefined when nothing. */
  mayWrite(session: ReadSession): Promise<string | undefined>;
  /** All tables outside of the system's own, as drills name them. */
  tables(session: ReadSession): Promise<readonly string[]>;
  /** Undefined when there is nothing of that name. */
  kind(session: ReadSession, table: string): Promise<TableKind | undefined>;
  /** The tables that a statement reads, through views too, but for the system's own. None where the server can't explain it. */
  tablesRead(session: ReadSession, sql: string): Promise<readonly string[]>;
  /**
   * All sequences that columns take numbers from, and those of these names that are there. Absent for an engine that finds the next
   * number by itself.
   */
  sequences?(session: ReadSession, named?: Iterable<string>): Promise<Sequences>;
  /** Columns of a table in their order; none when there is no such table. */
  columns(session: ReadSession, table: string): Promise<readonly Column[]>;
  /** The parts of the schema: what, and its definition. */
  schema(session: ReadSession): Promise<ReadonlyMap<string, string>>;
  /** A table's name as SQL. */
  table(name: string): string;
  /** A column's name as SQL. */
  column(name: string): string;
  /** A value as canonical text: equal for equal values, different for different ones, NULL apart from all. */
  cell(column: Column): string;
  /** A key's value for people. */
  shown(column: Column): string;
  /** Texts put together. */
  concat(texts: readonly string[]): string;
  /** A half of an MD5 as a signed number of 64 bits. */
  half(md5: string, side: 'left' | 'right'): string;
  /** A number from 0 up to but without `buckets` that follows from an MD5. */
  bucket(md5: string, buckets: number): string;
  /** What a column of time holds, as milliseconds since 1970; undefined when its type is none. Without a zone it is UTC. */
  epochMs(column: Column): string | undefined;
}
