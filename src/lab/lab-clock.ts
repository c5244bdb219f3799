/** The clock that a lab's world lives by. Nothing outside the lab compares times with it, so its name doesn't matter. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';

export const labClock: Clock = {
  clockId: 'lab',
  monoNs: () => process.hrtime.bigint(),
  wall: () => new Date(),
  sleep: (ms, signal) =>
    delay(ms, undefined, { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    }),
};
