import { expect, test } from 'vitest';
import { emulationsOf } from '../../../src/lab/emulations.ts';
import { noMachines } from '../../../src/lab/machines/none.ts';
import { memoryBodies } from '../../../src/lab/services/s3/bodies.ts';
import { loadService } from '../../../src/lab/wire/service.ts';
import { newWorldState, openWorld } from '../../../src/lab/world.ts';
import { ManualClock } from '../services/support/manual-clock.ts';

const probeHttp = () => Promise.resolve({ error: 'not here' });
const world = openWorld(newWorldState({ profile: 'fast', network: 9 }), {
  clock: new ManualClock(),
  machines: noMachines(),
  probeHttp,
});
const emulations = emulationsOf(world, memoryBodies());

test('docs/lab-operations.md lists exactly what the lab emulates (vitest -u writes it)', async () => {
  const sections = emulations
    .toSorted((a, b) => a.client.localeCompare(b.client))
    .map(({ client, operations }) => {
      const items = Object.keys(operations)
        .sort()
        .map((name) => `- ${name}`);
      return `## ${client}\n\n${items.join('\n')}\n`;
    });
  const page = `# Operations that the lab emulates\n\nBy the package of the SDK client. Anything else is answered 501.\n\n`;
  await expect(page + sections.join('\n')).toMatchFileSnapshot('../../../docs/lab-operations.md');
});

test.each(emulations.map((emulation) => [emulation.client, emulation] as const))(
  '%s: every emulated operation is one of the service',
  async (client, { operations }) => {
    const service = await loadService(client);
    expect(Object.keys(operations).filter((name) => !service.operations.has(name))).toEqual([]);
  },
);
