/** When a run may hit production, and how whoever starts it says yes. */
import { describe, expect, it } from 'vitest';
import { dangerOf, refuseWithoutConsent } from '../../src/app/consent.ts';
import { askConsent } from '../../src/cli/consent-ask.ts';
import type { Plan, PlannedStep } from '../../src/domain/plan.ts';
import { resolved } from '../plan/drill.ts';

type Sketch = Partial<PlannedStep> & Pick<PlannedStep, 'id' | 'uses'>;

const step = (sketch: Sketch, group: number): PlannedStep => ({
  phase: 'inject',
  with: {},
  timeoutMs: 1,
  at: { file: '', line: 1, column: 1 },
  group,
  effect: 'changes',
  stays: false,
  fault: false,
  asks: false,
  implicit: false,
  ...sketch,
});

const location = (name: string, production: boolean) => ({ name, account: '1', region: 'eu-central-1', production });

const planOf = (...steps: Sketch[]): Plan =>
  ({
    drill: { name: 'lose-a-zone', locations: { live: location('live', true), spare: location('spare', false) } },
    targets: {
      'live-net': resolved('live-net', { location: 'live' }),
      'spare-net': resolved('spare-net', { location: 'spare' }),
      'live-db': resolved('live-db', { location: 'live' }),
    },
    steps: steps.map((each, i) => step(each, i + 1)),
    previews: [{ step: 'cut', touches: ['subnet-1'], permissions: [] }],
  }) as unknown as Plan;

const cut = (subnets: string, more: Partial<PlannedStep> = {}): Sketch => ({
  id: 'cut',
  uses: 'ec2/isolate-subnets',
  with: { subnets },
  fault: true,
  ...more,
});
const ask: Sketch = { id: 'sure', uses: 'approval', phase: 'baseline', effect: 'observes', asks: true };
const promote = (replica: string): Sketch => ({
  id: 'promote',
  uses: 'rds/promote-replica',
  phase: 'recover',
  with: { replica },
  pivot: replica,
});

describe('a drill needs consent', () => {
  it('for a fault in production that nobody approves', () => {
    expect(dangerOf(planOf(cut('live-net')))).toEqual({ steps: ['cut'], locations: ['live'] });
  });

  it('for whatever else inject changes there', () => {
    const weigh = { id: 'weigh', uses: 'rds/fence-primary', with: { database: 'live-db', mode: 'read-only' } };
    expect(dangerOf(planOf(weigh))).toMatchObject({ steps: ['weigh'] });
  });

  it('for a promotion there, fault or not', () => {
    expect(dangerOf(planOf(promote('live-db')))).toEqual({ steps: ['promote'], locations: ['live'] });
  });

  it('for a fault on something that is known only later, wherever production is', () => {
    expect(dangerOf(planOf(cut('$(steps.find.outputs.subnets)')))).toMatchObject({ locations: ['live'] });
  });

  it('for what inject makes there, which no target names', () => {
    const copy = (to: string): Sketch => ({
      id: 'copy',
      uses: 'rds/copy-snapshot',
      with: { snapshot: 'spare-net', to },
      effect: 'creates',
    });
    expect(dangerOf(planOf(copy('live')))).toEqual({ steps: ['copy'], locations: ['live'] });
    expect(dangerOf(planOf(copy('spare')))).toBeUndefined();
  });

  it('when it asks only after the fault', () => {
    expect(dangerOf(planOf(cut('live-net'), { ...ask, phase: 'decide' }, promote('live-db')))).toEqual({
      steps: ['cut'],
      locations: ['live'],
    });
  });
});

describe('a drill needs no consent', () => {
  it.each<[string, Plan]>([
    ['when it asks before', planOf(ask, cut('live-net'), promote('live-db'))],
    ['outside production', planOf(cut('spare-net'))],
    ['when it only looks', planOf({ id: 'wait', uses: 'wait', effect: 'observes' })],
    ['for what is skipped', planOf(cut('live-net', { skip: 'nothing there' }))],
  ])('%s', (_, plan) => {
    expect(dangerOf(plan)).toBeUndefined();
  });
});

describe('consent', () => {
  const plan = planOf(cut('live-net'));
  const asking = (answer: string) => {
    const asked: string[] = [];
    const frame = { err: () => {}, ask: (question: string) => (asked.push(question), Promise.resolve(answer)) };
    return { frame, asked };
  };
  const deaf = { err: () => {} };

  it('is the name of the drill, typed at the terminal, where the question says what is hit', async () => {
    const { frame, asked } = asking('lose-a-zone');
    expect(await askConsent(frame, plan, undefined)).toMatchObject({ how: 'typed', locations: ['live'] });
    expect(asked.join()).toMatch(/live \(1 eu-central-1\)[\s\S]*cut: ec2\/isolate-subnets subnet-1[\s\S]*lose-a-zone/);
  });

  it('is not any other answer', async () => {
    for (const answer of ['', 'y', 'yes', 'lose-a-zon']) {
      await expect(askConsent(asking(answer).frame, plan, undefined)).rejects.toMatchObject({
        code: 'consent-missing',
      });
    }
  });

  it('is the option where nobody sits at a terminal, and nothing else', async () => {
    expect(await askConsent(deaf, plan, 'lose-a-zone')).toMatchObject({ how: 'option' });
    await expect(askConsent(deaf, plan, undefined)).rejects.toMatchObject({
      code: 'consent-missing',
      remedy: expect.stringContaining('--consent lose-a-zone'),
    });
    await expect(askConsent(deaf, plan, 'another')).rejects.toMatchObject({ found: '"another"' });
  });

  it('is not asked for when the option was given, right or wrong', async () => {
    const { frame, asked } = asking('lose-a-zone');
    await expect(askConsent(frame, plan, 'another')).rejects.toMatchObject({ code: 'consent-missing' });
    expect(asked).toEqual([]);
  });

  it('is not asked for where none is needed', async () => {
    const { frame, asked } = asking('');
    expect(await askConsent(frame, planOf(cut('spare-net')), undefined)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('names the steps and locations that it is about when it is missing', () => {
    expect(() => refuseWithoutConsent(plan, dangerOf(plan)!, undefined)).toThrow('cut would hit production (live)');
  });
});
