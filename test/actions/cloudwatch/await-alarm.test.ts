import { afterEach, beforeEach, expect, test } from 'vitest';
import { awaitAlarm } from '../../../src/actions/cloudwatch/await-alarm.ts';
import type { ActionInput } from '../../../src/actions/action.ts';
import { markNow } from '../../../src/domain/clock.ts';
import type { Progress } from '../../../src/domain/part.ts';
import type { TestLab } from '../support/lab.ts';
import { fastClock, openTestLab, passive } from '../support/lab.ts';
import { inputFor, lookOnce } from '../support/step.ts';

let lab: TestLab;
beforeEach(async () => {
  lab = await openTestLab(async () => {});
  await set('OK');
});
afterEach(() => lab.close());

/** Brings the alarm to a state. There is no data, and what that means keeps it there. */
async function set(StateValue: 'ALARM' | 'OK'): Promise<void> {
  const { cloudwatch } = lab.aws.in(passive);
  await cloudwatch.putMetricAlarm({
    AlarmName: 'down',
    Namespace: 'Test',
    MetricName: 'm',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: StateValue === 'OK' ? 'notBreaching' : 'breaching',
  });
  await cloudwatch.setAlarmState({ AlarmName: 'down', StateValue, StateReason: 'test' });
}

async function look(params: Record<string, string> = {}, more: Partial<ActionInput> = {}): Promise<Progress> {
  const targets = { down: await lab.resolve('cloudwatch/alarm', passive, { id: 'down' }) };
  const setup = { lab, action: awaitAlarm, params: { alarm: 'down', ...params }, targets, more };
  return lookOnce(awaitAlarm, inputFor(setup));
}

test('an alarm that goes off after the fault ends the waiting, and says when it did', async () => {
  await set('OK');
  const fault = markNow(fastClock);
  expect(await look({}, { faultAt: () => fault })).toMatchObject({ done: false });
  await set('ALARM');
  expect(await look({}, { faultAt: () => fault })).toMatchObject({
    done: true,
    outputs: { changedAt: expect.stringMatching(/^\d{4}-/) as string },
  });
});

test('an alarm that was on before the fault does not count', async () => {
  await set('ALARM');
  const fault = { ...markNow(fastClock), at: new Date(fastClock.wall().getTime() + 1000).toISOString() };
  expect(await look({}, { faultAt: () => fault })).toEqual({
    done: false,
    saw: 'down is ALARM since before the fault',
  });
});

test('waiting for OK needs no transition', async () => {
  await set('OK');
  expect(await look({ state: 'OK' }, { faultAt: () => markNow(fastClock) })).toMatchObject({ done: true });
});

test('the plan warns of an alarm that is on already', async () => {
  await set('ALARM');
  const targets = { down: await lab.resolve('cloudwatch/alarm', passive, { id: 'down' }) };
  const preview = await awaitAlarm.preview!(inputFor({ lab, action: awaitAlarm, params: { alarm: 'down' }, targets }));
  expect(preview.findings).toMatchObject([{ severity: 'warn', code: 'alarm-on' }]);
});
