/**
 * `route53/change-record`: points users elsewhere. The exact record set of before is kept in the log; both ways are one batch
 * that deletes what must be there and creates what shall be, so that Route 53 refuses when somebody else has edited it.
 * INSYNC means Route 53's own servers; resolvers keep the old answer for its TTL.
 */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError, UsageError } from '../../domain/errors.ts';
import { count, target, text } from '../../domain/fields.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Attempt, ChangePart, Progress } from '../../domain/part.ts';
import type { Finding, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { addressesOf } from '../dns.ts';
import { onlyItem, permissions, placeOf, textOf } from '../places.ts';

const params = z
  .strictObject({
    record: target('route53/record', 'the record set to change'),
    to: target('elbv2/load-balancer', 'the load balancer that it shall point to').optional(),
    values: z.array(text()).min(1, 'needs a value').optional().meta({ description: 'its new values, instead of `to`' }),
    weight: count('its new weight, 0 to 255, of a weighted record').optional(),
  })
  .refine(({ to, values, weight }) => [to, values, weight].filter((given) => given !== undefined).length === 1, {
    message: 'needs exactly one of to, values and weight',
  });
type Params = z.output<typeof params>;

export const spec = {
  name: 'route53/change-record',
  describes:
    'Points a record set elsewhere, or changes its weight. A control-plane write in us-east-1; undone by putting the exact former set back',
  params,
  effect: 'changes',
  outputs: { answer: { describes: 'what the record answers now' } },
  undo: 'put the exact record set back',
  permissions: ['route53:ChangeResourceRecordSets', 'route53:GetChange', 'route53:ListResourceRecordSets'],
  timeoutMs: 300_000,
} satisfies ActionSpec<typeof params>;

export const changeRecord = defineAction<typeof params>({
  spec,
  parts: (input) => [recordSet(input)],
  preview(input) {
    const record = input.target(input.params.record);
    const { id, facts } = onlyItem(record);
    const zone = `arn:aws:route53:::hostedzone/${textOf(facts['zoneId'])}`;
    const findings: Finding[] = [
      {
        severity: 'note',
        code: 'control-plane-dependency',
        message: `Changing ${id} needs Route 53's control plane, which is in us-east-1 alone`,
        remedy: 'Failover by health check or s3/set-failover-signal works without it.',
      },
    ];
    if (typeof facts['ttl'] === 'number' && facts['ttl'] > 60) {
      findings.push({
        severity: 'warn',
        code: 'long-ttl',
        message: `Resolvers keep the old answer of ${id} for up to ${facts['ttl']} s`,
        remedy: 'Use an alias, or a TTL of at most 60 s.',
      });
    }
    return {
      touches: [`${id} ${textOf(facts['recordType'])} in zone ${textOf(facts['zoneId'])}`],
      undo: `put the exact record set back: ${describeFacts(facts)}`,
      permissions: [
        ...permissions(record, ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'], [zone]),
        ...permissions(record, ['route53:GetChange'], ['arn:aws:route53:::change/*']),
      ],
      findings,
    };
  },
});

/** A record set as it is kept in the log. */
type RecordState = JsonObject;

function recordSet(input: ActionInput<Params>): ChangePart<RecordState> {
  const record = input.target(input.params.record);
  const { id, facts } = onlyItem(record);
  const zoneId = textOf(facts['zoneId']);
  const { route53 } = input.aws.in(placeOf(record));
  let changeId: string | undefined;

  const read = async ({ signal }: Attempt): Promise<RecordState> => {
    const { ResourceRecordSets = [] } = await route53.listResourceRecordSets(
      {
        HostedZoneId: zoneId,
        StartRecordName: id,
        StartRecordType: facts['recordType'] as ResourceRecordSet['Type'],
        MaxItems: 100,
      },
      { signal },
    );
    const found = ResourceRecordSets.find(
      (set) => set.Name === id && set.Type === facts['recordType'] && set.SetIdentifier === facts['setIdentifier'],
    );
    if (found) return stateOf(found);
    throw new FiredrillError('record-gone', `there is no record set ${id} ${textOf(facts['recordType'])} any more`, {
      expected: describeFacts(facts),
      found: 'none',
      remedy: 'Find out in CloudTrail who deleted it, and put it back by hand.',
    });
  };

  const replace = async (from: RecordState, to: RecordState, attempt: Attempt): Promise<void> => {
    const { ChangeInfo } = await route53.changeResourceRecordSets(
      {
        HostedZoneId: zoneId,
        ChangeBatch: {
          Comment: `firedrill ${input.runId} ${input.stepId}`,
          Changes: [
            { Action: 'DELETE', ResourceRecordSet: from as unknown as ResourceRecordSet },
            { Action: 'CREATE', ResourceRecordSet: to as unknown as ResourceRecordSet },
          ],
        },
      },
      attempt,
    );
    changeId = ChangeInfo?.Id?.replace(/^\/change\//, '');
  };

  return {
    shape: 'change',
    name: 'record',
    touches: `${id} in zone ${zoneId}`,
    pollMs: input.pollMs,
    read,
    desired: (before) => desiredState(before, input),
    write: (to, from, attempt) => replace(from, to, attempt),
    async settled(to, attempt): Promise<Progress> {
      // After a crash nobody knows the change's id. Replacing the set by itself gives a new one, and fails if it was edited.
      if (changeId === undefined) await replace(to, to, attempt);
      const { ChangeInfo } = await route53.getChange({ Id: changeId }, attempt);
      if (ChangeInfo?.Status !== 'INSYNC') return { done: false, saw: `the change of ${id} is ${ChangeInfo?.Status}` };
      const stale = await staleAnswer(id, to, input.env);
      if (stale !== undefined) return { done: false, saw: `${id} still answers ${stale}` };
      return { done: true, outputs: { answer: describeState(to) } };
    },
  };
}

/** What the resolver still says, where it can be told: not for sets of which Route 53 answers one among several. */
async function staleAnswer(id: string, to: RecordState, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (to['SetIdentifier'] !== undefined || to['Type'] === 'AAAA') return undefined;
  const now = await addressesOf(id.replace(/\.$/, ''), env);
  if (now === undefined) return undefined;
  const values = valuesOf(to);
  const name = aliasOf(to)?.['DNSName'] ?? (to['Type'] === 'CNAME' ? values[0] : undefined);
  const wanted = typeof name === 'string' ? await addressesOf(name.replace(/\.$/, ''), env) : values;
  if (wanted === undefined) return undefined;
  return now.every((address) => wanted.includes(address)) ? undefined : now.join(', ');
}

function desiredState(before: RecordState, input: ActionInput<Params>): RecordState {
  const { params } = input;
  if (params.weight !== undefined) {
    if (before['Weight'] === undefined) throw notWeighted(before);
    return { ...before, Weight: params.weight };
  }
  if (params.values !== undefined) {
    const { AliasTarget: _, ...rest } = before;
    return { ...rest, TTL: before['TTL'] ?? 60, ResourceRecords: params.values.map((Value) => ({ Value })) };
  }
  return pointedAt(before, input.target(params.to!));
}

/** The same set, pointing at the balancer: a CNAME stays one, everything else becomes an alias. */
function pointedAt(before: RecordState, balancer: ResolvedTarget): RecordState {
  const { dnsName, hostedZoneId } = onlyItem(balancer).facts;
  const name = textOf(dnsName).toLowerCase();
  if (before['Type'] === 'CNAME') return { ...before, ResourceRecords: [{ Value: name }] };
  const alias = aliasOf(before);
  const { ResourceRecords: _, TTL: __, ...rest } = before;
  const prefix = textOf(alias?.['DNSName'] ?? '').startsWith('dualstack.') ? 'dualstack.' : '';
  return {
    ...rest,
    AliasTarget: {
      HostedZoneId: hostedZoneId,
      DNSName: `${prefix}${name}.`,
      EvaluateTargetHealth: alias?.['EvaluateTargetHealth'] ?? false,
    },
  };
}

/** Plain JSON, with alias names as Route 53 lists them: lower case, with a final dot. */
function stateOf(set: ResourceRecordSet): RecordState {
  const state = JSON.parse(JSON.stringify(set)) as RecordState;
  const alias = aliasOf(state);
  if (!alias) return state;
  const name = textOf(alias['DNSName']).toLowerCase().replace(/\.?$/, '.');
  return { ...state, AliasTarget: { ...alias, DNSName: name } };
}

const aliasOf = (state: RecordState): JsonObject | undefined => state['AliasTarget'] as JsonObject | undefined;

const valuesOf = (state: RecordState): string[] =>
  ((state['ResourceRecords'] ?? []) as readonly { Value: string }[]).map((record) => record.Value);

function describeState(state: RecordState): string {
  const target = aliasOf(state)?.['DNSName'] ?? valuesOf(state).join(', ');
  return state['Weight'] === undefined ? textOf(target) : `${textOf(target)} with weight ${textOf(state['Weight'])}`;
}

const describeFacts = ({ alias, values, weight, failover }: JsonObject): string =>
  [alias, ...((values ?? []) as readonly string[]), weight, failover].map(textOf).filter(Boolean).join(', ');

const notWeighted = (before: RecordState): UsageError =>
  new UsageError('record-not-weighted', `${textOf(before['Name'])} is not weighted`, {
    expected: 'a weighted record set',
    found: describeState(before),
    remedy: 'Point it elsewhere with to or values, or select a weighted one with setIdentifier.',
  });
