/**
 * Tables of the log stage. What was written is never changed or taken back: the database refuses, whoever asks. Only the
 * probes' current status is overwritten; it is worth nothing once stale, so it isn't even written ahead.
 */
import type { Pool } from 'pg';
import { migrate } from '../postgres/migrate.ts';

const appendOnly = (table: string): string => `
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON firedrill.${table}
    FOR EACH STATEMENT EXECUTE FUNCTION firedrill.refuse_change();`;

const steps = [
  `
  CREATE FUNCTION firedrill.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'firedrill.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
    END $$;

  CREATE TABLE firedrill.log (
    run_id text NOT NULL,
    seq int NOT NULL CHECK (seq > 0),
    prev text NOT NULL,
    hash text NOT NULL,
    body text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, seq));
  CREATE INDEX log_runs ON firedrill.log (at DESC) WHERE seq = 1;

  CREATE TABLE firedrill.inbox (
    run_id text NOT NULL,
    id int NOT NULL,
    message text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, id));

  CREATE TABLE firedrill.sample_chunk (
    run_id text NOT NULL,
    prober text NOT NULL,
    n int NOT NULL,
    gz bytea NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (run_id, prober, n));
  ALTER TABLE firedrill.sample_chunk ALTER COLUMN gz SET STORAGE EXTERNAL;

  CREATE TABLE firedrill.sample_seal (
    run_id text NOT NULL,
    prober text NOT NULL,
    chunks int NOT NULL,
    hash text NOT NULL,
    readbacks text NOT NULL,
    PRIMARY KEY (run_id, prober));

  CREATE UNLOGGED TABLE firedrill.probe_status (
    run_id text NOT NULL,
    prober text NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (run_id, prober));
  ${['log', 'inbox', 'sample_chunk', 'sample_seal'].map(appendOnly).join('')}
`,
];

/** Makes the tables or brings them up to date. Quick when they are; safe when several processes start at once. */
export const prepareLogTables = (pool: Pool): Promise<void> => migrate(pool, 'log', steps);
