import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LagMeter } from '../../../src/lab/machines/replication-watch.ts';

describe('the lag of a replica', () => {
  it('is the age of the oldest change that it has not replayed', () => {
    const meter = new LagMeter();
    meter.sourceAt(100n, 1_000);
    meter.sourceAt(200n, 2_000);
    meter.sourceAt(300n, 3_000);
    expect(meter.lagMs(50n, 5_000)).toBe(4_000);
    expect(meter.lagMs(100n, 5_000)).toBe(3_000);
    expect(meter.lagMs(250n, 5_000)).toBe(2_000);
    expect(meter.lagMs(300n, 5_000)).toBe(0);
  });

  it('stays 0 however long the source is idle, and grows while it can not be reached', () => {
    const meter = new LagMeter();
    for (let atMs = 0; atMs < 600_000; atMs += 250) meter.sourceAt(100n, atMs);
    expect(meter.lagMs(100n, 600_000)).toBe(0);
    meter.sourceAt(101n, 600_000);
    expect(meter.lagMs(100n, 660_000)).toBe(60_000);
  });

  it('is 0 exactly when the replica has replayed all that the source was seen to have', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1 }), fc.nat({ max: 2_000 }), (steps, replayed) => {
        const meter = new LagMeter();
        let position = 0n;
        for (const [index, step] of steps.entries()) {
          position += BigInt(step) + 1n;
          meter.sourceAt(position, index);
        }
        expect(meter.lagMs(BigInt(replayed), steps.length) === 0).toBe(BigInt(replayed) >= position);
      }),
    );
  });
});
