/** `await-probe`: detection from the users' side, by what the prober has seen. */
import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';
import { choice, duration, probe } from '../domain/fields.ts';
import type { Progress } from '../domain/part.ts';
import { durationText } from '../domain/time-text.ts';
import { defineAction } from './action.ts';

const params = z.strictObject({
  probe: probe('the probe'),
  state: choice(['good', 'bad'], 'the state to wait for'),
  lasting: duration('how long it must have lasted; default: one sample').optional(),
});

export const spec = {
  name: 'await-probe',
  describes: 'Waits until a probe has been good or bad for a while: detection from the users’ side',
  params,
  effect: 'observes',
  timeoutMs: 600_000,
} satisfies ActionSpec<typeof params>;

/** A status that is older says nothing of now: the prober may be gone. */
const staleMs = 15_000;

export const awaitProbe = defineAction<typeof params>({
  spec,
  parts(input) {
    const { probe: name, state, lasting = 0 } = input.params;
    return [
      {
        shape: 'observe',
        name: 'probe',
        touches: `probe ${name}`,
        pollMs: input.pollMs,
        async poll(): Promise<Progress> {
          const status = (await input.probes()).find((found) => found.probe === name);
          if (!status) return { done: false, saw: `no word of probe ${name} yet` };
          const { clockId, monoNs } = { clockId: input.clock.clockId, monoNs: input.clock.monoNs() };
          if (status.clockId === clockId && msBetweenNs(status.asOfNs, monoNs) > staleMs) {
            return { done: false, saw: `the last word of probe ${name} is old` };
          }
          const forMs = msBetweenNs(status.sinceNs, BigInt(status.asOfNs));
          const seen = `${name} is ${status.state} for ${durationText(forMs)}${status.why ? ` (${status.why})` : ''}`;
          return status.state === state && forMs >= lasting ? { done: true } : { done: false, saw: seen };
        },
      },
    ];
  },
});

const msBetweenNs = (from: string, to: bigint): number => Number(to - BigInt(from)) / 1e6;
