/** Tags of EC2 resources, which only their ids' prefixes tell apart. */
import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Ec2State } from '../../world/ec2.ts';
import { required } from './find.ts';

const types: Readonly<Record<string, string>> = {
  acl: 'network-acl',
  eni: 'network-interface',
  i: 'instance',
  lt: 'launch-template',
  sg: 'security-group',
  subnet: 'subnet',
  vpc: 'vpc',
};

export const resourceType = (id: string): string => types[id.slice(0, id.indexOf('-'))] ?? 'unknown';

/** Keys beginning with `aws:` are AWS's own. */
export function checkedTags(tags: readonly Tag[]): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const { Key, Value } of tags) {
    const key = required('key', Key);
    if (key.startsWith('aws:'))
      throw new AwsError(
        'InvalidParameterValue',
        `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
      );
    checked[key] = Value ?? '';
  }
  return checked;
}

/** The tags that a create call gives to what it creates. */
export function specifiedTags(
  specifications: readonly TagSpecification[] | undefined,
  type: string,
): Record<string, string> {
  const wrong = specifications?.find(({ ResourceType }) => ResourceType !== type);
  if (wrong !== undefined)
    throw new AwsError(
      'InvalidParameterValue',
      `'${String(wrong.ResourceType)}' is not a valid taggable resource type for this operation.`,
    );
  return checkedTags((specifications ?? []).flatMap(({ Tags }) => Tags ?? []));
}

export function requireResources(state: Ec2State, ids: readonly string[] | undefined): readonly string[] {
  const wanted = required('resourceIdSet', ids);
  const stores = [
    state.acls,
    state.interfaces,
    state.instances,
    state.templates,
    state.groups,
    state.subnets,
    state.vpcs,
  ];
  for (const id of wanted) {
    if (types[id.slice(0, id.indexOf('-'))] === undefined)
      throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
    if (stores.every((store) => store[id] === undefined))
      throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  }
  return wanted;
}
