/** How a step's action is fed: parameters with outputs filled in, targets, and a funnel that asks before every call. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Action, ActionInput } from '../../src/actions/action.ts';
import { bindParts, faultAt } from '../../src/app/parts.ts';
import type { AwsCall } from '../../src/aws/aws.ts';
import { LostError } from '../../src/domain/errors.ts';
import { target, text } from '../../src/domain/fields.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { PlannedStep } from '../../src/domain/plan.ts';
import type { Hold } from '../../src/run/context.ts';
import type { RunState } from '../../src/run/next.ts';
import { account, active, fastClock, openTestLab, passive } from '../actions/support/lab.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { drillOf, probe, resolved } from '../plan/drill.ts';

let lab: TestLab;
let sent: AwsCall[];
let given: ActionInput | undefined;

beforeAll(async () => {
  lab = await openTestLab(() => Promise.resolve());
});
afterAll(() => lab.close());
beforeEach(() => {
  sent = [];
  given = undefined;
  lab.onCall.before = (call) => void (call.service !== 'sts' && sent.push(call));
});
afterEach(() => {
  lab.onCall.before = undefined;
});

const noting: Action = {
  spec: {
    name: 'note',
    describes: 'Notes what it is given',
    effect: 'observes',
    timeoutMs: 1_000,
    params: z.strictObject({
      replica: target('rds/instance').optional(),
      say: text().optional(),
      all: z.array(text()).optional(),
      deep: z.record(z.string(), text()).optional(),
    }),
  },
  parts(input) {
    given = input;
    return [];
  },
};

const step = (more: Partial<PlannedStep> = {}): PlannedStep => ({
  id: 'now',
  uses: 'note',
  phase: 'recover',
  with: {},
  timeoutMs: 1_000,
  at: { file: '', line: 1, column: 1 },
  group: 2,
  effect: 'observes',
  stays: false,
  fault: false,
  asks: false,
  implicit: false,
  ...more,
});

const made = resolved('copy', { items: [{ id: 'copy-1', facts: { port: 5432 } }] });
const outputs: JsonObject = { address: 'db.example', empty: '', port: 5432, database: made as unknown as JsonObject };

interface Setting {
  drill?: Parameters<typeof drillOf>[1];
  state?: Partial<RunState>;
  guard?: () => Promise<void>;
}

/** Expands the step and gives what its action was given. */
async function feed(planned: PlannedStep, { drill, state, guard }: Setting = {}) {
  const counts = { calls: 0, guards: 0 };
  const runState = {
    runId: 'r1',
    startedBy: 'ada',
    phases: ['inject', 'recover'],
    plan: {
      runId: 'r1',
      drill: drillOf({}, { locations: { active, passive }, ...drill }),
      targets: { db: resolved('db'), web: resolved('web') },
      probes: [probe('read')],
      steps: [
        step({ id: 'before', group: 1, timeoutMs: 50_000 }),
        planned,
        step({ id: 'beside', timeoutMs: 3_000 }),
        step({ id: 'after', group: 3, timeoutMs: 20_000 }),
        step({ id: 'check', phase: 'verify', group: 4, timeoutMs: 50_000 }),
      ],
    },
    steps: new Map([
      ['before', { step: step({ id: 'before' }), outputs, approvals: [], parts: [] }],
      [
        planned.id,
        { step: planned, outputs: {}, approvals: [{ by: 'bob', automatic: false, refused: false }], parts: [] },
      ],
    ]),
    ...state,
  } as unknown as RunState;
  const hold: Hold = {
    state: () => runState,
    guard: async () => {
      counts.guards += 1;
      await guard?.();
    },
    countCall: () => (counts.calls += 1),
  };
  const parts = await bindParts({
    actions: new Map([['note', noting]]),
    aws: lab.aws,
    clock: fastClock,
    env: {},
    pollMs: 100,
    statuses: () => Promise.resolve([]),
  }).of(planned, hold);
  return { parts, input: given!, counts };
}

