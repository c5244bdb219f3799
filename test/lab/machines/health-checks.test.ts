import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HealthCount } from '../../../src/lab/machines/health-checks.ts';

const settings = { path: '/health', intervalMs: 1_000, timeoutMs: 500, healthyCount: 3, unhealthyCount: 2 };
const after = (checks: readonly boolean[]): HealthCount => {
  const count = new HealthCount();
  for (const passed of checks) count.add(passed ? undefined : 'Request timed out', settings);
  return count;
};

describe("a target's health", () => {
  it('is decided by its first check, and then turned by several in a row', () => {
    expect(after([]).state).toBe('unknown');
    expect(after([true]).state).toBe('healthy');
    expect(after([true, false]).state).toBe('healthy');
    expect(after([true, false, true, false]).state).toBe('healthy');
    expect(after([true, false, false])).toMatchObject({ state: 'unhealthy', why: 'Request timed out' });
    expect(after([true, false, false, true, true]).state).toBe('unhealthy');
    expect(after([true, false, false, true, true, true])).toMatchObject({ state: 'healthy', why: undefined });
  });

  it('only changes after as many checks in a row as the threshold says', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 40 }), (checks) => {
        for (let n = 2; n <= checks.length; n += 1) {
          const [before, now] = [after(checks.slice(0, n - 1)).state, after(checks.slice(0, n)).state];
          if (before === now) continue;
          const run = checks.slice(n - (now === 'healthy' ? settings.healthyCount : settings.unhealthyCount), n);
          expect(run.every((passed) => passed === (now === 'healthy'))).toBe(true);
        }
      }),
    );
  });
});
