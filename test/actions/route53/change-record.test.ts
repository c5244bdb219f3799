import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeRecord } from '../../../src/actions/route53/change-record.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import { LoseAnswer } from '../../../src/lab/wire/handler.ts';
import type { World } from '../../../src/lab/world.ts';
import type { TestLab } from '../support/lab.ts';
import { active, openTestLab, passive } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { crashEverywhere, doStep, inputFor, undoStep } from '../support/step.ts';

const build = (world: World) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' });

let lab: TestLab;
beforeEach(async () => {
  lab = await openTestLab(build);
});
afterEach(() => lab.close());

async function setUp(own: TestLab, params: Record<string, unknown> = { to: 'alb' }, select = {}): Promise<StepSetup> {
  const www = await own.resolve('route53/record', passive, { name: 'www.orders.test', ...select });
  const alb = await own.resolve('elbv2/load-balancer', passive, { id: 'orders' });
  return { lab: own, action: changeRecord, params: { record: 'www', ...params }, targets: { www, alb } };
}

const zoneOf = ({ targets }: StepSetup): string => targets['www']!.items[0]!.facts['zoneId'] as string;

async function recordsOf(setup: StepSetup): Promise<unknown[]> {
  const { route53 } = setup.lab.aws.in(passive);
  const { ResourceRecordSets = [] } = await route53.listResourceRecordSets({ HostedZoneId: zoneOf(setup) });
  return ResourceRecordSets.filter((set) => set.Name === 'www.orders.test.');
}

/** Someone else's hand: replaces what stands there. */
async function edit(setup: StepSetup, sets: Record<string, unknown>[]): Promise<void> {
  const changes = (Action: 'DELETE' | 'CREATE', list: readonly unknown[]) =>
    list.map((ResourceRecordSet) => ({ Action, ResourceRecordSet: ResourceRecordSet as never }));
  await setup.lab.aws.in(passive).route53.changeResourceRecordSets({
    HostedZoneId: zoneOf(setup),
    ChangeBatch: {
      Changes: [
        ...changes('DELETE', await recordsOf(setup)),
        ...changes(
          'CREATE',
          sets.map((set) => ({ Name: 'www.orders.test.', ...set })),
        ),
      ],
    },
  });
}

const simple = (address: string) => ({ Type: 'A', TTL: 30, ResourceRecords: [{ Value: address }] });
const weighted = (id: string, Weight: number) => ({ ...simple(`192.0.2.${id}`), SetIdentifier: id, Weight });

