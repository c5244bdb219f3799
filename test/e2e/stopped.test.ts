/** A command that only looks and waits for AWS when somebody stops it: it ends, and so does what it started. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Home } from './cli.ts';

const drill = fileURLToPath(new URL('../../drills/regional-failover.yaml', import.meta.url));

let home: Home;
/** Takes connections, and never answers. */
let silent: Server;

beforeAll(async () => {
  home = await Home.make();
  silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  home.use({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    FIREDRILL_LAB_LOGIN: 'user:password',
  });
});
afterAll(async () => {
  await home.remove();
  silent.close();
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a plan that waits for AWS, and leaves nothing running',
  async (signal) => {
    const asked = once(silent, 'connection');
    const plan = home.start('plan', drill, '--values', 'lab', '--json');
    await asked;
    plan.child.kill(signal);
    const { code, stdout, stderr } = await plan.ended;
    expect({ code, error: (JSON.parse(stdout) as { error: { code: string } }).error.code }).toEqual({
      code: 4,
      error: 'stopped',
    });
    expect(stderr).toContain('nothing has been touched');
    expect(await home.leftovers()).toEqual([]);
  },
);
