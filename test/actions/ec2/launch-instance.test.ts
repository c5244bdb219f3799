import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launchInstance } from '../../../src/actions/ec2/launch-instance.ts';
import type { Aws } from '../../../src/aws/aws.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { AwsError, LoseAnswer } from '../../../src/lab/wire/handler.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import { terminate } from '../../../src/lab/world/instances.ts';
import type { TestLab } from '../support/lab.ts';
import { account, active, passive } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { Crash, Journal, crashEverywhere, doStep, inputFor, undoStep } from '../support/step.ts';
import type { Changed } from './restore-estate.ts';
import { exportedIn, instancesIn, launchSetUp, openRestoreLab, script, signalsIn } from './restore-estate.ts';

let lab: TestLab;
beforeEach(async () => {
  lab = await openRestoreLab();
});
afterEach(() => lab.close());

describe('a launch', () => {
  test('gives an instance of the template, tagged, without IMDSv1, in the subnet and group that are said', async () => {
    const setup = await launchSetUp(lab);
    const { outputs } = await doStep(setup);
    const [instance] = instancesIn(lab);
    expect(instance).toMatchObject({
      subnetId: setup.targets['subnet']!.items[0]!.id,
      groups: [setup.targets['group']!.items[0]!.id],
      imdsTokens: 'required',
    });
    expect(ec2State(lab.world, active).tags[instance!.id]).toMatchObject({
      Name: 'firedrill-r1-s1',
      'firedrill:run': 'r1',
      'firedrill:step': 's1',
      'firedrill:expires': expect.stringMatching(/^\d{4}-/) as string,
    });
    const target = outputs['instance'] as unknown as ResolvedTarget;
    expect(target).toMatchObject({ type: 'ec2/instances', location: 'active', account, region: 'eu-central-1' });
    expect(target.items[0]).toMatchObject({
      id: instance!.id,
      facts: {
        address: instance!.address,
        az: 'eu-central-1a',
        subnet: instance!.subnetId,
        signal: { bucket: 'signals', key: 'drills/r1-s1.json', region: 'eu-central-1' },
      },
    });
  });

  test('is undone without a trace, also of what its script wrote several times', async () => {
    const setup = await launchSetUp(lab);
    const journal = await doStep(setup);
    const { FIREDRILL_SIGNAL_URL } = exportedIn(instancesIn(lab)[0]!);
    for (const body of ['{}', '{"status":"ready"}']) await fetch(FIREDRILL_SIGNAL_URL!, { method: 'PUT', body });
    expect(await signalsIn(lab)).toHaveLength(3);
    await undoStep(setup, journal);
    expect(instancesIn(lab)).toEqual([]);
    expect(await signalsIn(lab)).toEqual([]);
  });

  test('hands the script signed URLs that fetch the dump and report, behind its first line', async () => {
    await doStep(
      await launchSetUp(lab, { params: { environment: { DUMP_URL: "s3://dumps/nightly/it's.dump", MODE: "it's" } } }),
    );
    const [instance] = instancesIn(lab);
    const lines = instance!.userData!.split('\n');
    expect(lines[0]).toBe('#!/bin/bash');
    expect([...lines.slice(0, 1), ...lines.slice(4)].join('\n')).toBe(script);
    const { DUMP_URL, MODE, FIREDRILL_SIGNAL_URL } = exportedIn(instance!);
    expect(MODE).toBe("it's");
    expect(await (await fetch(DUMP_URL!)).text()).toBe('the dump');
    expect((await fetch(FIREDRILL_SIGNAL_URL!, { method: 'PUT', body: 'said' })).status).toBe(200);
    const { Body } = await lab.aws.in(active).s3.getObject({ Bucket: 'signals', Key: 'drills/r1-s1.json' });
    expect(await Body!.transformToString()).toBe('said');
  });

  test('signs URLs for as long as whoever waits for it may take', async () => {
    await doStep(await launchSetUp(lab, { more: { phaseLeftMs: 7_200_000 } }));
    const { FIREDRILL_SIGNAL_URL } = exportedIn(instancesIn(lab)[0]!);
    expect(new URL(FIREDRILL_SIGNAL_URL!).searchParams.get('X-Amz-Expires')).toBe('7200');
  });

  test('takes an instance profile that is said instead of the one in the template', async () => {
    const template = await lab.resolve('ec2/launch-template', active, { id: 'with-profile' });
    const params = { instanceProfile: 'restore-only' };
    await doStep(await launchSetUp(lab, { params, targets: { template } }));
    expect(instancesIn(lab)[0]).toMatchObject({ instanceProfile: 'restore-only' });
  });

  test('puts subnet and group into the interface where the template has interfaces', async () => {
    const setup = await launchSetUp(lab);
    const template = setup.targets['template']!;
    const items = template.items.map((item) => ({ ...item, facts: { ...item.facts, hasInterfaces: true } }));
    const sent: unknown[] = [];
    lab.onCall.before = ({ operation, input }) => void (operation === 'RunInstances' && sent.push(input));
    await doStep({ ...setup, targets: { ...setup.targets, template: { ...template, items } } });
    expect(sent[0]).toMatchObject({ NetworkInterfaces: [{ SubnetId: setup.targets['subnet']!.items[0]!.id }] });
    expect(sent[0]).not.toHaveProperty('SubnetId');
    expect(sent[0]).not.toHaveProperty('SecurityGroupIds');
  });
});

