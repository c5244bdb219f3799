import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { awaitAlarm } from '../../../src/actions/cloudwatch/await-alarm.ts';
import type { ActionInput } from '../../../src/actions/action.ts';
import { createAws } from '../../../src/aws/funnel.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { here, optionsFor } from '../../aws/endpoint.ts';
import { lookOnce } from '../support/step.ts';

const cloudwatch = mockClient(CloudWatchClient);
const sts = mockClient(STSClient);
beforeEach(() => {
  sts.onAnyCommand().resolves({ Account: here.account });
});
afterEach(() => {
  cloudwatch.reset();
  sts.reset();
});

const aws = createAws(optionsFor('http://127.0.0.1:9'));
const fault: Mark = { clockId: 'c', ns: '0', at: '2026-01-01T12:00:00.000Z' };
const alarm = (StateValue: 'ALARM' | 'OK', changedAt: string) => ({
  AlarmName: 'down',
  StateValue,
  StateReason: 'as measured',
  StateTransitionedTimestamp: new Date(changedAt),
});

function inputOf(params: Record<string, string> = {}, facts = {}): ActionInput {
  const down: ResolvedTarget = {
    ...here,
    name: 'down',
    type: 'cloudwatch/alarm',
    location: 'passive',
    select: { id: 'down' },
    items: [{ id: 'down', arn: 'arn:alarm:down', facts }],
  };
  const input = {
    params: awaitAlarm.spec.params.parse({ alarm: 'down', ...params }),
    pollMs: 100,
    target: () => down,
    aws,
    clock: new VirtualClock(),
    faultAt: () => fault,
  };
  return input as unknown as ActionInput;
}

test('an alarm that goes off after the fault ends the waiting, and says when it did', async () => {
  cloudwatch.onAnyCommand().resolves({ MetricAlarms: [alarm('OK', '2026-01-01T11:00:00Z')] });
  expect(await lookOnce(awaitAlarm, inputOf())).toEqual({ done: false, saw: 'down is OK: as measured' });

  cloudwatch.onAnyCommand().resolves({ MetricAlarms: [alarm('ALARM', '2026-01-01T12:00:40Z')] });
  expect(await lookOnce(awaitAlarm, inputOf())).toEqual({
    done: true,
    outputs: { changedAt: '2026-01-01T12:00:40.000Z' },
  });
});

test('an alarm that was on before the fault does not count', async () => {
  cloudwatch.onAnyCommand().resolves({ MetricAlarms: [alarm('ALARM', '2026-01-01T11:59:59Z')] });
  expect(await lookOnce(awaitAlarm, inputOf())).toEqual({ done: false, saw: 'down is ALARM since before the fault' });
});

test('composite alarms count like metric alarms', async () => {
  cloudwatch.onAnyCommand().resolves({ CompositeAlarms: [alarm('ALARM', '2026-01-01T12:00:40Z')] });
  expect(await lookOnce(awaitAlarm, inputOf())).toMatchObject({ done: true });
});

test('waiting for OK needs no transition', async () => {
  cloudwatch.onAnyCommand().resolves({ MetricAlarms: [alarm('OK', '2026-01-01T11:00:00Z')] });
  expect(await lookOnce(awaitAlarm, inputOf({ state: 'OK' }))).toMatchObject({ done: true });
});

test('an alarm that somebody deleted is an error, not a wait without end', async () => {
  cloudwatch.onAnyCommand().resolves({ MetricAlarms: [] });
  await expect(lookOnce(awaitAlarm, inputOf())).rejects.toMatchObject({ code: 'alarm-gone' });
});

test('the plan warns of an alarm that is on already', async () => {
  const preview = await awaitAlarm.preview!(inputOf({}, { state: 'ALARM' }));
  expect(preview.findings).toMatchObject([{ severity: 'warn', code: 'alarm-on' }]);
  expect((await awaitAlarm.preview!(inputOf({}, { state: 'OK' }))).findings).toEqual([]);
});
