/** The machine's clock. Its monotonic time line is named by the boot id, which all processes of one boot share. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';

export function systemClock(): Clock {
  return {
    clockId: bootId(),
    monoNs: () => process.hrtime.bigint(),
    wall: () => new Date(),
    async sleep(ms, signal) {
      try {
        await delay(ms, undefined, { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}

/** Without a boot id (not Linux) nothing but this process is known to share its time line. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `${hostname()}:${process.pid}:${Date.now()}`;
  }
}
