/** DeleteAlarms: all of those named, or none. */
import type { DeleteAlarmsCommandInput, DeleteAlarmsCommandOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { cloudWatchState } from '../../world/cloudwatch.ts';
import type { World } from '../../world.ts';

export const deleteAlarms =
  (world: World): Handler<DeleteAlarmsCommandInput, DeleteAlarmsCommandOutput> =>
  ({ AlarmNames = [] }, call) => {
    const { alarms } = cloudWatchState(world, call);
    const unknown = AlarmNames.filter((name) => alarms[name] === undefined);
    if (unknown.length > 0) throw new AwsError('ResourceNotFound', `Unknown alarms ${unknown.join(', ')}`, 404);
    for (const name of AlarmNames) delete alarms[name];
    return {};
  };