describe('a launch from an image', () => {
  const fromImage = async (changed: Changed = {}, facts: JsonObject = {}): Promise<StepSetup> => {
    const found = await lab.resolve('ec2/image', active, { name: 'restore' });
    const image = { ...found, items: found.items.map((item) => ({ ...item, facts: { ...item.facts, ...facts } })) };
    const params = { template: undefined, image: 'image', instanceType: 't3.large', ...changed.params };
    return launchSetUp(lab, { ...changed, params, targets: { image, ...changed.targets } });
  };

  test('gives an instance of the type that is said, in the subnet and group that are said, and without a role', async () => {
    const setup = await fromImage();
    const journal = await doStep(setup);
    const [instance] = instancesIn(lab);
    expect(instance).toMatchObject({
      imageId: setup.targets['image']!.items[0]!.id,
      type: 't3.large',
      subnetId: setup.targets['subnet']!.items[0]!.id,
      groups: [setup.targets['group']!.items[0]!.id],
    });
    expect(instance!.instanceProfile).toBeUndefined();
    await undoStep(setup, journal);
    expect(instancesIn(lab)).toEqual([]);
  });

  test('lets no volume of the image outlive the instance', async () => {
    const sent: unknown[] = [];
    lab.onCall.before = ({ operation, input }) => void (operation === 'RunInstances' && sent.push(input));
    await doStep(await fromImage({}, { keptVolumes: ['/dev/xvdb'] }));
    expect(sent[0]).toMatchObject({
      BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', Ebs: { DeleteOnTermination: true } }],
    });
  });

  test('is planned with its cost, and with permissions for that image and type only', async () => {
    const { findings, permissions, touches } = await launchInstance.preview!(inputFor(await fromImage()));
    expect(findings).toMatchObject([{ code: 'instance-cost', message: expect.stringContaining('t3.large') as string }]);
    expect(touches[0]).toMatch(/^a new instance of restore in subnet-/);
    const launches = permissions.filter(({ action }) => action === 'ec2:RunInstances');
    expect(launches).toContainEqual(
      expect.objectContaining({ resources: [expect.stringMatching(/^arn:aws:ec2:eu-central-1::image\/ami-/)] }),
    );
    expect(launches).toContainEqual(
      expect.objectContaining({
        resources: [`arn:aws:ec2:eu-central-1:${account}:instance/*`],
        when: expect.objectContaining({ StringEquals: { 'ec2:InstanceType': 't3.large' } }) as unknown,
      }),
    );
  });

  test('of another region than subnet and group is refused', async () => {
    const setup = await fromImage();
    const image = { ...setup.targets['image']!, region: 'eu-west-1' };
    const { findings } = await launchInstance.preview!(inputFor({ ...setup, targets: { ...setup.targets, image } }));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'launch-places-differ' }));
  });

  test.each([
    ['both', { template: 'template', image: 'image', instanceType: 't3.large' }],
    ['a template with a type', { template: 'template', instanceType: 't3.large' }],
    ['an image without a type', { template: undefined, image: 'image' }],
    ['neither', { template: undefined }],
  ])('is not said by %s', async (_, params) => {
    const setup = await launchSetUp(lab, { params });
    expect(launchInstance.spec.params.safeParse(setup.params).error?.issues[0]?.message).toBe(
      'say either template, or image and instanceType',
    );
  });
});

