import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isolateSubnets } from '../../../src/actions/ec2/isolate-subnets.ts';
import { textOf } from '../../../src/actions/places.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import { LoseAnswer } from '../../../src/lab/wire/handler.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import type { World } from '../../../src/lab/world.ts';
import type { TestLab } from '../support/lab.ts';
import { active, openTestLab } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { crashEverywhere, doStep, inputFor, undoStep } from '../support/step.ts';

const build = (world: World) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' });

async function setUp(lab: TestLab): Promise<StepSetup> {
  const net = await lab.resolve('ec2/subnets', active, { tags: { app: 'orders' }, max: '9' });
  return { lab, action: isolateSubnets, params: { subnets: 'net' }, targets: { net } };
}

/** ACL by subnet, and how many ACLs there are. */
async function acls({ aws }: TestLab): Promise<{ bySubnet: Record<string, string>; count: number }> {
  const { NetworkAcls = [] } = await aws.in(active).ec2.describeNetworkAcls({});
  const entries = NetworkAcls.flatMap((acl) =>
    (acl.Associations ?? []).map((association): [string, string] => [association.SubnetId!, acl.NetworkAclId!]),
  );
  return { bySubnet: Object.fromEntries(entries.sort()), count: NetworkAcls.length };
}

let lab: TestLab;
beforeEach(async () => {
  lab = await openTestLab(build);
});
afterEach(() => lab.close());

describe('isolating subnets', () => {
  test('cuts every subnet off, and the undo gives each the ACL back that it had', async () => {
    const setup = await setUp(lab);
    const before = await acls(lab);
    const journal = await doStep(setup);
    expect(lab.machines.state.network.cutSubnets).toHaveLength(9);

    await undoStep(setup, journal);
    expect(await acls(lab)).toEqual(before);
    expect(lab.machines.state.network.cutSubnets).toEqual([]);
  });

  test('does not take its network ACL for gone when somebody took the tags off', async () => {
    const setup = await setUp(lab);
    await doStep(setup);
    const denying = new Set(Object.values((await acls(lab)).bySubnet));
    expect(denying.size).toBe(1);
    for (const id of denying) ec2State(lab.world, active).tags[id] = {};
    const [denial] = (await isolateSubnets.parts(inputFor(setup))).filter(({ shape }) => shape === 'create');
    if (denial?.shape !== 'create') throw new Error('a part that creates');
    const [id] = denying;
    const found = denial.find({ key: 'k', signal: new AbortController().signal }, { id: id! });
    await expect(found).rejects.toMatchObject({ code: 'tags-lost' });
  });

  test('keeps different ACLs of different subnets apart', async () => {
    const { ec2 } = lab.aws.in(active);
    const first = await acls(lab);
    const [subnet] = Object.keys(first.bySubnet);
    const { Vpcs = [] } = await ec2.describeVpcs({ Filters: [{ Name: 'tag:app', Values: ['orders'] }] });
    const own = (await ec2.createNetworkAcl({ VpcId: Vpcs[0]!.VpcId })).NetworkAcl!.NetworkAclId!;
    const { NetworkAcls = [] } = await ec2.describeNetworkAcls({
      Filters: [{ Name: 'association.subnet-id', Values: [subnet!] }],
    });
    const association = NetworkAcls[0]!.Associations!.find((found) => found.SubnetId === subnet)!;
    await ec2.replaceNetworkAclAssociation({
      AssociationId: association.NetworkAclAssociationId,
      NetworkAclId: own,
    });

    const before = await acls(lab);
    const setup = await setUp(lab);
    await undoStep(setup, await doStep(setup));
    expect(await acls(lab)).toEqual(before);
    expect(before.bySubnet[subnet!]).toBe(own);
  });

  test("leaves someone else's association alone", async () => {
    const setup = await setUp(lab);
    const journal = await doStep(setup);
    const { ec2 } = lab.aws.in(active);
    const subnet = setup.targets['net']!.items[0]!;
    const { NetworkAcls = [] } = await ec2.describeNetworkAcls({
      Filters: [{ Name: 'association.subnet-id', Values: [subnet.id] }],
    });
    const theirs = (await ec2.createNetworkAcl({ VpcId: textOf(subnet.facts['vpcId']) })).NetworkAcl!.NetworkAclId!;
    await ec2.replaceNetworkAclAssociation({
      AssociationId: NetworkAcls[0]!.Associations!.find((found) => found.SubnetId === subnet.id)!
        .NetworkAclAssociationId,
      NetworkAclId: theirs,
    });
    await expect(undoStep(setup, journal)).rejects.toMatchObject({ code: 'changed-by-someone-else' });
    expect((await acls(lab)).bySubnet[subnet.id]).toBe(theirs);
  });

  test('creates its ACL once, although the answer is lost', async () => {
    const setup = await setUp(lab);
    const before = await acls(lab);
    let lost = 0;
    lab.hooks.after = (call) => {
      if (call.operation !== 'CreateNetworkAcl' && call.operation !== 'ReplaceNetworkAclAssociation') return;
      lost += 1;
      if (lost % 2 === 1) throw new LoseAnswer();
    };
    await doStep(setup);
    expect(lost).toBeGreaterThan(5);
    expect((await acls(lab)).count).toBe(before.count + 1);
  });

  test('shows every network interface that it hits, by owner', async () => {
    const preview = await isolateSubnets.preview!(inputFor(await setUp(lab)));
    expect(preview.touches.filter((touched) => touched.includes('eni-')).length).toBeGreaterThanOrEqual(7);
    expect(preview.findings.filter((finding) => finding.severity === 'refuse')).toEqual([]);
  });
});

test('a crash around any write of it is recovered from, and undone without a trace', async () => {
  let before: unknown;
  const crashes = await crashEverywhere(
    async () => {
      const own = await openTestLab(build);
      before = await acls(own);
      const select = { tags: { app: 'orders', tier: 'alb' }, az: 'eu-central-1a', max: '1' };
      const net = await own.resolve('ec2/subnets', active, select);
      return { lab: own, action: isolateSubnets, params: { subnets: 'net' }, targets: { net } };
    },
    async (setup, journal) => {
      expect(setup.lab.machines.state.network.cutSubnets).toHaveLength(1);
      await undoStep(setup, journal);
      expect(await acls(setup.lab)).toEqual(before);
    },
  );
  expect(crashes).toBe(6);
});
