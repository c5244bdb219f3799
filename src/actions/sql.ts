/**
 * SQL to the databases under drill, where a login is given: the only way to prove that a write succeeds or that a replica has
 * replayed everything. `pg` is loaded when the first connection is made.
 */
import type { ResolvedTarget } from '../domain/plan.ts';

export interface SqlSession {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** Where a database listens right now; it may have moved since the plan. */
export interface SqlEndpoint {
  host: string;
  port: number;
}

/** Opens a session to a database with the login that its target refers to. */
export type SqlPort = (target: ResolvedTarget, endpoint: SqlEndpoint) => Promise<SqlSession>;
