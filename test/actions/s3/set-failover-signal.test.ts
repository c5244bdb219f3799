import { afterEach, beforeEach, expect, test } from 'vitest';
import { setFailoverSignal } from '../../../src/actions/s3/set-failover-signal.ts';
import type { TestLab } from '../support/lab.ts';
import { openTestLab, passive } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { doStep, undoStep } from '../support/step.ts';

let lab: TestLab;
beforeEach(async () => {
  lab = await openTestLab(async () => {});
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
  await lab.aws.in(passive).s3.createBucket({ Bucket: 'signals', CreateBucketConfiguration });
});
afterEach(() => lab.close());

const setUp = async (state?: string): Promise<StepSetup> => ({
  lab,
  action: setFailoverSignal,
  params: { signals: 'signals', key: 'orders-down', state },
  targets: { signals: await lab.resolve('s3/objects', passive, { bucket: 'signals', prefix: 'failover/' }) },
});

const keys = async (): Promise<unknown[]> =>
  ((await lab.aws.in(passive).s3.listObjectsV2({ Bucket: 'signals' })).Contents ?? []).map((object) => object.Key);

test('the signal is put, and removed by the undo', async () => {
  const journal = await doStep(await setUp());
  expect(await keys()).toEqual(['failover/orders-down']);
  await undoStep(await setUp(), journal);
  expect(await keys()).toEqual([]);
});

test('a signal that stood there before stays', async () => {
  await lab.aws.in(passive).s3.putObject({ Bucket: 'signals', Key: 'failover/orders-down', Body: 'theirs' });
  await undoStep(await setUp(), await doStep(await setUp()));
  expect(await keys()).toEqual(['failover/orders-down']);
});

test('a signal can be taken away, and is put back by the undo', async () => {
  await doStep(await setUp());
  const journal = await doStep(await setUp('absent'));
  expect(await keys()).toEqual([]);
  await undoStep(await setUp('absent'), journal);
  expect(await keys()).toEqual(['failover/orders-down']);
});

test('a bucket that does not exist is not found', async () => {
  const search = lab.resolve('s3/objects', passive, { bucket: 'nowhere' });
  await expect(search).rejects.toMatchObject({ code: 'target-not-found' });
});
