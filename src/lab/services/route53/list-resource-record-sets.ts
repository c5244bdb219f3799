/** ListResourceRecordSets from a position on, in Route 53's order, at most 300. */
import type { ListResourceRecordSetsCommandInput, ListResourceRecordSetsCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { invalidInput, requireZone } from './find.ts';
import { compareRecords, nameOut, positionIn, recordOut } from './records.ts';
import type { Position } from './records.ts';

const maxItems = 300;

export const listResourceRecordSets =
  (world: World): Handler<ListResourceRecordSetsCommandInput, ListResourceRecordSetsCommandOutput> =>
  (input, call) => {
    const zone = requireZone(world, call, input.HostedZoneId);
    const start = startOf(input);
    const MaxItems = Math.min(input.MaxItems ?? maxItems, maxItems);
    const rest = [...zone.records]
      .sort(compareRecords)
      .filter((record) => start === undefined || compareRecords(record, start) >= 0);
    const next = rest[MaxItems];
    return {
      ResourceRecordSets: rest.slice(0, MaxItems).map(recordOut),
      IsTruncated: next !== undefined,
      MaxItems,
      NextRecordName: next && nameOut(next.name),
      NextRecordType: next && recordOut(next).Type,
      NextRecordIdentifier: next?.setIdentifier,
    };
  };

function startOf(input: ListResourceRecordSetsCommandInput): Position | undefined {
  const { StartRecordName, StartRecordType, StartRecordIdentifier } = input;
  if (StartRecordName === undefined) {
    if (StartRecordType !== undefined) throw invalidInput('The input is not valid: a type needs a name to start from');
    return undefined;
  }
  if (StartRecordIdentifier !== undefined && StartRecordType === undefined)
    throw invalidInput('The input is not valid: an identifier needs a type to start from');
  return {
    name: positionIn(StartRecordName),
    ...(StartRecordType === undefined ? {} : { type: StartRecordType }),
    ...(StartRecordIdentifier === undefined ? {} : { setIdentifier: StartRecordIdentifier }),
  };
}