describe('the parameters of a step', () => {
  it('that an earlier step made unfit for the action are refused', async () => {
    await expect(feed(step({ with: { say: '$(steps.before.outputs.empty)' } }))).rejects.toMatchObject({
      code: 'step-parameters',
      message: 'step now: parameters that note does not take',
      found: 'say: needs a value',
    });
  });

  it('get outputs of earlier steps filled in, wherever they stand in the text', async () => {
    const { input } = await feed(
      step({
        with: {
          say: 'at $(steps.before.outputs.address):$(steps.before.outputs.port)',
          all: ['$(steps.before.outputs.address)', 'plain'],
          deep: { url: 'pg://$(steps.before.outputs.address)' },
        },
      }),
    );
    expect(input.params).toEqual({
      say: 'at db.example:5432',
      all: ['db.example', 'plain'],
      deep: { url: 'pg://db.example' },
    });
  });

  it('are not made up where an earlier step gave no such output', async () => {
    const planned = step({ with: { say: '$(steps.before.outputs.nothing)' } });
    await expect(feed(planned)).rejects.toMatchObject({ code: 'output-missing' });
  });

  it('come with the files that the drill names, as they were when it was planned', async () => {
    const { input } = await feed(step(), { drill: { files: { 'scripts/restore.sh': 'echo hello' } } });
    expect(input.file('scripts/restore.sh')).toBe('echo hello');
    expect(() => input.file('scripts/other.sh')).toThrow(/holds no file scripts\/other\.sh/);
  });

  it('name targets as the plan resolved them, or as an earlier step made them', async () => {
    const { input } = await feed(step({ with: { replica: '$(steps.before.outputs.database)' } }));
    expect(input.params).toEqual({ replica: '$(steps.before.outputs.database)' });
    expect(input.target('$(steps.before.outputs.database)').items).toEqual(made.items);
    expect(input.target('db').name).toBe('db');
  });

  it('that name what is not there are refused with what could be named', async () => {
    const { input } = await feed(step());
    expect(() => input.target('nowhere')).toThrow(/no target nowhere/);
  });

  it('that name a target which an earlier step did not find blame the drill, and say which', async () => {
    const { input } = await feed(step());
    expect(() => input.target('$(steps.before.outputs.manifest)')).toThrow(
      expect.objectContaining({
        code: 'output-missing',
        message: 'step before found no manifest, which this step was to use',
        provesNothing: true,
      }) as Error,
    );
  });

  it('come with what the run knows of the step', async () => {
    const { input } = await feed(step());
    expect(input).toMatchObject({ runId: 'r1', stepId: 'now', phase: 'recover', startedBy: 'ada', pollMs: 100 });
    expect(input.approvals()).toEqual([{ by: 'bob', automatic: false, refused: false }]);
  });

  it('come with the time that the rest of the phase may take, and the RPO that is promised', async () => {
    const { input } = await feed(step(), {
      drill: { objectives: { rpoMs: 7, failback: {}, steadyMs: 1, declared: {} } },
    });
    expect(input).toMatchObject({ timeoutMs: 1_000, phaseLeftMs: 23_000, rpoMs: 7 });
  });
});

describe('the calls of a step', () => {
  it('are preceded by the ownership check, each of them, and counted', async () => {
    const { input, counts } = await feed(step());
    const { rds } = input.aws.in(active);
    counts.guards = 0;
    counts.calls = 0;
    await rds.describeDBInstances({});
    await rds.describeDBSubnetGroups({});
    expect(sent.map(({ operation, step: of }) => `${of} ${operation}`)).toEqual([
      'now DescribeDBInstances',
      'now DescribeDBSubnetGroups',
    ]);
    expect(counts.guards).toBeGreaterThanOrEqual(2);
    expect(counts.calls).toBeGreaterThanOrEqual(2);
  });

  it('are not made once another process drives the run', async () => {
    const { input } = await feed(step(), { guard: () => Promise.reject(new LostError('r1')) });
    await expect(input.aws.in(active).rds.deleteDBInstance({ DBInstanceIdentifier: 'db' })).rejects.toThrow(LostError);
    expect(sent).toEqual([]);
  });
});

describe('a region whose APIs are assumed to be gone', () => {
  const gone = { assume: { regionApiUnavailable: 'active' } };
  const look = (input: ActionInput, place: typeof active) => input.aws.in(place).rds.describeDBInstances({});

  it.each(['detect', 'decide', 'recover', 'verify'] as const)(
    'is not called in %s; the other one is',
    async (phase) => {
      const { input } = await feed(step({ phase }), { drill: gone });
      await expect(look(input, active)).rejects.toMatchObject({
        code: 'region-assumed-gone',
        message: expect.stringContaining('eu-central-1'),
      });
      expect(sent).toEqual([]);
      await look(input, passive);
      expect(sent).toHaveLength(1);
    },
  );

  it('still answers for Route 53, whose control plane is elsewhere', async () => {
    const { input } = await feed(step(), { drill: gone });
    await input.aws.in(active).route53.listHostedZones({});
    expect(sent).toHaveLength(1);
  });

  it.each<[string, PlannedStep, Partial<RunState>]>([
    ['before the fault', step({ phase: 'baseline' }), {}],
    ['by the fault itself', step({ phase: 'inject' }), {}],
    ['in failback', step({ phase: 'failback' }), {}],
    ['once the run has turned', step(), { turn: { kind: 'aborted', message: 'enough' } }],
    ['by what is undone while failback runs', step(), { phases: ['inject', 'recover', 'failback'] }],
  ])('is called %s', async (_, planned, state) => {
    const { input } = await feed(planned, { drill: gone, state });
    await look(input, active);
    expect(sent).toHaveLength(1);
  });

  it('is only that region of that account', async () => {
    const { input } = await feed(step(), {
      drill: { ...gone, locations: { active: { ...active, account: '999999999999' }, passive } },
    });
    await look(input, { ...active, account });
    expect(sent).toHaveLength(1);
  });
});

describe('steps that are no action of the drill', () => {
  it('wait for the probes where the plan added them', async () => {
    const { parts } = await feed(step({ uses: 'probes-as-expected', implicit: true }));
    expect(parts).toMatchObject([{ shape: 'observe', name: 'probes', touches: 'read' }]);
    expect(given).toBeUndefined();
  });

  it('are refused when this version does not know them', async () => {
    await expect(feed(step({ uses: 'rds/from-the-future' }))).rejects.toMatchObject({ code: 'unknown-action' });
  });
});

it('the fault is the first one that began', () => {
  const mark = (ns: string) => ({ clockId: 'c', ns, at: '' });
  const runs = [
    { step: step({ fault: true }), startedAt: mark('200') },
    { step: step({ fault: true }), startedAt: mark('90') },
    { step: step(), startedAt: mark('1') },
    { step: step({ fault: true }) },
  ];
  const state = { steps: new Map(runs.map((run, n) => [String(n), run])) } as unknown as RunState;
  expect(faultAt(state)).toEqual(mark('90'));
});
