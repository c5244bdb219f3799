/** The order of a plan, and what it knows of each step. */
import { describe, expect, it } from 'vitest';
import type { PlannedStep } from '../../src/domain/plan.ts';
import { planSteps } from '../../src/plan/steps.ts';
import { drillOf, resolved, specOf } from './drill.ts';

const targets = { active: resolved('active'), passive: resolved('passive'), spare: resolved('spare', { items: [] }) };
const plan = (...args: Parameters<typeof drillOf>): PlannedStep[] =>
  planSteps({ drill: drillOf(...args), specOf, targets });
const byId = (steps: PlannedStep[], id: string): PlannedStep => steps.find((step) => step.id === id)!;

const failover: Parameters<typeof drillOf>[0] = {
  inject: [{ id: 'lose', uses: 'cut' }],
  recover: [
    { id: 'fence', uses: 'fence', with: { database: 'active' } },
    { id: 'promote', uses: 'promote', with: { replica: 'passive' } },
    { id: 'flip', uses: 'flip' },
  ],
  failback: [
    { id: 'heal', uses: 'undo', with: { step: 'lose' } },
    { id: 'keep', uses: 'set-aside', with: { database: 'active' } },
    { id: 'rebuild', uses: 'create-replica', with: { source: 'passive', as: 'active' } },
    { id: 'promote-back', uses: 'promote', with: { replica: 'active' } },
  ],
};

describe('a plan', () => {
  it('looks at the probes before the fault, after recovery and in the end', () => {
    const ids = plan(failover).map(({ id }) => id);
    expect(ids[0]).toBe('steady-before');
    expect(ids.indexOf('recovered')).toBe(ids.indexOf('flip') + 1);
    expect(ids.at(-1)).toBe('steady-after');
  });

  it('adds no looks to a drill without probes', () => {
    expect(plan(failover, { probes: {} }).some(({ implicit }) => implicit)).toBe(false);
  });

  it('waits for recovery longer than was promised, so that a miss is measured and not cut off', () => {
    expect(byId(plan(failover), 'recovered').timeoutMs).toBeGreaterThan(60_000 + 5_000);
  });

  it('gives the way back at least the time that the action takes by itself, however short the step shall be', () => {
    const steps = plan({
      inject: [
        { id: 'short', uses: 'cut', timeoutMs: 5_000 },
        { id: 'long', uses: 'cut', timeoutMs: 90_000 },
      ],
    });
    expect(byId(steps, 'short').undoTimeoutMs).toBe(60_000);
    expect(byId(steps, 'long').undoTimeoutMs).toBe(90_000);
  });

  it('numbers parallel steps alike and others in order', () => {
    const steps = plan({
      inject: [
        [
          { id: 'a', uses: 'cut' },
          { id: 'b', uses: 'cut' },
        ],
        { id: 'c', uses: 'cut' },
      ],
    });
    expect(byId(steps, 'a').group).toBe(byId(steps, 'b').group);
    expect(byId(steps, 'c').group).toBe(byId(steps, 'a').group + 1);
  });

  it('takes the promotion of a standing replica for a pivot, and that of a rebuilt one too', () => {
    const steps = plan(failover);
    expect(byId(steps, 'promote').pivot).toBe('passive');
    expect(byId(steps, 'promote-back').pivot).toBe('active');
  });

  it('takes no promotion of what the drill itself created for a pivot', () => {
    const steps = plan({
      recover: [
        { id: 'create', uses: 'create-replica', with: { source: 'active', as: 'spare' } },
        { id: 'promote', uses: 'promote', with: { replica: 'spare' } },
      ],
    });
    expect(byId(steps, 'promote')).toMatchObject({ pivot: undefined, stays: false, skip: undefined });
    expect(byId(steps, 'create').stays).toBe(false);
  });

  it('keeps fences, what was set aside and what took a role', () => {
    const steps = plan(failover);
    for (const id of ['fence', 'promote', 'keep', 'rebuild', 'promote-back'])
      expect([id, byId(steps, id).stays]).toEqual([id, true]);
    for (const id of ['lose', 'flip']) expect([id, byId(steps, id).stays]).toEqual([id, false]);
  });

  it('skips a step whose target is empty and that no step makes', () => {
    const steps = plan({ recover: [{ id: 'promote', uses: 'promote', with: { replica: 'spare' } }] });
    expect(byId(steps, 'promote').skip).toContain('spare');
  });

  it('knows whose effect an undo step takes back', () => {
    expect(byId(plan(failover), 'heal').undoes).toBe('lose');
  });
});
