/** Service emulations over a world without machines, behind a real endpoint. */
import { noMachines } from '../../../../src/lab/machines/none.ts';
import { accountOf } from '../../../../src/lab/services/sts/state.ts';
import { openEndpoint } from '../../../../src/lab/wire/endpoint.ts';
import type { ServiceEmulation } from '../../../../src/lab/wire/handler.ts';
import { newWorldState, openWorld, type World, type WorldState } from '../../../../src/lab/world.ts';
import { ManualClock } from './manual-clock.ts';

export interface LabService {
  world: World;
  clock: ManualClock;
  url: string;
  /** What SDK clients are built with. The access key id is the account. */
  config(more?: { account?: string; region?: string }): {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  close(): Promise<void>;
}

export const account = '111122223333';

/** @param state a world to go on with, as it was written out */
export async function serve(
  emulation: (world: World) => ServiceEmulation,
  state: WorldState = newWorldState({ profile: 'fast', network: 9 }),
): Promise<LabService> {
  const clock = new ManualClock();
  const probeHttp = () => Promise.resolve({ error: 'not here' });
  const world = openWorld(state, { clock, machines: noMachines(), probeHttp });
  const defects: unknown[] = [];
  const endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    services: [emulation(world)],
    accountOf: (accessKeyId, token) => accountOf(world, accessKeyId, token),
    now: () => clock.wall(),
    onDefect: (error) => defects.push(error),
  });
  return {
    world,
    clock,
    url: endpoint.url,
    config: ({ account: accessKeyId = account, region = 'eu-central-1' } = {}) => ({
      endpoint: endpoint.url,
      region,
      credentials: { accessKeyId, secretAccessKey: 'secret' },
      maxAttempts: 1,
    }),
    async close() {
      await endpoint.close();
      if (defects.length > 0) throw new AggregateError(defects, 'the emulation failed');
    },
  };
}
