/**
 * Target `ec2/launch-template`: one version of a launch template, with what an instance launched from it is given. The
 * version's number is taken while planning: a run doesn't follow a template that is changed meanwhile.
 */
import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { text } from '../../../domain/fields.ts';
import { noneIfNotFound } from '../absent.ts';
import { byId } from '../select.ts';
import { defineTarget } from '../target.ts';

export const launchTemplate = defineTarget({
  spec: {
    type: 'ec2/launch-template',
    describes: 'A launch template for EC2 instances',
    params: z.strictObject({
      ...byId('name or id (lt-...) of the launch template'),
      version: text('number of the version, or $Latest; default: the template’s own default').optional(),
    }),
    facts: {
      templateId: 'id',
      name: 'name',
      version: 'number of the version',
      imageId: 'image',
      instanceType: 'instance type',
    },
  },
  reads: ['ec2:DescribeLaunchTemplateVersions'],
  async find(aws, { id, version = '$Default' }, place) {
    const named = id.startsWith('lt-') ? { LaunchTemplateId: id } : { LaunchTemplateName: id };
    const found = await noneIfNotFound(async () => {
      const { LaunchTemplateVersions = [] } = await aws
        .in(place)
        .ec2.describeLaunchTemplateVersions({ ...named, Versions: [version] });
      return LaunchTemplateVersions;
    });
    return found.map((each) => ({
      id: each.LaunchTemplateId!,
      arn: `arn:aws:ec2:${place.region}:${place.account}:launch-template/${each.LaunchTemplateId}`,
      facts: factsOf(each),
    }));
  },
});

function factsOf({ LaunchTemplateId, LaunchTemplateName, VersionNumber, LaunchTemplateData }: LaunchTemplateVersion) {
  const {
    ImageId,
    InstanceType,
    SecurityGroupIds = [],
    NetworkInterfaces = [],
    IamInstanceProfile: profile,
    BlockDeviceMappings = [],
  } = LaunchTemplateData ?? {};
  const kept = BlockDeviceMappings.filter(({ Ebs }) => Ebs?.DeleteOnTermination === false);
  return {
    templateId: LaunchTemplateId,
    name: LaunchTemplateName,
    version: String(VersionNumber),
    imageId: ImageId,
    instanceType: InstanceType,
    securityGroups: [...SecurityGroupIds, ...NetworkInterfaces.flatMap(({ Groups = [] }) => Groups)].sort(),
    instanceProfile: profile?.Arn ?? profile?.Name,
    /** AWS takes a subnet and groups only where the template itself says them: in its interfaces, or beside them. */
    hasInterfaces: NetworkInterfaces.length > 0,
    /** Devices whose volumes outlive the instance. */
    keptVolumes: kept.map(({ DeviceName }) => DeviceName ?? '').sort(),
  };
}
