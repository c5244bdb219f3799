/** What `plan` shows, whole, and that it fits and can't be steered by what AWS calls things. */
import { describe, expect, it } from 'vitest';
import { planText } from '../../src/cli/plan-text.ts';
import type { Plan, PlannedStep } from '../../src/domain/plan.ts';
import { drillOf, resolved } from '../plan/drill.ts';

type Sketch = Partial<PlannedStep> & Pick<PlannedStep, 'id' | 'uses' | 'phase' | 'group'>;

const step = (sketch: Sketch): PlannedStep => ({
  with: {},
  timeoutMs: 120_000,
  at: { file: '', line: 1, column: 1 },
  effect: 'changes',
  stays: false,
  fault: false,
  asks: false,
  implicit: false,
  ...sketch,
});

const subnets = ['subnet-1', 'subnet-2', 'subnet-3'];

const plan: Plan = {
  runId: 'r1',
  environment: 'aws',
  planHash: '',
  positions: [],
  probes: [],
  drill: drillOf(
    {},
    {
      name: 'lose-a-zone',
      title: 'Customers notice nothing when a zone goes, and the database comes back in the other one within a minute',
      locations: { live: { name: 'live', account: '111122223333', region: 'eu-central-1', production: true } },
      guardrails: {
        maxDurationMs: 3_600_000,
        stopOn: [{ alarm: 'errors' }, { probe: 'read', badMs: 600_000 }],
        window: { days: ['mon', 'tue'], from: '09:00', to: '16:00', timezone: 'Europe/Berlin' },
        blackout: [{ from: '2026-11-27', to: '2026-11-30' }],
      },
    },
  ),
  targets: {
    net: resolved('net', { location: 'live', items: subnets.map((id) => ({ id, facts: {} })) }),
    db: resolved('db', { location: 'live', account: '111122223333' }),
    later: resolved('later', { location: 'live', items: [] }),
  },
  steps: [
    step({
      id: 'steady-before',
      uses: 'probes-as-expected',
      phase: 'baseline',
      group: 1,
      effect: 'observes',
      implicit: true,
    }),
    step({
      id: 'lose',
      uses: 'ec2/isolate-subnets',
      phase: 'inject',
      group: 2,
      with: { subnets: 'net' },
      fault: true,
      forMs: 90_000,
    }),
    step({
      id: 'stop',
      uses: 'ec2/stop-instances',
      phase: 'inject',
      group: 2,
      skip: 'target web is empty, and may be',
    }),
    step({ id: 'sure', uses: 'approval', phase: 'decide', group: 3, effect: 'observes', asks: true }),
    step({
      id: 'promote',
      uses: 'rds/promote-replica',
      phase: 'recover',
      group: 4,
      with: { replica: 'db' },
      pivot: 'db',
    }),
    step({ id: 'heal', uses: 'undo', phase: 'failback', group: 5, effect: 'undo', undoes: 'lose' }),
    step({ id: 'old', uses: 'rds/set-aside', phase: 'failback', group: 6, keep: 'people delete it' }),
  ],
  previews: [
    {
      step: 'lose',
      touches: subnets.map((id) => `arn:aws:ec2:eu-central-1:111122223333:subnet/${id}`),
      undo: 'give each subnet the network ACL back that it had',
      permissions: [
        { action: 'ec2:ReplaceNetworkAclAssociation', resources: ['*'], location: 'live' },
        { action: 'ec2:DescribeSubnets', resources: ['*'], location: 'live' },
      ],
    },
    {
      step: 'promote',
      touches: ['arn:db'],
      permissions: [{ action: 'ec2:DescribeSubnets', resources: [], location: 'live' }],
    },
  ],
  findings: [
    {
      severity: 'refuse',
      code: 'guardrail-alarm-on',
      message: 'guardrail errors is in ALARM',
      remedy: 'Wait until it is not.',
    },
    { severity: 'note', code: 'a', message: 'db is paid for until somebody deletes it' },
    { severity: 'note', code: 'a', message: 'db is paid for until somebody deletes it' },
  ],
};

