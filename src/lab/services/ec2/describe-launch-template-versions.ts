/** DescribeLaunchTemplateVersions: what a template launches. Templates have one version, which is the default and the latest. */
import type {
  DescribeLaunchTemplateVersionsCommandInput,
  DescribeLaunchTemplateVersionsCommandOutput,
  LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { LaunchTemplate } from '../../world/ec2.ts';
import type { Scope, World } from '../../world.ts';
import { requireTemplate, requireVersion } from './templates.ts';

export const describeLaunchTemplateVersions =
  (world: World): Handler<DescribeLaunchTemplateVersionsCommandInput, DescribeLaunchTemplateVersionsCommandOutput> =>
  ({ LaunchTemplateId, LaunchTemplateName, Versions = [] }, call) => {
    if (LaunchTemplateId === undefined && LaunchTemplateName === undefined)
      throw new AwsError('MissingParameter', 'The request must contain the parameter LaunchTemplateId');
    const template = requireTemplate(world, call, { LaunchTemplateId, LaunchTemplateName });
    for (const version of Versions) requireVersion(template, version);
    return { LaunchTemplateVersions: [versionShape(call, template)] };
  };

const versionShape = ({ account }: Scope, template: LaunchTemplate): LaunchTemplateVersion => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  VersionNumber: 1,
  DefaultVersion: true,
  CreateTime: new Date(template.createdAt),
  CreatedBy: `arn:aws:iam::${account}:root`,
  LaunchTemplateData: {
    ImageId: template.imageId,
    InstanceType: template.instanceType as 't3.small',
    ...(template.subnetId === undefined
      ? { SecurityGroupIds: [...template.groups] }
      : { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: template.subnetId, Groups: [...template.groups] }] }),
    IamInstanceProfile: template.instanceProfile === undefined ? undefined : { Name: template.instanceProfile },
    UserData: template.userData === undefined ? undefined : Buffer.from(template.userData).toString('base64'),
    TagSpecifications: [
      {
        ResourceType: 'instance',
        Tags: Object.entries(template.tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
  },
});
