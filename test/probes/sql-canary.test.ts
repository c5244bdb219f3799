/** What canaries that write by SQL have in common, as far as it needs no server. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openProbe } from '../../src/probes/index.ts';
import type { LiveProbe } from '../../src/probes/probe.ts';
import { clock, planOf, probeOf, runId } from './support/run.ts';

const soon = () => AbortSignal.timeout(60_000);

describe.each(['postgres/canary', 'mysql/canary'])('%s', (kind) => {
  const open = (where: Record<string, string>, env: NodeJS.ProcessEnv = { LOGIN: 'canary:secret' }): LiveProbe => {
    const probe = probeOf('write', kind, { name: 'shop', login: 'env:LOGIN', ...where });
    return openProbe(probe, { runId, plan: planOf([probe]), clock, env });
  };

  test('gives up on a server that takes connections and says nothing', async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const live = open({ host: '127.0.0.1', port: `${port}` });
    expect(await live.ask(1, AbortSignal.timeout(150))).toEqual({ outcome: 'bad', why: 'timeout' });
    silent.close();
    await once(silent, 'close');
  });

  test('says that nobody listens', async () => {
    expect(await open({ host: '127.0.0.1', port: '1' }).ask(1, soon())).toEqual({ outcome: 'bad', why: 'refused' });
  });

  test('says which secret is missing', async () => {
    expect(await open({ host: '127.0.0.1', port: '1' }, {}).ask(1, soon())).toMatchObject({
      outcome: 'bad',
      why: expect.stringContaining('env:LOGIN') as string,
    });
  });

  test('is refused when it names no database', () => {
    expect(() => open({})).toThrow(/which database/);
  });
});
