/**
 * Ends a process that has outlived its purpose, whatever it still waits for: a request that never ends, a connection that never
 * closes, a store that came back somewhere else. It looks by itself, with time limits of its own, so that nothing that hangs
 * elsewhere can hold it up.
 */
import type { Clock } from '../domain/clock.ts';

export interface Purpose {
  clock: Clock;
  /** Whether there is still something to do. May hang, and may fail. */
  needed: () => Promise<boolean>;
  /** How long the process may still take once it isn't needed, milliseconds. */
  overMs: number;
  /** How long nobody may be able to say, milliseconds. */
  unknownMs: number;
  /** Ends the process. */
  end: (why: string) => void;
}

const lookMs = 5_000;

/** Looks until `done` aborts. */
export function endWhenOverstayed(purpose: Purpose, done: AbortSignal): void {
  void look(purpose, done).catch(() => undefined); // Only `done` ends it, by interrupting the sleep.
}

async function look({ clock, needed, overMs, unknownMs, end }: Purpose, done: AbortSignal): Promise<void> {
  const sinceMs = (ns: bigint): number => Number(clock.monoNs() - ns) / 1e6;
  let toldAt = clock.monoNs();
  let overAt: bigint | undefined;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const is = await needed();
    toldAt = clock.monoNs();
    overAt = is ? undefined : (overAt ?? toldAt);
  };
  for (;;) {
    asking ??= ask()
      .catch(() => undefined) // Nobody knows, which counts by itself.
      .finally(() => (asking = undefined));
    await clock.sleep(lookMs, done);
    if (overAt !== undefined && sinceMs(overAt) > overMs) {
      return end(`it was not needed any more for ${seconds(overMs)}, and something kept it from ending`);
    }
    if (sinceMs(toldAt) > unknownMs) return end(`nobody could tell it for ${seconds(unknownMs)} what to do`);
  }
}

const seconds = (ms: number): string => `${Math.floor(ms / 1000)} s`;
