/** SetAlarmState: until the next evaluation. */
import type { SetAlarmStateCommandInput, SetAlarmStateCommandOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { AlarmStateValue } from '../../world/cloudwatch.ts';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import type { World } from '../../world.ts';
import { setState } from './evaluate.ts';

const states: readonly AlarmStateValue[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export const setAlarmState =
  (world: World): Handler<SetAlarmStateCommandInput, SetAlarmStateCommandOutput> =>
  ({ AlarmName = '', StateValue, StateReason = '' }, call) => {
    const alarm = cloudWatchState(world, call).alarms[AlarmName];
    if (!alarm) throw new AwsError('ResourceNotFound', `Unknown alarm ${AlarmName}`, 404);
    const state = states.find((each) => each === StateValue);
    if (state === undefined) {
      throw new AwsError('ValidationError', `StateValue must be one of [${states.join(', ')}]`);
    }
    setState(world, alarm, state, StateReason);
    return {};
  };
