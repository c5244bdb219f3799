import { defineConfig } from 'vitest/config';

// Tests of what computes: they share a process, and load what they have in common once. None of them may change what others see.
const computing = ['aws', 'definition', 'docs', 'domain', 'log', 'measure', 'plan', 'publish', 'report', 'secrets'].map(
  (stage) => `test/${stage}/**/*.test.ts`,
);

// Real processes share two cores: files run two at a time. Bounds are there to end what hangs, not to judge how quick a machine is:
// what is waited for comes in milliseconds, and late on a machine that is busy with something else.
export default defineConfig({
  test: {
    setupFiles: ['test/support/properties.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    env: { LC_ALL: 'C', TZ: 'UTC', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      { extends: true, test: { name: 'computing', include: computing, isolate: false } },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: [...computing, 'test/soak/**', 'node_modules/**'],
        },
      },
    ],
  },
});
