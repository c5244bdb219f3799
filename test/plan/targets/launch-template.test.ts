/** What a launch template says of where its instances stand, from answers as EC2 gives them. */
import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { Aws } from '../../../src/aws/aws.ts';
import { launchTemplate } from '../../../src/plan/targets/ec2/launch-template.ts';
import { subnets } from '../../../src/plan/targets/ec2/subnets.ts';

const home = { name: 'home', account: '111122223333', region: 'eu-central-1', production: false };
const version: LaunchTemplateVersion = {
  LaunchTemplateId: 'lt-1',
  VersionNumber: 3,
  LaunchTemplateData: {
    ImageId: 'ami-1',
    NetworkInterfaces: [{ SubnetId: 'subnet-1', Groups: ['sg-1'] }],
  },
};
const subnet = { SubnetId: 'subnet-1', AvailabilityZone: 'eu-central-1a', VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' };

/** EC2 that answers each call after the others that were made at once with it, and writes down both. */
function ec2() {
  const heard: string[] = [];
  const answers =
    <T>(call: string, answer: T) =>
    async (): Promise<T> => {
      heard.push(`${call}?`);
      await new Promise(setImmediate);
      heard.push(`${call}!`);
      return answer;
    };
  const calls = {
    describeLaunchTemplateVersions: answers('template', { LaunchTemplateVersions: [version] }),
    describeImages: answers('image', { Images: [{ ImageId: 'ami-1' }] }),
    describeSubnets: answers('subnets', { Subnets: [subnet] }),
    describeSecurityGroups: answers('groups', { SecurityGroups: [{ GroupId: 'sg-1', VpcId: 'vpc-1' }] }),
    describeNetworkAcls: answers('acls', { NetworkAcls: [] }),
  };
  return { aws: { in: () => ({ ec2: calls }) } as unknown as Aws, heard };
}

const target = (type: string, id: string) => ({
  name: 'blank',
  type,
  location: 'home',
  select: { id },
  mayBeEmpty: false,
});

describe('a launch template', () => {
  it('has what it names looked up at once', async () => {
    const { aws, heard } = ec2();
    await launchTemplate.resolve(aws, target('ec2/launch-template', 'blank'), home);
    expect(heard.slice(0, 2)).toEqual(['template?', 'template!']);
    expect(heard.slice(2, 5).sort()).toEqual(['groups?', 'image?', 'subnets?']);
  });

  it('says of its subnet what the subnet says as a target of its own', async () => {
    const { aws } = ec2();
    const [template] = await launchTemplate.resolve(aws, target('ec2/launch-template', 'blank'), home);
    const [own] = await subnets.resolve(aws, target('ec2/subnets', 'subnet-1'), home);
    expect(own!.arn).toBe('arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-1');
    expect(template!.facts['subnets']).toEqual([
      { ...own, facts: { az: 'eu-central-1a', vpcId: 'vpc-1', cidr: '10.0.0.0/24' } },
    ]);
  });
});