describe('a launch whose answer is lost', () => {
  const loseLaunches = (times: number): void => {
    let left = times;
    lab.hooks.after = (call) => {
      if (call.operation !== 'RunInstances' || left === 0) return;
      left -= 1;
      throw new LoseAnswer();
    };
  };

  test('is not made again', async () => {
    loseLaunches(1);
    await doStep(await launchSetUp(lab));
    expect(instancesIn(lab)).toHaveLength(1);
  });

  test('is found although EC2 does not show it at first, and refuses its token with other URLs', async () => {
    let hidden = 4;
    let launches = 0;
    lab.hooks.after = (call, _input, output) => {
      if (call.operation === 'RunInstances') {
        launches += 1;
        throw new LoseAnswer();
      }
      if (call.operation !== 'DescribeInstances' || hidden === 0) return;
      hidden -= 1;
      (output as { Reservations: unknown[] }).Reservations = [];
    };
    // On another second the same request gets another signature.
    let tries = 0;
    const aws: Aws = {
      ...lab.aws,
      presign: (place, { forMs, ...request }) => {
        tries += 1;
        return lab.aws.presign(place, { ...request, forMs: forMs + tries * 1000 });
      },
    };
    const [signal, instance] = await launchInstance.parts(inputFor(await launchSetUp(lab, { more: { aws } })));
    const attempt = { key: 'k', signal: new AbortController().signal };
    if (signal?.shape !== 'create' || instance?.shape !== 'create') throw new Error('two parts that create');
    await signal.create(attempt);
    await expect(instance.create(attempt)).rejects.toMatchObject({ code: 'indeterminate' });
    await expect(instance.create(attempt)).rejects.toMatchObject({ code: 'not-ready' });
    hidden = 0;
    expect(await instance.create(attempt)).toEqual({ id: instancesIn(lab)[0]!.id });
    expect(instancesIn(lab)).toHaveLength(1);
    expect(launches).toBe(1);
  });
});

describe('an instance that does not come to be', () => {
  test('for want of capacity is told with its type and zone, at once', async () => {
    let asked = 0;
    lab.hooks.before = (call) => {
      if (call.operation !== 'RunInstances') return;
      asked += 1;
      throw new AwsError('InsufficientInstanceCapacity', 'There is no Spot capacity available', 500);
    };
    await expect(doStep(await launchSetUp(lab))).rejects.toMatchObject({
      code: 'no-capacity',
      message: 'AWS has no capacity for an instance t3.small in eu-central-1a now',
    });
    expect(asked).toBe(1);
  });

  test('because it ended at once is told with EC2’s reason', async () => {
    lab.hooks.after = (call) => {
      if (call.operation !== 'RunInstances') return;
      const [instance] = instancesIn(lab);
      terminate(lab.world, active, instance!);
      instance!.stateReason = { code: 'Client.InternalError', message: 'Client error on launch' };
    };
    await expect(doStep(await launchSetUp(lab))).rejects.toMatchObject({
      code: 'instance-ended',
      message: expect.stringMatching(
        /^instance i-\w+ is (shutting-down|terminated): Client error on launch$/,
      ) as string,
    });
  });

  test('for user data that got too large is told before anything is launched', async () => {
    const setup = await launchSetUp(lab, { more: { file: () => `#!/bin/sh\n${'#'.repeat(16_300)}` } });
    await expect(doStep(setup)).rejects.toMatchObject({ code: 'user-data-too-large' });
    expect(instancesIn(lab)).toEqual([]);
  });
});

test('an instance whose tags somebody took off is left to them', async () => {
  const setup = await launchSetUp(lab);
  const journal = await doStep(setup);
  const [instance] = instancesIn(lab);
  delete ec2State(lab.world, active).tags[instance!.id]!['firedrill:run'];
  await expect(undoStep(setup, journal)).rejects.toMatchObject({ code: 'not-own-instance' });
  expect(instancesIn(lab)).toHaveLength(1);
});

test('an object that stands where the script would report is not taken for the signal', async () => {
  await lab.aws.in(active).s3.putObject({ Bucket: 'signals', Key: 'drills/r1-s1.json', Body: '{"status":"ready"}' });
  const [signal] = await launchInstance.parts(inputFor(await launchSetUp(lab)));
  if (signal?.shape !== 'create') throw new Error('a part that creates');
  const creating = signal.create({ key: 'k', signal: new AbortController().signal });
  await expect(creating).rejects.toMatchObject({ code: 'signal-taken' });

  const journal = new Journal();
  const setup = await launchSetUp(lab);
  await expect(doStep(setup, journal)).rejects.toMatchObject({ code: 'name-taken' });
  await undoStep(setup, journal);
  const { Contents = [] } = await lab.aws.in(active).s3.listObjectsV2({ Bucket: 'signals', Prefix: 'drills/' });
  expect(Contents.map(({ Key }) => Key)).toEqual(['drills/r1-s1.json']);
});

