/** A place to restore to, in a lab without machines: what the tests of launching and waiting have in common. */
import type { ActionInput } from '../../../src/actions/action.ts';
import { awaitReady } from '../../../src/actions/ec2/await-ready.ts';
import { launchInstance } from '../../../src/actions/ec2/launch-instance.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { createLaunchTemplate, createSecurityGroup, createSubnet, createVpc } from '../../../src/lab/world/seed.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import type { World } from '../../../src/lab/world.ts';
import type { Instance } from '../../../src/lab/world/ec2.ts';
import { s3PrefixListOf } from '../../../src/lab/world/prefix-lists.ts';
import type { TestLab } from '../support/lab.ts';
import { active, openTestLab } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';

export const script = '#!/bin/bash\nset -eu\norders-restore "$DUMP_URL"\n';

export async function openRestoreLab(): Promise<TestLab> {
  const lab = await openTestLab((world) => Promise.resolve(build(world)));
  const { s3 } = lab.aws.in(active);
  await s3.createBucket({ Bucket: 'signals' });
  await s3.putBucketVersioning({ Bucket: 'signals', VersioningConfiguration: { Status: 'Enabled' } });
  await s3.createBucket({ Bucket: 'dumps' });
  await s3.putObject({ Bucket: 'dumps', Key: "nightly/it's.dump", Body: 'the dump' });
  return lab;
}

function build(world: World): void {
  const { vpcId } = createVpc(world, active, { tags: {} });
  const other = createVpc(world, active, { tags: {} });
  const subnetId = createSubnet(world, active, { vpcId, zone: 'eu-central-1a', tags: { app: 'orders' } });
  createSubnet(world, active, { vpcId, zone: 'eu-central-1b', tags: { app: 'orders', second: 'yes' } });
  const closed = { ingress: [], egress: [{ port: 443, prefixListId: s3PrefixListOf(active) }] };
  const group = createSecurityGroup(world, active, { vpcId, name: 'restore', ...closed });
  const open = createSecurityGroup(world, active, { vpcId, name: 'open', ingress: [] });
  createSecurityGroup(world, active, { vpcId: other.vpcId, name: 'elsewhere', ...closed });
  const image = { program: 'orders', port: 8080, groups: [group] };
  createLaunchTemplate(world, active, { name: 'restore', ...image });
  createLaunchTemplate(world, active, { name: 'with-room', ...image, subnetId });
  createLaunchTemplate(world, active, { name: 'with-open-room', ...image, subnetId, groups: [group, open] });
  createLaunchTemplate(world, active, { name: 'with-profile', ...image, instanceProfile: 'orders-app' });
}

export interface Changed {
  params?: Record<string, unknown>;
  targets?: Record<string, ResolvedTarget>;
  more?: Partial<ActionInput>;
}

export async function launchSetUp(lab: TestLab, { params, targets, more }: Changed = {}): Promise<StepSetup> {
  const [template, subnet, group, signals] = await Promise.all([
    lab.resolve('ec2/launch-template', active, { id: 'restore' }),
    lab.resolve('ec2/subnets', active, { tags: { app: 'orders' }, az: 'eu-central-1a', max: '1' }),
    lab.resolve('ec2/security-group', active, { id: 'restore' }),
    lab.resolve('s3/objects', active, { bucket: 'signals', prefix: 'drills/' }),
  ]);
  return {
    lab,
    action: launchInstance,
    params: {
      template: 'template',
      subnet: 'subnet',
      securityGroup: 'group',
      userData: 'restore.sh',
      environment: { DUMP_URL: "s3://dumps/nightly/it's.dump?region=eu-central-1" },
      signal: 'signals',
      ...params,
    },
    targets: { template, subnet, group, signals, ...targets },
    more: { file: () => script, ...more },
  };
}

export const awaitSetUp = (lab: TestLab, instance: unknown): StepSetup => ({
  lab,
  action: awaitReady,
  params: { instance: 'instance' },
  targets: { instance: instance as ResolvedTarget },
});

/** The instances that are not gone. */
export const instancesIn = ({ world }: TestLab): Instance[] =>
  Object.values(ec2State(world, active).instances).filter(({ state }) => state !== 'terminated');

/** Versions and delete markers under the signals' prefix. */
export async function signalsIn({ aws }: TestLab): Promise<unknown[]> {
  const { Versions = [], DeleteMarkers = [] } = await aws.in(active).s3.listObjectVersions({ Bucket: 'signals' });
  return [...Versions, ...DeleteMarkers];
}

/** What user data exports, as the shell would have it where no quote stands in it. */
export const exportedIn = ({ userData = '' }: Instance): Record<string, string> =>
  Object.fromEntries(
    [...userData.matchAll(/^export (\w+)='(.*)'$/gm)].map((match): [string, string] => [
      match[1]!,
      match[2]!.replaceAll(`'\\''`, "'"),
    ]),
  );
