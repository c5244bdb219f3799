/**
 * Whether a policy allows a call, as AWS would decide it: what the call needs (by the Service Authorization Reference, for the
 * operations that drills use) against the statements of the policy. Only what firedrill's policies are made of is understood.
 */
import type { Policy } from '../../src/app/policy.ts';
import type { AwsCall } from '../../src/aws/aws.ts';
import { iamActionOf } from '../../src/aws/errors.ts';
import type { Condition } from '../../src/domain/plan.ts';

type Tags = Readonly<Record<string, string>>;

/** One permission that a call needs. */
interface Need {
  action: string;
  /** Absent: this evaluator doesn't know on what; any resource of a statement will do. */
  resource?: string;
  /** Condition keys of the request. */
  context: Readonly<Record<string, string>>;
}

/** What the call needs and the policy doesn't allow, one line each. */
export const deniedOf = (policy: Policy, call: AwsCall, tagsOf: (arn: string) => Tags): string[] =>
  needsOf(call, tagsOf)
    .filter((need) => !isAllowed(policy, need))
    .map(({ action, resource, context }) => `${action} on ${resource ?? 'anything'} with ${JSON.stringify(context)}`);

function isAllowed({ Statement }: Policy, { action, resource, context }: Need): boolean {
  return Statement.some(
    ({ Action, Resource, Condition: when = {} }) =>
      Action.includes(action) &&
      (resource === undefined || [Resource].flat().some((pattern) => like(pattern, resource))) &&
      (resource === undefined || holds(when, context)),
  );
}

const operators: Readonly<Record<string, (wanted: string, value: string) => boolean>> = {
  StringEquals: (wanted, value) => wanted === value,
  ArnEquals: (wanted, value) => like(wanted, value),
  StringLike: (wanted, value) => like(wanted, value),
  Bool: (wanted, value) => wanted === value,
};

/** A key that the request doesn't have makes the condition false, as with AWS. */
function holds(when: Condition, context: Readonly<Record<string, string>>): boolean {
  return Object.entries(when).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = context[key];
      return value !== undefined && [wanted].flat().some((each) => operators[operator]!(each, value));
    }),
  );
}

