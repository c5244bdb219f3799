/** Sessions of an engine for tests that use them directly. */
import type { Engine, ReadSession } from '../../../../src/actions/verify/engine.ts';

/** A busy machine may take longer for one than an engine waits: then it is tried again, as a verification does. */
export async function opened(engine: Engine, ...how: Parameters<Engine['open']>): Promise<ReadSession> {
  for (;;) {
    try {
      return await engine.open(...how);
    } catch (error) {
      if (!['unreachable', 'slow'].includes(engine.troubleOf(error))) throw error;
    }
  }
}
