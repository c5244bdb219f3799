/** Who must be asked before what. */
import { describe, expect, it } from 'vitest';
import type { Hazard } from '../../src/domain/hazard.ts';
import { unasked } from '../../src/domain/hazard.ts';

const step = (more: Partial<Hazard>): Hazard => ({
  phase: 'inject',
  group: 1,
  effect: 'changes',
  fault: false,
  pivot: false,
  asks: false,
  locations: ['live'],
  ...more,
});
const fault = step({ group: 2, fault: true });
const approval = (group: number): Hazard =>
  step({ phase: 'baseline', group, effect: 'observes', asks: true, locations: [] });
const hit = (...steps: Hazard[]) => unasked(steps, ['live']).map((each) => each.step);

describe('somebody must be asked', () => {
  it.each<[string, Hazard]>([
    ['a fault', fault],
    ['whatever else inject changes', step({ group: 2 })],
    ['what inject creates', step({ group: 2, effect: 'creates' })],
    ['a promotion', step({ group: 2, phase: 'recover', pivot: true })],
    ['what is known only during the run', step({ group: 2, locations: [undefined] })],
    ['what names no target', step({ group: 2, locations: [] })],
  ])('before %s', (_, hazard) => {
    expect(hit(hazard)).toEqual([hazard]);
    expect(hit(approval(1), hazard)).toEqual([]);
  });

  it('before, and neither after it nor at the same time', () => {
    expect(hit(fault, approval(3))).toEqual([fault]);
    expect(hit(approval(2), fault)).toEqual([fault]);
  });
});

describe('nobody must be asked', () => {
  it.each<[string, Hazard]>([
    ['outside production', step({ locations: ['spare'] })],
    ['before a look', step({ effect: 'observes' })],
    ['before a change that recovers', step({ phase: 'recover' })],
    ['before an undo', step({ phase: 'failback', effect: 'undo' })],
  ])('%s', (_, harmless) => {
    expect(hit(harmless)).toEqual([]);
  });
});
