/**
 * Target `ec2/launch-template`: one version of a launch template, with what an instance launched from it is given. The
 * version's number is taken while planning: a run doesn't follow a template that is changed meanwhile.
 */
import type { BlockDeviceMapping, LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { Aws, Place } from '../../../aws/aws.ts';
import { noneIfNotFound } from '../absent.ts';
import { defineTarget } from '../target.ts';
import { launchTemplateName, launchTemplateVersion } from '../written.ts';
import { groupItem } from './security-group.ts';
import { subnetItem } from './subnets.ts';

export const launchTemplate = defineTarget({
  spec: {
    type: 'ec2/launch-template',
    describes: 'A launch template for EC2 instances',
    params: z.strictObject({
      id: launchTemplateName('name or id (lt-...) of the launch template'),
      version: launchTemplateVersion(
        'number of the version, or $Latest; default: the template’s own default',
      ).optional(),
    }),
    facts: {
      templateId: 'id',
      name: 'name',
      version: 'number of the version',
      imageId: 'image',
      instanceType: 'instance type',
    },
  },
  reads: [
    'ec2:DescribeImages',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
  ],
  async find(aws, { id, version = '$Default' }, place) {
    const named = id.startsWith('lt-') ? { LaunchTemplateId: id } : { LaunchTemplateName: id };
    const { ec2 } = aws.in(place);
    const found = await noneIfNotFound(async () => {
      const { LaunchTemplateVersions = [] } = await ec2.describeLaunchTemplateVersions({
        ...named,
        Versions: [version],
      });
      return LaunchTemplateVersions;
    });
    /** Of the image; none are known of one that the template looks up as it launches (`resolve:ssm:...`). */
    const devicesOf = async (image = ''): Promise<readonly BlockDeviceMapping[]> => {
      if (!image.startsWith('ami-')) return [];
      const { Images = [] } = await ec2.describeImages({ ImageIds: [image] });
      return Images[0]?.BlockDeviceMappings ?? [];
    };
    return Promise.all(
      found.map(async (each) => {
        const [devices, room] = await Promise.all([
          devicesOf(each.LaunchTemplateData?.ImageId),
          roomOf(aws, place, each),
        ]);
        return {
          id: each.LaunchTemplateId!,
          arn: `arn:aws:ec2:${place.region}:${place.account}:launch-template/${each.LaunchTemplateId}`,
          facts: { ...factsOf(each, devices), ...room },
        };
      }),
    );
  },
});

/** Subnet and groups that it says, as targets of their types tell them. Those that are gone are not among them. */
async function roomOf(aws: Aws, place: Place, { LaunchTemplateData }: LaunchTemplateVersion) {
  const { SecurityGroupIds = [], NetworkInterfaces = [] } = LaunchTemplateData ?? {};
  const [first] = NetworkInterfaces;
  const groupIds = first?.Groups ?? SecurityGroupIds;
  const { ec2 } = aws.in(place);
  const [subnets, groups] = await Promise.all([
    noneIfNotFound(async () => {
      if (first?.SubnetId === undefined) return [];
      const { Subnets = [] } = await ec2.describeSubnets({ SubnetIds: [first.SubnetId] });
      return Subnets;
    }),
    noneIfNotFound(async () => {
      if (groupIds.length === 0) return [];
      const { SecurityGroups = [] } = await ec2.describeSecurityGroups({ GroupIds: groupIds });
      return SecurityGroups;
    }),
  ]);
  return {
    subnets: subnets.map((subnet) => subnetItem(subnet, place)),
    groups: groups.map((group) => groupItem(group, place)),
  };
}

function factsOf(
  { LaunchTemplateId, LaunchTemplateName, VersionNumber, LaunchTemplateData }: LaunchTemplateVersion,
  devices: readonly BlockDeviceMapping[],
) {
  const {
    ImageId,
    InstanceType,
    NetworkInterfaces = [],
    IamInstanceProfile: profile,
    BlockDeviceMappings = [],
    InstanceMarketOptions: market,
  } = LaunchTemplateData ?? {};
  // What the template says of a device goes before what its image says.
  const said = new Map(
    [...devices, ...BlockDeviceMappings].map(({ DeviceName = '', Ebs }): [string, boolean | undefined] => [
      DeviceName,
      Ebs?.DeleteOnTermination,
    ]),
  );
  return {
    templateId: LaunchTemplateId,
    name: LaunchTemplateName,
    version: String(VersionNumber),
    imageId: ImageId,
    instanceType: InstanceType,
    instanceProfile: profile?.Arn ?? profile?.Name,
    /** AWS takes a subnet and groups only where the template itself says them: in its interfaces, or beside them. */
    hasInterfaces: NetworkInterfaces.length > 0,
    /** Devices whose volumes outlive the instance. */
    keptVolumes: [...said].flatMap(([device, goes]) => (goes === false ? [device] : [])).sort(),
    /** Its instances come back when they are terminated, until the request for them is cancelled. */
    persistentSpot: market?.SpotOptions?.SpotInstanceType === 'persistent',
  };
}