describe('the plan', () => {
  const findings = async (changed: Changed = {}) => {
    const { findings: found } = await launchInstance.preview!(inputFor(await launchSetUp(lab, changed)));
    return found.filter(({ code }) => code !== 'instance-cost');
  };
  const templateWith = async (facts: JsonObject): Promise<ResolvedTarget> => {
    const found = await lab.resolve('ec2/launch-template', active, { id: 'restore' });
    return { ...found, items: found.items.map((item) => ({ ...item, facts: { ...item.facts, ...facts } })) };
  };

  test('has nothing to say of a launch that can do no harm', async () => {
    expect(await findings()).toEqual([]);
  });

  test('refuses a group with a way out, unless it is said why', async () => {
    const group = await lab.resolve('ec2/security-group', active, { id: 'open' });
    expect(await findings({ targets: { group } })).toMatchObject([{ severity: 'refuse', code: 'copy-may-act' }]);
    const params = { allowEgress: 'licence server' };
    expect(await findings({ targets: { group }, params })).toMatchObject([
      { severity: 'note', message: expect.stringContaining('licence server') as string },
    ]);
  });

  test('warns of the profile that comes with the template', async () => {
    const targets = { template: await lab.resolve('ec2/launch-template', active, { id: 'with-profile' }) };
    expect(await findings({ targets })).toMatchObject([
      { severity: 'warn', code: 'instance-profile', message: expect.stringContaining('orders-app') as string },
    ]);
    expect(await findings({ targets, params: { instanceProfile: 'restore-only' } })).toMatchObject([
      { severity: 'note', code: 'instance-profile' },
    ]);
  });

  test('refuses volumes that would outlive the instance', async () => {
    const targets = { template: await templateWith({ keptVolumes: ['/dev/xvda'] }) };
    expect(await findings({ targets })).toMatchObject([
      { severity: 'refuse', code: 'volumes-stay', message: expect.stringContaining('/dev/xvda') as string },
    ]);
  });

  test('refuses a Spot Instance that would come back', async () => {
    const targets = { template: await templateWith({ persistentSpot: true }) };
    expect(await findings({ targets })).toMatchObject([{ severity: 'refuse', code: 'spot-comes-back' }]);
  });

  test('refuses what does not belong together', async () => {
    const group = await lab.resolve('ec2/security-group', active, { id: 'elsewhere' });
    const refused = [{ severity: 'refuse', code: 'launch-places-differ' }];
    expect(await findings({ targets: { group } })).toMatchObject(refused);
    expect(await findings({ targets: { group: { ...group, region: 'eu-west-1' } } })).toMatchObject(refused);
  });

  test('says which of several subnets is taken', async () => {
    const subnet = await lab.resolve('ec2/subnets', active, { tags: { app: 'orders' }, max: '2' });
    expect(await findings({ targets: { subnet } })).toMatchObject([{ severity: 'note', code: 'launch-subnet' }]);
  });

  test.each([
    ['no script', 'echo hello\n', 'refuse', 'user-data-no-script'],
    ['a script of no shell', '#!/usr/bin/env python3\n', 'refuse', 'user-data-no-script'],
    ['a script with line ends of Windows', '#!/bin/bash\r\necho\r\n', 'refuse', 'user-data-no-script'],
    ['a cloud-config', '#cloud-config\n', 'refuse', 'user-data-no-script'],
    ['too much', `#!/bin/sh\n${'#'.repeat(16_384)}`, 'refuse', 'user-data-too-large'],
    ['what is too much with long URLs', `#!/bin/sh\n${'#'.repeat(14_000)}`, 'warn', 'user-data-too-large'],
  ])('of user data that is %s', async (_, content, severity, code) => {
    expect(await findings({ more: { file: () => content } })).toMatchObject([{ severity, code }]);
  });

  test('warns that URLs end with the hour of a role’s session, when the restore may take longer', async () => {
    const aws: Aws = {
      ...lab.aws,
      presign: (_place, { forMs }) => Promise.resolve({ url: '', goodForMs: Math.min(forMs, 3_590_000) }),
    };
    expect(await findings({ more: { aws, phaseLeftMs: 3_000_000 } })).toEqual([]);
    const [finding] = await findings({ more: { aws, phaseLeftMs: 3 * 3_600_000 } });
    expect(finding).toMatchObject({ severity: 'warn', code: 'urls-end-early' });
    expect(finding!.message).toMatch(/good for 59 min at most.* may take 180 min/);
  });

  test('asks to pass the role of a profile, and for no more of S3 than is fetched and written', async () => {
    const { permissions } = await launchInstance.preview!(
      inputFor(await launchSetUp(lab, { params: { instanceProfile: 'restore-only' } })),
    );
    const resourcesOf = (action: string) =>
      permissions.filter((each) => each.action === action).flatMap(({ resources }) => resources);
    expect(resourcesOf('iam:PassRole')).toEqual([`arn:aws:iam::${account}:role/restore-only`]);
    expect(resourcesOf('s3:GetObject').sort()).toEqual([
      "arn:aws:s3:::dumps/nightly/it's.dump",
      'arn:aws:s3:::signals/drills/r1-s1.json',
    ]);
    expect(resourcesOf('s3:DeleteObjectVersion')).toEqual(['arn:aws:s3:::signals/drills/r1-s1.json']);
    expect(resourcesOf('ec2:RunInstances')).toContainEqual(expect.stringMatching(/launch-template\/lt-/));
  });

  test('asks as whoever launches for the backups of another location that a step may find', async () => {
    const elsewhere = { ...(await lab.resolve('s3/objects', passive, { bucket: 'dumps', prefix: 'nightly/' })) };
    const reads = async (environment: Record<string, string>) => {
      const setup = await launchSetUp(lab, { params: { environment }, targets: { elsewhere } });
      const { permissions } = await launchInstance.preview!(inputFor(setup));
      return permissions.filter(({ resources }) => resources.includes('arn:aws:s3:::dumps/nightly/*'));
    };
    expect(await reads({ DUMP_URL: '(url of step find)' })).toMatchObject([
      { action: 's3:GetObject', location: 'active' },
      { action: 's3:GetObjectVersion', location: 'active' },
    ]);
    expect(await reads({ DUMP_URL: 's3://dumps/nightly/a.dump' })).toEqual([]);
  });

  test.each([
    [{ 'MY-VAR': 'x' }, 'names of variables'],
    [{ FIREDRILL_SIGNAL_URL: 'x' }, 'is given by firedrill'],
    [{ PGPASSWORD: 'x' }, 'a secret never stands in a file'],
  ])('%o is no environment: %s', async (environment, says) => {
    const { params } = await launchSetUp(lab, { params: { environment } });
    const [issue] = launchInstance.spec.params.safeParse(params).error!.issues;
    expect(issue).toMatchObject({ code: 'invalid_key', path: ['environment', Object.keys(environment)[0]] });
    expect(issue).toMatchObject({ issues: [{ message: expect.stringContaining(says) as string }] });
  });
});

