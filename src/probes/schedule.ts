/**
 * The open loop: question n is due at start + n * period, whatever became of the ones before. A prober that waited for answers
 * would ask least when the service is worst (coordinated omission) and report outages as short as it wished.
 */
import type { Clock } from '../domain/clock.ts';

export interface Slot {
  /** From 0. */
  n: number;
  /** When it was due, monotonic nanoseconds. */
  dueNs: bigint;
  /** How late the loop got to it, milliseconds. */
  lateMs: number;
}

/** Calls `at` for every slot until `signal` aborts. A loop that was held up gets to the slots it missed one after another. */
export async function openLoop(
  clock: Clock,
  everyMs: number,
  signal: AbortSignal,
  at: (slot: Slot) => void,
): Promise<void> {
  const startNs = clock.monoNs();
  for (let n = 0; !signal.aborted; n += 1) {
    const dueNs = startNs + BigInt(Math.round(n * everyMs * 1e6));
    if (!(await sleepUntil(clock, dueNs, signal))) return;
    at({ n, dueNs, lateMs: Number(clock.monoNs() - dueNs) / 1e6 });
  }
}

async function sleepUntil(clock: Clock, dueNs: bigint, signal: AbortSignal): Promise<boolean> {
  // Timers count whole milliseconds and may fire a fraction early.
  for (;;) {
    const remainingMs = Number(dueNs - clock.monoNs()) / 1e6;
    if (remainingMs <= 0) return !signal.aborted;
    if (!(await pause(clock, Math.ceil(remainingMs), signal))) return false;
  }
}

/** Sleeps. @returns false as soon as the signal aborts */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
