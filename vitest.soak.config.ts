import { defineConfig } from 'vitest/config';

// Hours of drills, one at a time: what a single pass can't show. FIREDRILL_SOAK_ROUNDS makes it shorter.
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 30_000,
    env: { LC_ALL: 'C', TZ: 'UTC' },
  },
});
