/** Climbs the whole ladder of a verification once, as the driver does, and keeps what each rung said. */
import type { Action, ActionInput } from '../../../../src/actions/action.ts';
import { systemClock } from '../../../../src/app/system-clock.ts';
import { markNow } from '../../../../src/domain/clock.ts';
import type { Mark } from '../../../../src/domain/clock.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { Check } from '../../../../src/domain/part.ts';
import type { ResolvedTarget } from '../../../../src/domain/plan.ts';

export const clock = systemClock();

export interface Climb {
  params: Record<string, unknown>;
  targets: Record<string, ResolvedTarget>;
  began: Mark;
  more?: Partial<ActionInput>;
}

export const env = {
  VERIFIER: 'lookbook',
  OWNER: 'owner:secret',
  WRONG: 'wrong',
  SECRET_JSON: '{"password":"lookbook"}',
};

/** A database as a step's output gives it. */
export const databaseAt = (port: number, database: string, engine = 'postgres', more = {}): ResolvedTarget => ({
  name: database,
  type: 'sql/database',
  location: 'home',
  account: '000000000000',
  region: 'eu-central-1',
  select: {},
  items: [{ id: database, facts: { endpoint: '127.0.0.1', port, database, engine } }],
  ...more,
});

export const inputOf = (action: Action, { params, targets, began, more }: Climb): ActionInput =>
  ({
    params: action.spec.params.parse({ database: 'db', user: 'verifier', password: 'env:VERIFIER', ...params }),
    runId: 'r1',
    stepId: 's1',
    phase: 'verify',
    timeoutMs: 100_000,
    pollMs: 20,
    target: (ref: string) => targets[ref]!,
    targets: [],
    clock,
    env,
    recoveryBeganAt: () => began,
    ...more,
  }) as unknown as ActionInput;

export interface Climbed {
  checks: Record<string, Check>;
  outputs: JsonObject;
  /** Sentences of what doesn't hold, by rung. */
  broken: Record<string, string>;
}

export async function climb(action: Action, setup: Climb): Promise<Climbed> {
  const checks: Record<string, Check> = {};
  const outputs: Record<string, JsonObject[string]> = {};
  const attempt = { key: 'k', signal: AbortSignal.timeout(100_000) };
  for (const part of await action.parts(inputOf(action, setup))) {
    if (part.shape !== 'observe') throw new Error(`${part.name} does not observe`);
    for (;;) {
      const progress = await part.poll(attempt);
      if (!progress.done) {
        await clock.sleep(20, attempt.signal);
        continue;
      }
      if (progress.check) checks[part.name] = progress.check;
      Object.assign(outputs, progress.outputs);
      break;
    }
  }
  const broken = Object.entries(checks).filter(([, { holds }]) => !holds);
  return { checks, outputs, broken: Object.fromEntries(broken.map(([name, { said }]) => [name, said])) };
}

export const now = (): Mark => markNow(clock);