function like(pattern: string, text: string): boolean {
  const parts = pattern
    .replaceAll(/[.+^$()[\]{}|\\/]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${parts}$`, 's').test(text);
}

type Input = Readonly<Record<string, unknown>> & {
  Tags?: readonly { Key?: string; Value?: string }[];
  TagSpecifications?: readonly { ResourceType?: string; Tags?: readonly { Key?: string; Value?: string }[] }[];
};

function needsOf(call: AwsCall, tagsOf: (arn: string) => Tags): Need[] {
  const action = iamActionOf(call);
  const input = call.input as Input;
  const own = (resource: string, more: Need['context'] = {}): Need => ({
    action,
    resource,
    context: { ...keys('aws:ResourceTag', tagsOf(resource)), ...keys('aws:RequestTag', tagMap(input.Tags)), ...more },
  });
  if (call.service === 'rds') return rdsNeeds(call, input, own);
  if (call.service === 'ec2') return ec2Needs(call, input, own) ?? [{ action, context: {} }];
  if (call.service === 's3') {
    const bucket = `arn:aws:s3:::${text(input['Bucket'])}`;
    if (input['Key'] !== undefined) return [own(`${bucket}/${text(input['Key'])}`)];
    return [own(bucket, input['Prefix'] === undefined ? {} : { 's3:prefix': text(input['Prefix']) })];
  }
  const place = `${call.region}:${call.account}`;
  if (call.service === 'ssm') return [own(`arn:aws:ssm:${place}:parameter${text(input['Name'])}`)];
  if (call.service === 'secretsmanager') {
    return [own(`arn:aws:secretsmanager:${place}:secret:${text(input['SecretId'])}-a1B2c3`)];
  }
  return [{ action, context: {} }];
}

/** Parameters of RDS by the kind of resource that they name. */
const named: readonly [kind: string, parameter: string][] = [
  ['db', 'DBInstanceIdentifier'],
  ['db', 'NewDBInstanceIdentifier'],
  ['db', 'SourceDBInstanceIdentifier'],
  ['db', 'TargetDBInstanceIdentifier'],
  ['snapshot', 'DBSnapshotIdentifier'],
  ['snapshot', 'SourceDBSnapshotIdentifier'],
  ['snapshot', 'TargetDBSnapshotIdentifier'],
  ['subgrp', 'DBSubnetGroupName'],
  ['pg', 'DBParameterGroupName'],
  ['og', 'OptionGroupName'],
];

/** What RDS chooses where nothing is named, or what is looked at when all is. */
const defaults: Readonly<Record<string, readonly string[]>> = {
  CreateDBInstanceReadReplica: ['og:default:postgres-18'],
  RestoreDBInstanceFromDBSnapshot: ['og:default:postgres-18'],
  RestoreDBInstanceToPointInTime: ['og:default:postgres-18'],
  DescribeDBInstances: ['db:*'],
  DescribeDBSnapshots: ['snapshot:*'],
};

/** What calls make: its kind, and the parameter that names it. */
const makes: Readonly<Record<string, readonly [kind: string, parameter: string]>> = {
  CopyDBSnapshot: ['snapshot', 'TargetDBSnapshotIdentifier'],
  CreateDBInstanceReadReplica: ['db', 'DBInstanceIdentifier'],
  CreateDBSnapshot: ['snapshot', 'DBSnapshotIdentifier'],
  RestoreDBInstanceFromDBSnapshot: ['db', 'DBInstanceIdentifier'],
  RestoreDBInstanceToPointInTime: ['db', 'TargetDBInstanceIdentifier'],
};

function rdsNeeds(call: AwsCall, input: Input, own: (resource: string) => Need): Need[] {
  const arn = (name: string): string => `arn:aws:rds:${call.region}:${call.account}:${name}`;
  const given = named.flatMap(([kind, parameter]) => {
    const name = input[parameter];
    if (typeof name !== 'string') return [];
    return [name.startsWith('arn:') ? name : arn(`${kind}:${name}`)];
  });
  const resource = input['ResourceName'];
  const all = [...given, ...(typeof resource === 'string' ? [resource] : [])];
  const chosen = (defaults[call.operation] ?? []).map(arn).filter((each) => {
    const kind = each.split(':').slice(0, 6).join(':');
    return !all.some((other) => other.startsWith(`${kind}:`));
  });
  const needs = [...all, ...chosen].map(own);
  const [kind, parameter] = makes[call.operation] ?? [];
  if (parameter === undefined || !input.Tags) return needs;
  // Making something with tags needs to be allowed as tagging it, too.
  return [...needs, { ...own(arn(`${kind}:${text(input[parameter])}`)), action: 'rds:AddTagsToResource' }];
}

/** What is made inside a VPC: its kind, and the parameter that names it. */
const kinds: Readonly<Record<string, { kind: string; id: string }>> = {
  NetworkAcl: { kind: 'network-acl', id: 'NetworkAclId' },
  SecurityGroup: { kind: 'security-group', id: 'GroupId' },
};

function ec2Needs(
  call: AwsCall,
  input: Input,
  own: (resource: string, more?: Need['context']) => Need,
): Need[] | undefined {
  const arn = (name: string): string => `arn:aws:ec2:${call.region}:${call.account}:${name}`;
  if (/^(Terminate|Stop|Start)Instances$/.test(call.operation)) {
    return (input['InstanceIds'] as string[]).map((id) => own(arn(`instance/${id}`)));
  }
  const madeInVpc = kinds[call.operation.replace(/^(Create|Delete)/, '')];
  if (madeInVpc !== undefined && call.operation.startsWith('Create')) {
    const [tags] = input.TagSpecifications ?? [];
    const asked = keys('aws:RequestTag', tagMap(tags?.Tags));
    const made = own(arn(`${madeInVpc.kind}/*`), asked);
    const tagging = { ...made, action: 'ec2:CreateTags', context: { ...asked, 'ec2:CreateAction': call.operation } };
    return [own(arn(`vpc/${text(input['VpcId'])}`)), made, ...(tags ? [tagging] : [])];
  }
  if (madeInVpc !== undefined) return [own(arn(`${madeInVpc.kind}/${text(input[madeInVpc.id])}`))];
  if (call.operation === 'ReplaceNetworkAclAssociation') {
    // The call names the subnet by its association, which doesn't tell which one it is.
    return [own(arn(`network-acl/${text(input['NetworkAclId'])}`)), { action: own('').action, context: {} }];
  }
  if (call.operation !== 'RunInstances') return undefined;
  const {
    LaunchTemplate,
    ImageId,
    InstanceType,
    IamInstanceProfile: profile,
    NetworkInterfaces,
    SubnetId,
    SecurityGroupIds,
  } = input as {
    LaunchTemplate?: { LaunchTemplateId: string };
    ImageId?: string;
    InstanceType?: string;
    NetworkInterfaces?: readonly { SubnetId: string; Groups: string[] }[];
    SubnetId?: string;
    IamInstanceProfile?: { Name?: string; Arn?: string };
    SecurityGroupIds?: string[];
  };
  const template = LaunchTemplate && arn(`launch-template/${LaunchTemplate.LaunchTemplateId}`);
  const from = (said: boolean): Record<string, string> =>
    template === undefined
      ? { 'ec2:InstanceType': InstanceType! }
      : { 'ec2:LaunchTemplate': template, 'ec2:IsLaunchTemplateResource': String(said) };
  const made = (input.TagSpecifications ?? []).map(
    ({ ResourceType: kind, Tags }) => [arn(`${kind}/*`), keys('aws:RequestTag', tagMap(Tags))] as const,
  );
  const subnet = SubnetId ?? NetworkInterfaces![0]!.SubnetId;
  const groups = SecurityGroupIds ?? NetworkInterfaces![0]!.Groups;
  return [
    ...[
      ...(template === undefined ? [] : [template]),
      arn(`subnet/${subnet}`),
      ...groups.map((id) => arn(`security-group/${id}`)),
    ].map((each) => own(each, from(false))),
    own(arn('network-interface/*'), from(false)),
    ...made.map(([each, tags]) => own(each, { ...from(false), ...tags })),
    ...(template === undefined
      ? [own(`arn:aws:ec2:${call.region}::image/${ImageId}`, { 'ec2:Owner': call.account })]
      : [
          ...['image/ami-1', 'snapshot/snap-1'].map((each) => own(`arn:aws:ec2:${call.region}::${each}`, from(true))),
          own(arn('key-pair/some'), from(true)),
        ]),
    ...(profile
      ? [
          {
            action: 'iam:PassRole',
            resource: `arn:aws:iam::${call.account}:role/${(profile.Name ?? profile.Arn)!.split('/').at(-1)}`,
            context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
          },
        ]
      : []),
    ...made.map(([each, tags]) => ({
      ...own(each, { ...tags, 'ec2:CreateAction': 'RunInstances' }),
      action: 'ec2:CreateTags',
    })),
  ];
}

const tagMap = (tags: readonly { Key?: string; Value?: string }[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

const keys = (prefix: string, tags: Tags): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
