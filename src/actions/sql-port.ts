/** How actions speak SQL, so that tests and sweeps can answer in a database's place. */
import type { ResolvedTarget } from '../domain/plan.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface SqlSession {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Where a database listens right now; it may have moved since the plan. */
export interface SqlEndpoint {
  host: string;
  port: number;
  /** Name of its first database, where it has one. */
  database?: string;
}

/** Opens a session to a database with the login that its target refers to. */
export type SqlPort = (target: ResolvedTarget, endpoint: SqlEndpoint) => Promise<SqlSession>;
