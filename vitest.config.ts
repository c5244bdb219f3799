import { defineConfig } from 'vitest/config';

// Three files at a time on two cores: much of a test's time it waits for a server, a process or a clock. Bounds are there to end what
// hangs, not to judge how quick a machine is: what is waited for comes in milliseconds, and late on a machine that is busy with something
// else.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**', 'node_modules/**'],
    setupFiles: ['test/support/properties.ts'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    env: { LC_ALL: 'C', TZ: 'UTC', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
