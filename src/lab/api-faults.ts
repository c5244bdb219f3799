/** Faults of the AWS API itself, injected around calls: what throttles, fails, is slow, or takes effect and loses its answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AwsError, LoseAnswer, type Call, type CallHooks } from './wire/handler.ts';

const fault = z.discriminatedUnion('kind', [
  /** The call has no effect and is answered with an error. */
  z.strictObject({
    kind: z.literal('error'),
    code: z.string(),
    status: z.number().int().min(400).max(599).default(500),
    message: z.string().default('injected by the lab'),
  }),
  /** The call takes effect this much later. */
  z.strictObject({ kind: z.literal('delay'), ms: z.number().positive() }),
  /** The call has no effect, and its connection breaks. */
  z.strictObject({ kind: z.literal('lose-call') }),
  /** The call takes effect, and its connection breaks before the answer. */
  z.strictObject({ kind: z.literal('lose-answer') }),
]);

/** Which calls, and what happens to them. What isn't named matches everything. */
export const apiFault = z.strictObject({
  service: z.string().optional(),
  operation: z.string().optional(),
  region: z.string().optional(),
  /** How many calls are hit; without it, all until the faults are cleared. */
  times: z.number().int().positive().optional(),
  fault,
});
export type ApiFault = z.infer<typeof apiFault>;

export interface ApiFaults {
  hooks: CallHooks;
  add(fault: ApiFault): void;
  clear(): void;
}

export function apiFaults(): ApiFaults {
  let faults: ApiFault[] = [];
  const take = (call: Call, when: (kind: ApiFault['fault']['kind']) => boolean): ApiFault['fault'] | undefined => {
    const found = faults.find(
      (each) =>
        when(each.fault.kind) &&
        (each.service ?? call.service) === call.service &&
        (each.operation ?? call.operation) === call.operation &&
        (each.region ?? call.region) === call.region,
    );
    if (found?.times !== undefined) {
      found.times -= 1;
      if (found.times === 0) faults = faults.filter((each) => each !== found);
    }
    return found?.fault;
  };
  return {
    hooks: {
      async before(call) {
        const hit = take(call, (kind) => kind !== 'lose-answer');
        if (hit?.kind === 'delay') await sleep(hit.ms);
        if (hit?.kind === 'lose-call') throw new LoseAnswer();
        if (hit?.kind === 'error') throw new AwsError(hit.code, hit.message, hit.status);
      },
      after(call) {
        if (take(call, (kind) => kind === 'lose-answer')) throw new LoseAnswer();
      },
    },
    add: (added) => void faults.push({ ...added }),
    clear: () => void (faults = []),
  };
}
