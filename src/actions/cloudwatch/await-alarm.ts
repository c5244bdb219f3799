/**
 * `cloudwatch/await-alarm`: detection as operations would have it. Only a transition after the fault counts: an alarm that was
 * on before says nothing about it.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { choice, target } from '../../domain/fields.ts';
import type { Progress } from '../../domain/part.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf } from '../places.ts';

const params = z.strictObject({
  alarm: target('cloudwatch/alarm', 'the alarm'),
  state: choice(['ALARM', 'OK'], 'the state to wait for; default ALARM').optional(),
});

export const spec = {
  name: 'cloudwatch/await-alarm',
  describes: 'Waits until an alarm goes off. An alarm that was on before the fault doesn’t count',
  params,
  effect: 'observes',
  outputs: { changedAt: { describes: 'when the alarm changed its state, ISO 8601' } },
  permissions: ['cloudwatch:DescribeAlarms'],
  timeoutMs: 600_000,
} satisfies ActionSpec<typeof params>;

export const awaitAlarm = defineAction<typeof params>({
  spec,
  parts(input) {
    const alarm = input.target(input.params.alarm);
    const { id } = onlyItem(alarm);
    const wanted = input.params.state ?? 'ALARM';
    return [
      {
        shape: 'observe',
        name: 'alarm',
        touches: arnOf(alarm),
        pollMs: input.pollMs,
        async poll({ signal }): Promise<Progress> {
          const { MetricAlarms = [], CompositeAlarms = [] } = await input.aws
            .in(placeOf(alarm))
            .cloudwatch.describeAlarms({ AlarmNames: [id], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }, { signal });
          const found = MetricAlarms[0] ?? CompositeAlarms[0];
          if (!found) throw alarmGone(id);
          const { StateValue: state, StateReason: why } = found;
          if (state !== wanted) return { done: false, saw: `${id} is ${state}: ${why ?? 'no reason given'}` };
          const changed = found.StateTransitionedTimestamp ?? found.StateUpdatedTimestamp;
          const fault = input.faultAt();
          if (wanted === 'ALARM' && fault && changed && changed.getTime() < Date.parse(fault.at)) {
            return { done: false, saw: `${id} is ${state} since before the fault` };
          }
          return { done: true, outputs: { changedAt: changed?.toISOString() } };
        },
      },
    ];
  },
  preview(input) {
    const alarm = input.target(input.params.alarm);
    const { state } = onlyItem(alarm).facts;
    const on = (input.params.state ?? 'ALARM') === 'ALARM' && state === 'ALARM';
    return {
      touches: [arnOf(alarm)],
      permissions: permissions(alarm, ['cloudwatch:DescribeAlarms'], [arnOf(alarm)]),
      findings: on
        ? [
            {
              severity: 'warn',
              code: 'alarm-on',
              message: `${onlyItem(alarm).id} is in ALARM already; it must go off again after the fault`,
              remedy: 'Find out why it is on before you drill.',
            },
          ]
        : [],
    };
  },
});

const alarmGone = (id: string): FiredrillError =>
  new FiredrillError('alarm-gone', `there is no alarm ${id} any more`, {
    expected: id,
    found: 'none',
    remedy: 'Find out in CloudTrail who deleted it.',
  });
