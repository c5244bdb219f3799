/** Small events for tests that are about rows, not about runs. */
import type { RunEvent } from '../../src/domain/event.ts';

export const emptyHead = { seq: 0, hash: '0'.repeat(64) };

export const claimed = (owner: string): RunEvent => ({
  type: 'run.claimed',
  owner,
  attempt: 1,
  mark: { clockId: 'boot', ns: '1', at: '2026-01-01T00:00:00.000Z' },
});
