/** A command that is stopped while it is still loading what it needs: it says that nothing was begun, and nothing is left. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Home } from './cli.ts';

const drill = fileURLToPath(new URL('../../drills/regional-failover.yaml', import.meta.url));

let home: Home;
/** Whoever loads a module that is held connects to it, and loads on once the connection is closed. */
let gate: Server;

beforeAll(async () => {
  home = await Home.make();
  gate = createServer().listen(0, '127.0.0.1');
  await once(gate, 'listening');
});
afterAll(async () => {
  home.use({});
  await home.remove();
  gate.close();
});

const dataUrl = (module: string): string => `data:text/javascript,${encodeURIComponent(module)}`;

/** Options of Node with which it knocks at the gate before it loads this module. */
function holding(module: string): string {
  const hooks = dataUrl(`
    import { connect } from 'node:net';
    const opened = (knock) => new Promise((go) => knock.resume().on('error', go).on('close', go));
    export async function load(url, context, next) {
      if (url.endsWith('/dist/cli/${module}')) await opened(connect(${(gate.address() as AddressInfo).port}, '127.0.0.1'));
      return next(url, context);
    }`);
  return `--import=${dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(hooks)});`)}`;
}

test.each([
  ['SIGINT', 'run-drill.js', ['run', drill, '--values', 'lab']],
  ['SIGTERM', 'rehearsal.js', ['rehearse', drill]],
  ['SIGHUP', 'lab-control.js', ['lab', 'up']],
] as const)('%s while %s is loaded ends the command before it begins anything', async (signal, module, command) => {
  home.use({ NODE_OPTIONS: holding(module) });
  const knocked = once(gate, 'connection') as Promise<[Socket]>;
  const running = home.start(...command);
  const gone = running.ended.then((outcome) =>
    Promise.reject(new Error(`it loaded past the gate: ${JSON.stringify(outcome)}`)),
  );
  const [held] = await Promise.race([knocked, gone]);
  held.on('error', () => undefined); // Who knocked may be gone before it is opened.
  running.child.kill(signal);
  await running.says(/stopping; nothing has been touched/);
  held.end();
  const { code, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('there is nothing to undo') });
  expect(await home.leftovers()).toEqual([]);
});
