/** `wait`: lets time pass, counted from when the step began, so that a takeover doesn't start it anew. */
import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';
import { markNow, msBetween } from '../domain/clock.ts';
import { durationText } from '../domain/time-text.ts';
import { defineAction } from './action.ts';

const params = z.strictObject({});

export const spec = {
  name: 'wait',
  describes: 'Lets the time of its `for` pass',
  params,
  effect: 'observes',
  timeoutMs: 86_400_000,
  needsFor: true,
} satisfies ActionSpec<typeof params>;

export const wait = defineAction<typeof params>({
  spec,
  parts(input) {
    const { forMs = 0, pollMs, clock } = input;
    return [
      {
        shape: 'observe',
        name: 'time',
        touches: 'nothing',
        pollMs: Math.min(pollMs, Math.max(forMs, 1)),
        async poll() {
          const begun = input.begunAt();
          const left = begun ? forMs - msBetween(begun, markNow(clock)).ms : forMs;
          return left <= 0
            ? { done: true }
            : { done: false, saw: `${durationText(Math.ceil(left / 1000) * 1000)} to go` };
        },
      },
    ];
  },
});
