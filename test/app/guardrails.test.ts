/** Alarms that stop a run, read from a real endpoint while the clock is turned by hand. */
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGuardrail } from '../../src/app/guardrails.ts';
import type { RunGuardrail } from '../../src/app/guardrails.ts';
import type { Aws } from '../../src/aws/aws.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Phase } from '../../src/domain/drill.ts';
import type { Turn } from '../../src/domain/event.ts';
import { AwsError } from '../../src/lab/wire/handler.ts';
import type { RunState } from '../../src/run/next.ts';
import { active, openTestLab, passive } from '../actions/support/lab.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { drillOf } from '../plan/drill.ts';

const names = ['orders-errors', 'orders-latency'];
let lab: TestLab;
let looks: { region: string; names: readonly string[] }[] = [];
let guardrail: RunGuardrail;
/** Looks that are under way. */
const looking = new Set<Promise<unknown>>();
let nowMs = 0;

const clock: Clock = {
  clockId: 'by hand',
  monoNs: () => BigInt(nowMs) * 1_000_000n,
  wall: () => new Date(nowMs),
  sleep: () => Promise.reject(new Error('a guardrail does not sleep')),
};

beforeAll(async () => {
  lab = await openTestLab(() => Promise.resolve());
  for (const place of [active, passive]) {
    for (const AlarmName of names) {
      await lab.aws.in(place).cloudwatch.putMetricAlarm({
        AlarmName,
        Namespace: 'shop',
        MetricName: 'errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      });
    }
  }
});
afterAll(() => lab.close());

afterEach(async () => {
  lab.hooks.before = undefined;
  looks = [];
  nowMs = 0;
  await guardrail.close();
  for (const place of [active, passive]) for (const name of names) await set(place, name, 'OK');
});

const set = (place: typeof active, AlarmName: string, StateValue: 'OK' | 'ALARM') =>
  lab.aws.in(place).cloudwatch.setAlarmState({ AlarmName, StateValue, StateReason: `made ${StateValue}` });

const isLook = ({ operation }: { operation: string }): boolean => operation === 'DescribeAlarms';

/** The lab's endpoint, by which it is known when a look has been answered. */
const followed = (): Aws => ({
  ...lab.aws,
  in(place) {
    const clients = lab.aws.in(place);
    const describeAlarms: typeof clients.cloudwatch.describeAlarms = (input, options) => {
      const look = clients.cloudwatch.describeAlarms(input, options);
      looking.add(look);
      look.finally(() => looking.delete(look)).catch(() => undefined);
      return look;
    };
    return { ...clients, cloudwatch: { ...clients.cloudwatch, describeAlarms } };
  },
});

async function stateIn(...phases: Phase[]): Promise<RunState> {
  const targets = {
    errors: await lab.resolve('cloudwatch/alarm', active, { id: 'orders-errors' }),
    latency: await lab.resolve('cloudwatch/alarm', active, { id: 'orders-latency' }),
    elsewhere: await lab.resolve('cloudwatch/alarm', passive, { id: 'orders-errors' }),
  };
  const stopOn = Object.keys(targets).map((alarm) => ({ alarm }));
  const drill = drillOf({}, { guardrails: { maxDurationMs: 3_600_000, stopOn, blackout: [] } });
  lab.hooks.before = (call, input) => {
    if (isLook(call)) looks.push({ region: call.region, names: (input as { AlarmNames: string[] }).AlarmNames });
  };
  guardrail = createGuardrail({ clock, aws: followed(), everyMs: 5_000 });
  const startedAt = { clockId: clock.clockId, ns: '0', at: '' };
  return { plan: { drill, targets }, phases, startedAt } as unknown as RunState;
}

/** Asks as the watch does, a simulated second apart, until it turns the run or `seconds` are over. */
async function ask(state: RunState, seconds: number): Promise<Turn | undefined> {
  for (let second = 0; second < seconds; second += 1) {
    const turned = await guardrail.check(state, []);
    if (turned) return turned;
    await Promise.allSettled(looking);
    await turn();
    nowMs += 1_000;
  }
  return undefined;
}

describe('the alarms of stopOn', () => {
  it('turn the run when one of them goes off, and say which and why', async () => {
    const state = await stateIn('baseline', 'inject');
    await set(active, 'orders-latency', 'ALARM');
    expect(await ask(state, 20)).toEqual({
      kind: 'guardrail',
      message: 'alarm orders-latency went off: made ALARM',
    });
  });

  it('are watched in every location', async () => {
    const state = await stateIn('inject');
    await set(passive, 'orders-errors', 'ALARM');
    expect(await ask(state, 20)).toMatchObject({ kind: 'guardrail' });
  });

  it('let the run go on while they are quiet, and are read once per location and time', async () => {
    const state = await stateIn('inject');
    expect(await ask(state, 20)).toBeUndefined();
    const here = looks.filter(({ region }) => region === active.region);
    expect(here).toHaveLength(4);
    expect(here[0]!.names).toEqual(names);
  });

  it.each<[string, Phase[]]>([
    ['before the fault', ['baseline']],
    ['after recover', ['baseline', 'inject', 'recover', 'verify']],
  ])('stop nothing %s', async (_, phases) => {
    const state = await stateIn(...phases);
    await set(active, 'orders-errors', 'ALARM');
    expect(await ask(state, 20)).toBeUndefined();
    expect(looks).toEqual([]);
  });

  it('also hold in a drill without a fault, from its first step', async () => {
    const state = await stateIn('baseline', 'recover');
    await set(active, 'orders-errors', 'ALARM');
    expect(await ask(state, 20)).toMatchObject({ kind: 'guardrail' });
  });
});

describe('alarms that can not be read', () => {
  const failing = (call: { operation: string }): void => {
    if (isLook(call)) throw new AwsError('AccessDenied', 'not for you', 403);
  };

  it('turn the run after half a minute, and not before', async () => {
    const state = await stateIn('inject');
    lab.hooks.before = failing;
    expect(await ask(state, 30)).toBeUndefined();
    expect(await ask(state, 10)).toMatchObject({
      kind: 'guardrail',
      message: expect.stringMatching(/orders-errors.* could not be read for 3\d s: .*not for you/s),
    });
  });

  it('are forgiven when they can be read again in time', async () => {
    const state = await stateIn('inject');
    lab.hooks.before = failing;
    expect(await ask(state, 25)).toBeUndefined();
    lab.hooks.before = undefined;
    expect(await ask(state, 30)).toBeUndefined();
  });

  it('count as unreadable when somebody deletes one', async () => {
    const state = await stateIn('inject');
    const gone = await lab.resolve('cloudwatch/alarm', active, { id: 'orders-errors' });
    const plan = {
      ...state.plan,
      targets: { ...state.plan.targets, errors: { ...gone, items: [{ id: 'deleted', facts: {} }] } },
    };
    expect(await ask({ ...state, plan }, 60)).toMatchObject({
      kind: 'guardrail',
      message: expect.stringContaining('there is no alarm deleted any more'),
    });
  });

  it('never keep the watch waiting, and end with the guardrail', async () => {
    const state = await stateIn('inject');
    lab.hooks.before = (call) => (isLook(call) ? delay(60_000, undefined, { ref: false }) : undefined);
    const started = performance.now();
    expect(await guardrail.check(state, [])).toBeUndefined();
    await guardrail.close();
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe('the limits that need no alarm', () => {
  it('hold beside them', async () => {
    const state = await stateIn('inject');
    nowMs = 3_600_001;
    expect(await guardrail.check(state, [])).toMatchObject({ message: expect.stringContaining('maxDuration') });
  });
});
