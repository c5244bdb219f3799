/**
 * ChangeResourceRecordSets: a batch as a whole or not at all. The API shows the new records at once; the name servers answer them
 * when the change is INSYNC, on AWS within a minute.
 */
import type {
  ChangeResourceRecordSetsCommandInput,
  ChangeResourceRecordSetsCommandOutput,
} from '@aws-sdk/client-route-53';
import type { Json } from '../../../domain/json.ts';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { elbv2State } from '../../world/elbv2.ts';
import { alphanumeric } from '../../world/ids.ts';
import { providerAddresses, sameBalancer } from '../../world/provider-names.ts';
import { route53State } from '../../world/route53.ts';
import type { Change, RecordSet } from '../../world/route53.ts';
import { globally, textArg } from '../../world.ts';
import type { World } from '../../world.ts';
import { applyBatch } from './batch.ts';
import type { RecordChange } from './batch.ts';
import { invalidInput, requireCheck, requireZone } from './find.ts';
import { changeShape } from './get-change.ts';
import { recordIn } from './records.ts';

/** How long a change takes to reach all name servers, on AWS, milliseconds. */
const propagationMs = 30_000;

export const changeResourceRecordSets =
  (world: World): Handler<ChangeResourceRecordSetsCommandInput, ChangeResourceRecordSetsCommandOutput> =>
  ({ HostedZoneId, ChangeBatch }, call) => {
    const zone = requireZone(world, call, HostedZoneId);
    const requested = ChangeBatch?.Changes ?? [];
    if (requested.length === 0) throw invalidInput('Invalid XML ; changes must have at least one element');
    const changes = requested.map(({ Action, ResourceRecordSet }): RecordChange => {
      if (Action === undefined || ResourceRecordSet === undefined)
        throw invalidInput('Invalid request: a change needs Action and ResourceRecordSet');
      const record = recordIn(Action, ResourceRecordSet);
      if (Action !== 'DELETE' && record.healthCheckId !== undefined) requireCheck(world, call, record.healthCheckId);
      return { action: Action, record };
    });
    const { records, problems: own } = applyBatch(zone, changes);
    const problems = [...own, ...changes.flatMap(({ action, record }) => foreignAlias(world, zone.id, action, record))];
    if (problems.length > 0)
      throw new AwsError('InvalidChangeBatch', `[${problems.join(', ')}]`, 400, { messages: problems });
    zone.records = records;
    const comment = ChangeBatch?.Comment;
    const change: Change = {
      id: `C${alphanumeric(world, 20)}`,
      status: 'PENDING',
      submittedAt: world.nowIso(),
      ...(comment === undefined ? {} : { comment }),
    };
    route53State(world, call).changes[change.id] = change;
    const snapshot = structuredClone(records) as unknown as Json;
    const args = { zone: zone.id, change: change.id, records: snapshot };
    world.after(world.duration(propagationMs), 'route53.insync', globally(call), args, `route53:${zone.id}`);
    return { ChangeInfo: changeShape(change) };
  };

/** An alias into another zone must name a balancer of the lab in its balancers' zone, or an endpoint. */
function foreignAlias(world: World, zoneId: string, action: string, { type, alias }: RecordSet): string[] {
  if (action === 'DELETE' || alias === undefined || alias.hostedZoneId === zoneId) return [];
  const name = alias.dnsName.slice(0, -1);
  const text = `Tried to create an alias that targets ${alias.dnsName}, type ${type} in zone ${alias.hostedZoneId}, but`;
  if (name.endsWith('.elb.amazonaws.com')) {
    const balancer = elbv2State
      .scopes(world)
      .flatMap((scope) => Object.values(elbv2State(world, scope).loadBalancers))
      .find(({ dnsName }) => sameBalancer(dnsName, name));
    if (balancer === undefined) return [`${text} that target was not found`];
    return balancer.hostedZoneId === alias.hostedZoneId
      ? []
      : [`${text} the alias target name does not lie within the target zone`];
  }
  return providerAddresses(world, name) === undefined ? [`${text} that target was not found`] : [];
}

export function registerPropagation(world: World): void {
  world.onTimer('route53.insync', (w, scope, args) => {
    const state = route53State(w, scope);
    const zone = state.zones[textArg(args, 'zone')];
    const change = state.changes[textArg(args, 'change')];
    if (zone !== undefined) zone.served = structuredClone(args['records']) as unknown as RecordSet[];
    if (change !== undefined) change.status = 'INSYNC';
  });
}
