/** Alarms over time: when they fire, when they clear, and what they make of data that stays away. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloudwatch } from '../../../../src/lab/services/cloudwatch/index.ts';
import { serve } from '../support/lab-service.ts';
import type { LabService } from '../support/lab-service.ts';

/** A minute of AWS on the fast profile, milliseconds. */
const minute = 1_000;

let lab: LabService;
let client: CloudWatchClient;

beforeEach(async () => {
  lab = await serve(cloudwatch);
  client = new CloudWatchClient(lab.config());
});
afterEach(async () => {
  client.destroy();
  await lab.close();
});

const put = (value: number) =>
  client.send(new PutMetricDataCommand({ Namespace: 'shop', MetricData: [{ MetricName: 'healthy', Value: value }] }));

const alarm = (more: Partial<PutMetricAlarmCommandInput> = {}) =>
  client.send(
    new PutMetricAlarmCommand({
      AlarmName: 'down',
      Namespace: 'shop',
      MetricName: 'healthy',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      ...more,
    }),
  );

async function pass(minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i += 1) {
    lab.clock.advance(minute);
    await lab.world.advance();
  }
}

async function stateOf(name = 'down'): Promise<string | undefined> {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return MetricAlarms[0]?.StateValue;
}

describe('an alarm', () => {
  it('fires after as many breaching periods as it asks for, not before', async () => {
    await alarm();
    await put(3);
    await pass(1);
    expect(await stateOf()).toBe('OK');
    await put(0);
    await pass(1);
    expect(await stateOf()).toBe('OK');
    await put(0);
    await pass(1);
    expect(await stateOf()).toBe('ALARM');
  });

  it('clears when the metric is well again', async () => {
    await alarm();
    await pass(3);
    expect(await stateOf()).toBe('ALARM');
    await put(3);
    await pass(1);
    await put(3);
    await pass(1);
    expect(await stateOf()).toBe('OK');
  });

  it.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['missing', 'INSUFFICIENT_DATA'],
    ['ignore', 'OK'],
  ] as const)('that treats missing data as %s is %s once data stays away', async (TreatMissingData, expected) => {
    await alarm({ TreatMissingData });
    await put(3);
    await pass(1);
    await pass(4);
    expect(await stateOf()).toBe(expected);
  });

  it('says in its reason which periods breached', async () => {
    await alarm();
    await pass(3);
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
    expect(MetricAlarms[0]?.StateReason).toContain('2 datapoints were breaching');
  });

  it('keeps a state that was set only until its next evaluation', async () => {
    await alarm();
    await put(3);
    await pass(1);
    await client.send(new SetAlarmStateCommand({ AlarmName: 'down', StateValue: 'ALARM', StateReason: 'a test' }));
    expect(await stateOf()).toBe('ALARM');
    await put(3);
    await pass(1);
    expect(await stateOf()).toBe('OK');
  });

  it('is refused with a period that CloudWatch has not', async () => {
    await expect(alarm({ Period: 45 })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('that is not there can not be set or deleted', async () => {
    const set = new SetAlarmStateCommand({ AlarmName: 'none', StateValue: 'OK', StateReason: 'x' });
    await expect(client.send(set)).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await alarm();
    await expect(client.send(new DeleteAlarmsCommand({ AlarmNames: ['down', 'none'] }))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
    expect(await stateOf()).toBe('INSUFFICIENT_DATA');
  });
});
