/** DescribeInstanceAttribute: one at a time; those that the lab knows. */
import type {
  DescribeInstanceAttributeCommandInput,
  DescribeInstanceAttributeCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { required, requireInstances } from './find.ts';

export const describeInstanceAttribute =
  (world: World): Handler<DescribeInstanceAttributeCommandInput, DescribeInstanceAttributeCommandOutput> =>
  ({ InstanceId, Attribute }, call) => {
    const [instance] = requireInstances(world, call, [required('instanceId', InstanceId)]);
    switch (required('attribute', Attribute)) {
      case 'userData': {
        const { userData } = instance ?? {};
        const Value = userData === undefined ? undefined : Buffer.from(userData).toString('base64');
        return { InstanceId, UserData: { Value } };
      }
      case 'instanceType':
        return { InstanceId, InstanceType: { Value: instance?.type } };
      case 'groupSet':
        return { InstanceId, Groups: instance?.groups.map((GroupId) => ({ GroupId })) };
      default:
        throw new AwsError('InvalidParameterValue', `The lab has no instance attribute '${Attribute}'`);
    }
  };