describe('changing a record', () => {
  test('points an alias at the other balancer, and the undo puts the exact set back', async () => {
    const setup = await setUp(lab);
    const before = await recordsOf(setup);
    const journal = await doStep(setup);
    const dnsName = setup.targets['alb']!.items[0]!.facts['dnsName'] as string;
    expect(journal.outputs).toEqual({ answer: `${dnsName.toLowerCase()}.` });
    expect(await recordsOf(setup)).toMatchObject([{ AliasTarget: { DNSName: `${dnsName.toLowerCase()}.` } }]);

    await undoStep(setup, journal);
    expect(await recordsOf(setup)).toEqual(before);
  });

  test('makes an alias of addresses, and the undo brings addresses and TTL back', async () => {
    await edit(await setUp(lab), [simple('192.0.2.1')]);
    const setup = await setUp(lab);
    const journal = await doStep(setup);
    const [now] = await recordsOf(setup);
    expect(now).not.toHaveProperty('TTL');
    await undoStep(setup, journal);
    expect(await recordsOf(setup)).toEqual([expect.objectContaining(simple('192.0.2.1'))]);
  });

  test('keeps a CNAME a CNAME', async () => {
    await edit(await setUp(lab), [{ Type: 'CNAME', TTL: 30, ResourceRecords: [{ Value: 'old.orders.test' }] }]);
    const setup = await setUp(lab);
    await doStep(setup);
    expect(await recordsOf(setup)).toMatchObject([{ Type: 'CNAME', TTL: 30 }]);
  });

  test('sets the values that are given', async () => {
    const setup = await setUp(lab, { values: ['192.0.2.7'] });
    await doStep(setup);
    expect(await recordsOf(setup)).toMatchObject([{ ResourceRecords: [{ Value: '192.0.2.7' }] }]);
  });

  test('changes the weight of the one set that it names, and leaves the others alone', async () => {
    await edit(await setUp(lab), [weighted('1', 100), weighted('2', 0)]);
    const setup = await setUp(lab, { weight: '0' }, { setIdentifier: '1' });
    const journal = await doStep(setup);
    expect(await recordsOf(setup)).toMatchObject([{ Weight: 0 }, { Weight: 0 }]);
    await undoStep(setup, journal);
    expect(await recordsOf(setup)).toMatchObject([{ Weight: 100 }, { Weight: 0 }]);
  });

  test('refuses to weigh a record that is not weighted', async () => {
    const setup = await setUp(lab, { weight: '0' });
    await expect(doStep(setup)).rejects.toMatchObject({ code: 'record-not-weighted' });
  });

  test("leaves someone else's edit alone when it is undone", async () => {
    const setup = await setUp(lab);
    const journal = await doStep(setup);
    await edit(setup, [simple('192.0.2.99')]);
    await expect(undoStep(setup, journal)).rejects.toMatchObject({ code: 'changed-by-someone-else' });
    expect(await recordsOf(setup)).toMatchObject([{ ResourceRecords: [{ Value: '192.0.2.99' }] }]);
  });

  test('does not overwrite an edit that comes between reading and writing', async () => {
    const setup = await setUp(lab);
    let edited = false;
    lab.onCall.before = (call) => {
      if (call.operation !== 'ChangeResourceRecordSets' || edited) return;
      edited = true;
      return edit(setup, [simple('192.0.2.99')]);
    };
    await expect(doStep(setup)).rejects.toMatchObject({ code: 'aws-conflict' });
    expect(await recordsOf(setup)).toMatchObject([{ ResourceRecords: [{ Value: '192.0.2.99' }] }]);
  });

  test('happens once, although its answer is lost', async () => {
    let lost = false;
    lab.hooks.after = (call) => {
      if (call.operation !== 'ChangeResourceRecordSets' || lost) return;
      lost = true;
      throw new LoseAnswer();
    };
    await doStep(await setUp(lab));
    expect(lost).toBe(true);
  });

  test('shows what would be put back', async () => {
    const preview = await changeRecord.preview!(inputFor(await setUp(lab)));
    expect(preview.undo).toContain('.elb.amazonaws.com');
    expect(preview.permissions.map((permission) => permission.action)).toContain('route53:ChangeResourceRecordSets');
  });
});

test('a crash around any write is recovered from and undone', async () => {
  let before: unknown;
  const crashes = await crashEverywhere(
    async () => {
      const setup = await setUp(await openTestLab(build));
      before = await recordsOf(setup);
      return setup;
    },
    async (setup, journal) => {
      expect(await recordsOf(setup)).not.toEqual(before);
      await undoStep(setup, journal);
      expect(await recordsOf(setup)).toEqual(before);
    },
  );
  expect(crashes).toBe(3);
});

test('one and only one of to, values and weight says what to change', () => {
  const parse = (params: Record<string, unknown>) => changeRecord.spec.params.safeParse({ record: 'www', ...params });
  expect(parse({}).success).toBe(false);
  expect(parse({ to: 'alb', weight: '1' }).success).toBe(false);
  expect(parse({ to: 'alb' }).success).toBe(true);
});

test('a record in no zone of ours is not found, and says what was searched', async () => {
  const search = lab.resolve('route53/record', active, { name: 'www.elsewhere.test' });
  await expect(search).rejects.toMatchObject({
    code: 'target-not-found',
    expected: expect.stringContaining('www.elsewhere.test') as string,
  });
  const found: ResolvedTarget = await lab.resolve('route53/record', active, { name: 'WWW.orders.test.' });
  expect(found.items[0]!.facts).toMatchObject({ zoneName: 'orders.test.', recordType: 'A' });
});
