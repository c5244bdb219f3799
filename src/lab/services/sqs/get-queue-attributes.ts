/** GetQueueAttributes, with the approximate counts, which are exact here. */
import type { GetQueueAttributesCommandInput, GetQueueAttributesCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { Scope, World } from '../../world.ts';
import { effective } from './attributes.ts';
import { expire } from './delivery.ts';
import { queueArn, queueAt, type Queue } from './state.ts';

/** Attributes that are told only when they are set. */
const optional = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'Policy',
  'RedriveAllowPolicy',
  'RedrivePolicy',
];

export const getQueueAttributes =
  (world: World): Handler<GetQueueAttributesCommandInput, GetQueueAttributesCommandOutput> =>
  ({ QueueUrl, AttributeNames = [] }, call) => {
    const all = attributesOf(world, call, queueAt(world, call, QueueUrl));
    if (AttributeNames.includes('All')) return { Attributes: all };
    const unknown = AttributeNames.find((name) => !(name in all) && !optional.includes(name));
    if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
    const named = AttributeNames.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const]));
    return named.length === 0 ? {} : { Attributes: Object.fromEntries(named) };
  };

function attributesOf(world: World, scope: Scope, queue: Queue): Record<string, string> {
  const nowMs = world.nowMs();
  expire(queue, nowMs);
  const messages = Object.values(queue.messages);
  const hidden = messages.filter(({ visibleMs }) => visibleMs > nowMs);
  const delayed = hidden.filter(({ receives }) => receives === 0);
  return {
    ...effective(queue),
    ApproximateNumberOfMessages: String(messages.length - hidden.length),
    ApproximateNumberOfMessagesDelayed: String(delayed.length),
    ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed.length),
    CreatedTimestamp: String(queue.createdAt),
    LastModifiedTimestamp: String(queue.modifiedAt),
    QueueArn: queueArn(scope, queue.name),
  };
}
