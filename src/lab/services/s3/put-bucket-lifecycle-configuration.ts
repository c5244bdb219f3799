import type {
  LifecycleRule as GivenRule,
  PutBucketLifecycleConfigurationCommandInput,
  PutBucketLifecycleConfigurationCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { bucketAt, type LifecycleRule } from './state.ts';

/** PutBucketLifecycleConfiguration. Rules by prefix and age are carried out; filters by tag and size are refused. */
export const putBucketLifecycleConfiguration =
  (world: World): Handler<PutBucketLifecycleConfigurationCommandInput, PutBucketLifecycleConfigurationCommandOutput> =>
  ({ Bucket, LifecycleConfiguration }, call) => {
    const bucket = bucketAt(world, call, Bucket);
    const rules = LifecycleConfiguration?.Rules ?? [];
    if (rules.length === 0) {
      throw new AwsError(
        'MalformedXML',
        'The XML you provided was not well-formed or did not validate against our published schema',
      );
    }
    bucket.lifecycle = rules.map(ruleOf);
    bucket.lifecycleText = JSON.stringify(rules.map((rule, i) => ({ ...rule, ID: rule.ID ?? ruleId(i) })));
    return {};
  };

const ruleId = (index: number): string => `rule-${index + 1}`;

function ruleOf(rule: GivenRule, index: number): LifecycleRule {
  const { Filter, Transitions = [], NoncurrentVersionTransitions = [] } = rule;
  if (
    Filter?.Tag ||
    Filter?.And ||
    Filter?.ObjectSizeGreaterThan ||
    Filter?.ObjectSizeLessThan ||
    rule.Expiration?.Date
  ) {
    throw new AwsError('NotImplemented', 'The lab carries out lifecycle rules by prefix and age in days only.', 501);
  }
  const transitions = Transitions.map(({ Days = 0, StorageClass = 'GLACIER' }) => ({
    days: Days,
    storageClass: StorageClass,
  }));
  const noncurrentTransitions = NoncurrentVersionTransitions.map(
    ({ NoncurrentDays = 0, StorageClass = 'GLACIER' }) => ({
      days: NoncurrentDays,
      storageClass: StorageClass,
    }),
  );
  const days = [
    ...[...transitions, ...noncurrentTransitions].map((transition) => transition.days),
    rule.Expiration?.Days ?? 1,
    rule.NoncurrentVersionExpiration?.NoncurrentDays ?? 1,
  ];
  if (days.some((each) => !Number.isInteger(each) || each < 0)) {
    throw new AwsError('InvalidArgument', "'Days' for a lifecycle action must be a whole number that isn't negative");
  }
  return {
    id: rule.ID ?? ruleId(index),
    prefix: Filter?.Prefix ?? rule.Prefix ?? '',
    enabled: rule.Status === 'Enabled',
    transitions,
    noncurrentTransitions,
    ...(rule.Expiration?.Days === undefined ? {} : { expirationDays: rule.Expiration.Days }),
    ...(rule.NoncurrentVersionExpiration?.NoncurrentDays === undefined
      ? {}
      : { noncurrentExpirationDays: rule.NoncurrentVersionExpiration.NoncurrentDays }),
  };
}
