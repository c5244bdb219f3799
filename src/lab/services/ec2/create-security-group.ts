/** CreateSecurityGroup: lets nothing in and everything out, as AWS makes it. Names are unique in a VPC. */
import type { CreateSecurityGroupCommandInput, CreateSecurityGroupCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { arn, ec2Id } from '../../world/ids.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, required, requireVpc } from './find.ts';
import { specifiedTags } from './tags.ts';

export const createSecurityGroup =
  (world: World): Handler<CreateSecurityGroupCommandInput, CreateSecurityGroupCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const name = required('GroupName', input.GroupName);
    const description = required('GroupDescription', input.Description);
    const vpcId = requireVpc(world, call, input.VpcId);
    if (name.startsWith('sg-'))
      throw new AwsError(
        'InvalidParameterValue',
        `Invalid value '${name}' for groupName. It may not be in the format sg-*`,
      );
    if (Object.values(state.groups).some((group) => group.vpcId === vpcId && group.name === name))
      throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
    const tags = specifiedTags(input.TagSpecifications, 'security-group');
    refuseDryRun(input.DryRun);
    const id = ec2Id(world, 'sg');
    const egress = [{ id: ec2Id(world, 'sgr'), protocol: '-1', cidr: '0.0.0.0/0' }];
    state.groups[id] = { id, name, description, vpcId, ingress: [], egress };
    state.tags[id] = tags;
    return {
      GroupId: id,
      SecurityGroupArn: arn('ec2', call, `security-group/${id}`),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
  };
