/** The machine's clock: one time line for all processes of a boot. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';

const clock = systemClock();

describe('the machine’s clock', () => {
  it('names its time line by the boot of the machine', () => {
    expect(clock.clockId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    expect(systemClock().clockId).toBe(clock.clockId);
  });

  it('reads the same monotonic time as another process', async () => {
    const before = clock.monoNs();
    const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.hrtime.bigint().toString()']);
    expect(BigInt(stdout.trim())).toBeGreaterThan(before);
    expect(BigInt(stdout.trim())).toBeLessThan(clock.monoNs());
  });

  it('sleeps at least as long as it was told', async () => {
    const before = clock.monoNs();
    await clock.sleep(20);
    // Timers count milliseconds, by a clock that may be coarse.
    expect(Number(clock.monoNs() - before) / 1e6).toBeGreaterThanOrEqual(18);
  });

  it('ends a sleep with the reason of its signal, at once', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const sleeping = clock.sleep(60_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(60_000, stop.signal)).rejects.toBe(reason);
  });
});