const plain = { columns: 80, color: false };

describe('a plan as text', () => {
  it('shows targets, steps with their undo, stops, findings and permissions', async () => {
    await expect(`${planText(plan, plain)}\n`).toMatchFileSnapshot('golden/plan.txt');
  });

  it('says of which step and region a finding is, once for all steps that say it alike', () => {
    const note = (step: string) => ({ severity: 'note', code: 'kept', message: 'orders-db is kept', step }) as const;
    const touching = (step: string, region: string) => ({
      step,
      touches: [`arn:aws:rds:${region}:111122223333:db:orders-db`],
      permissions: [],
    });
    const text = planText(
      {
        ...plan,
        previews: [touching('a', 'eu-central-1'), touching('b', 'eu-west-1'), touching('c', 'eu-west-1')],
        findings: [note('a'), note('b'), note('c')],
      },
      plain,
    );
    expect(text).toContain(
      'note: a in eu-central-1: orders-db is kept.\n  note: b, c in eu-west-1: orders-db is kept.',
    );
  });

  it('calls what only a step will make the output of that step', () => {
    const touching = (id: string, touched: string) => ({ step: id, touches: [touched], permissions: [] });
    const looks = {
      ...plan,
      steps: [
        step({ id: 'restore', uses: 'rds/restore-snapshot', phase: 'recover', group: 1 }),
        step({ id: 'check', uses: 'postgres/verify', phase: 'verify', group: 2 }),
      ],
    };
    const text = (touched: string) => planText({ ...looks, previews: [touching('check', touched)] }, plain);
    expect(text('restore')).toContain('touches  the output of restore\n');
    expect(text('restore (reads)')).toContain('touches  the output of restore (reads)\n');
    expect(text('orders-db')).toContain('touches  orders-db\n');
  });

  it('lists what a step would check, a line each', () => {
    const step = plan.previews[0]!.step;
    const previews = [
      { step, touches: ['shop'], checks: ['rows: orders at least 1', 'queries: one'], permissions: [] },
    ];
    expect(planText({ ...plan, previews }, plain)).toContain(
      'touches  shop\n      checks   rows: orders at least 1\n               queries: one\n      undo',
    );
  });

  it('keeps to the width of the terminal, where words allow it', () => {
    for (const columns of [72, 100]) {
      const lines = planText(plan, { columns, color: false }).split('\n');
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
    }
  });

  it('shows no consent where none is needed', () => {
    const asked = { ...plan, steps: plan.steps.map((each) => (each.implicit ? { ...each, asks: true } : each)) };
    expect(planText(asked, plain)).not.toContain('--consent');
    expect(planText({ ...plan, environment: 'lab' }, plain)).not.toContain('--consent');
  });

  it('lets no name from AWS steer the terminal', () => {
    const evil = '\u001b[2Jdb';
    const bad = {
      ...plan,
      targets: { ...plan.targets, net: resolved('net', { location: 'live', items: [{ id: evil, facts: {} }] }) },
    };
    expect(planText(bad, plain)).not.toContain('\u001b');
  });

  it('names the roles that the credentials which start firedrill must be allowed to assume', () => {
    const live = { ...plan.drill.locations['live']!, role: 'drills' };
    const roles = planText({ ...plan, drill: { ...plan.drill, locations: { ...plan.drill.locations, live } } }, plain);
    expect(roles).toContain('sts:AssumeRole on arn:aws:iam::111122223333:role/drills');
    expect(planText(plan, plain)).not.toContain('sts:AssumeRole');
  });

  it('is coloured only where colours are wanted', () => {
    expect(planText(plan, { columns: 80, color: true })).toContain('\u001b[31m');
    expect(planText(plan, plain)).not.toContain('\u001b');
  });
});
