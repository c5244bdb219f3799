/** Raw samples, the probes' current status and the probers' seals in Postgres. Packing and checking is domain/sample-chain.ts. */
import type { Pool } from 'pg';
import { FiredrillError } from '../domain/errors.ts';
import type { SampleSeal, SampleStore } from '../domain/ports.ts';
import type { CanaryReadback, ProbeStatus } from '../domain/sample.ts';
import { ridingOut } from '../postgres/outage.ts';

/**
 * Needs the tables of schema.ts. Chunks and seals may be put again after a lost answer.
 * @throws FiredrillError `samples-conflict` from `putChunk` and `seal` when something else lies there already
 */
export function createSampleStore(pool: Pool): SampleStore {
  /** One row, which may be there already: then with the same hash. */
  const putOnce = async (what: string, insert: string, values: unknown[], existing: string, hash: string) => {
    await ridingOut(async () => {
      if ((await pool.query(insert, values)).rowCount === 1) return;
      const { rows } = await pool.query<{ hash: string }>(existing, values.slice(0, 3));
      if (rows[0]?.hash !== hash) throw conflict(what, hash, rows[0]?.hash);
    });
  };
  return {
    putChunk: ({ runId, prober, n, gz, hash }) =>
      putOnce(
        `chunk ${n} of prober ${prober}`,
        `INSERT INTO firedrill.sample_chunk (run_id, prober, n, gz, hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
        [runId, prober, n, Buffer.from(gz.buffer, gz.byteOffset, gz.byteLength), hash],
        'SELECT hash FROM firedrill.sample_chunk WHERE run_id = $1 AND prober = $2 AND n = $3',
        hash,
      ),

    async chunks(runId) {
      const { rows } = await ridingOut(() =>
        pool.query<{ prober: string; n: number; gz: Buffer; hash: string }>(
          'SELECT prober, n, gz, hash FROM firedrill.sample_chunk WHERE run_id = $1 ORDER BY prober, n',
          [runId],
        ),
      );
      return rows.map((row) => ({ runId, ...row }));
    },

    async putStatus(runId, prober, status) {
      await ridingOut(() =>
        pool.query({
          name: 'put-status',
          text: `INSERT INTO firedrill.probe_status (run_id, prober, status, at) VALUES ($1, $2, $3, clock_timestamp())
                 ON CONFLICT (run_id, prober) DO UPDATE SET status = excluded.status, at = excluded.at`,
          values: [runId, prober, JSON.stringify(status)],
        }),
      );
    },

    async status(runId) {
      const { rows } = await ridingOut(() =>
        pool.query<{ status: string }>({
          name: 'status',
          text: 'SELECT status FROM firedrill.probe_status WHERE run_id = $1 ORDER BY at',
          values: [runId],
        }),
      );
      return newestOfEach(rows.map(({ status }) => JSON.parse(status) as ProbeStatus[]));
    },

    seal: (runId, prober, { chunks, hash, readbacks }) =>
      putOnce(
        `the seal of prober ${prober}`,
        `INSERT INTO firedrill.sample_seal (run_id, prober, chunks, hash, readbacks) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING`,
        [runId, prober, chunks, hash, JSON.stringify(readbacks)],
        'SELECT hash FROM firedrill.sample_seal WHERE run_id = $1 AND prober = $2 AND chunks = $3',
        hash,
      ),

    async seals(runId) {
      const { rows } = await ridingOut(() =>
        pool.query<Omit<SampleSeal, 'readbacks'> & { readbacks: string }>(
          'SELECT prober, chunks, hash, readbacks FROM firedrill.sample_seal WHERE run_id = $1 ORDER BY prober',
          [runId],
        ),
      );
      return rows.map((row) => ({ ...row, readbacks: JSON.parse(row.readbacks) as CanaryReadback[] }));
    },
  };
}

/** Two probers of one host are compared on its clock; otherwise the report that came last counts (`reports` in that order). */
function newestOfEach(reports: readonly ProbeStatus[][]): ProbeStatus[] {
  const newest = new Map<string, ProbeStatus>();
  for (const status of reports.flat()) {
    const known = newest.get(status.probe);
    const older = known?.clockId === status.clockId && BigInt(known.asOfNs) > BigInt(status.asOfNs);
    if (!older) newest.set(status.probe, status);
  }
  return [...newest.values()];
}

const conflict = (what: string, expected: string, found: string | undefined): FiredrillError =>
  new FiredrillError('samples-conflict', `${what} is in the store already, and it is another`, {
    expected: `hash ${expected}`,
    found: found === undefined ? 'one of another length' : `hash ${found}`,
    remedy: 'Each prober of a run needs a name of its own.',
  });