describe('a crash', () => {
  const openSetUp = async (): Promise<StepSetup> => launchSetUp(await openRestoreLab());
  const leavesNothing = async ({ lab: own }: StepSetup): Promise<void> => {
    expect(instancesIn(own)).toEqual([]);
    expect(await signalsIn(own)).toEqual([]);
  };

  test('around any write of it is recovered from with one instance, and undone without a trace', async () => {
    const crashes = await crashEverywhere(openSetUp, async (setup, journal) => {
      expect(instancesIn(setup.lab)).toHaveLength(1);
      await undoStep(setup, journal);
      await leavesNothing(setup);
    });
    expect(crashes).toBe(6);
  });

  test.each([
    ['before', 'PutObject'],
    ['after', 'PutObject'],
    ['before', 'RunInstances'],
    ['after', 'RunInstances'],
  ] as const)('%s %s leaves nothing that the undo does not find', async (when, operation) => {
    const setup = await openSetUp();
    const journal = new Journal();
    setup.lab.onCall[when] = (call) => {
      if (call.operation === operation) throw new Crash();
    };
    await expect(doStep(setup, journal)).rejects.toThrow(Crash);
    setup.lab.onCall[when] = undefined;
    await undoStep(setup, journal);
    await leavesNothing(setup);
    await setup.lab.close();
  });
});
