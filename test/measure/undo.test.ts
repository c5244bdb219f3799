/** What a run says of what it left behind. */
import { expect, test } from 'vitest';
import { undoIn } from '../../src/measure/undo.ts';
import type { Told } from './support/world.ts';
import { logOf, planOf, step } from './support/world.ts';

const left = (...told: Told[]): readonly string[] => {
  const plan = planOf({ steps: [step('copy', 'recover')] });
  return undoIn(plan, logOf(plan, told)).left;
};
const part = { step: 'copy', part: 'it' };
const begun = { type: 'step.begun', ...part, key: 'k', touches: 'orders-copy' } as const;
const changes: Told = [1_000, { ...begun, before: 1, after: 2 }];
const creates: Told = [1_000, { ...begun, identity: { name: 'orders-copy' } }];

test('what could not be undone is told with its own remedy, and one full stop', () => {
  const denied = { code: 'access-denied', message: 'it was denied.', remedy: 'Delete orders-copy by hand.' };
  expect(left(creates, [2_000, { type: 'step.undo-failed', ...part, error: denied }])).toEqual([
    'Part it of step copy could not be undone: it was denied. Delete orders-copy by hand.',
  ]);
});

test('what a step keeps is not left behind, unless it was to be deleted and could not be', () => {
  const plan = planOf({ steps: [step('copy', 'recover', { keep: 'looked at on Monday' })] });
  const leftOf = (...told: Told[]) => undoIn(plan, logOf(plan, told));
  expect(leftOf(creates)).toEqual({ state: 'complete', left: [] });
  const error = { code: 'x', message: 'somebody was there' };
  expect(leftOf(creates, [2_000, { type: 'step.undo-failed', ...part, error }])).toMatchObject({
    state: 'incomplete',
    left: [expect.stringContaining('could not be undone: somebody was there.') as string],
  });
});

test.each([
  ['changed is to be put back', changes, 'ut it back by hand.'],
  ['created is to be deleted', creates, 'elete what it created by hand.'],
])('what was %s where nothing else is advised', (_, begins, words) => {
  const error = { code: 'x', message: 'somebody was there' };
  const failed: Told = [2_000, { type: 'step.undo-failed', ...part, error }];
  expect(left(begins)).toEqual([expect.stringMatching(`still stands: .${words}$`)]);
  expect(left(begins, failed)).toEqual([
    expect.stringMatching(`could not be undone: somebody was there\\. .${words}$`),
  ]);
});
