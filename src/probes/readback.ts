/** Reads the canaries back, last of all: what is there now is what survived. */
import type { Clock } from '../domain/clock.ts';
import type { CanaryReadback } from '../domain/sample.ts';
import { whyOf } from './failure.ts';
import type { LiveProbe } from './probe.ts';
import { pause } from './schedule.ts';
import { withTimeout } from './watcher.ts';

/** A service that was just put back may need a moment; nobody waits longer than this for one canary. */
const patienceMs = 10_000;
const attemptMs = 3_000;
const retryMs = 250;

export async function readBack(probe: string, live: LiveProbe, clock: Clock): Promise<CanaryReadback> {
  const startNs = clock.monoNs();
  const never = new AbortController().signal;
  for (;;) {
    const atNs = clock.monoNs().toString();
    const { clockId } = clock;
    try {
      const numbers = await withTimeout(clock, attemptMs, (signal) => live.readBack!(signal));
      return { probe, found: rangesOf(numbers), atNs, clockId };
    } catch (error) {
      const waitedMs = Number(clock.monoNs() - startNs) / 1e6;
      if (waitedMs > patienceMs) return { probe, found: [], atNs, clockId, error: whyOf(error) };
    }
    await pause(clock, retryMs, never);
  }
}

/** Inclusive ranges of neighbouring numbers. */
export function rangesOf(numbers: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && n <= last[1] + 1) last[1] = n;
    else ranges.push([n, n]);
  }
  return ranges;
}
