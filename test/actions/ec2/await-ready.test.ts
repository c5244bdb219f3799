import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awaitReady } from '../../../src/actions/ec2/await-ready.ts';
import type { Json } from '../../../src/domain/json.ts';
import type { Progress } from '../../../src/domain/part.ts';
import { stop, terminate } from '../../../src/lab/world/instances.ts';
import type { TestLab } from '../support/lab.ts';
import { active } from '../support/lab.ts';
import { doStep, inputFor } from '../support/step.ts';
import { awaitSetUp, exportedIn, instancesIn, launchSetUp, openRestoreLab } from './restore-estate.ts';

let lab: TestLab;
let instance: Json;
beforeEach(async () => {
  lab = await openRestoreLab();
  instance = (await doStep(await launchSetUp(lab))).outputs['instance']!;
});
afterEach(() => lab.close());

const report = (body: string): Promise<Response> =>
  fetch(exportedIn(instancesIn(lab)[0]!)['FIREDRILL_SIGNAL_URL']!, { method: 'PUT', body });

const database = { engine: 'postgres', port: 5432, name: 'orders' };
const isReady = JSON.stringify({ status: 'ready', database });

/** One look of a part. */
async function look(part: 'running' | 'ready'): Promise<Progress> {
  const parts = await awaitReady.parts(inputFor(awaitSetUp(lab, instance)));
  const found = parts.find(({ name }) => name === part);
  if (found?.shape !== 'observe') throw new Error(`${part} does not observe`);
  return found.poll({ key: 'k', signal: new AbortController().signal });
}

describe('waiting for a restored instance', () => {
  test('ends when it runs and its script reports; the database is where the instance is', async () => {
    await report(isReady);
    const { outputs } = await doStep(awaitSetUp(lab, instance));
    const { address } = instancesIn(lab)[0]!;
    expect(instancesIn(lab)[0]!.state).toBe('running');
    expect(outputs['database']).toMatchObject({
      type: 'sql/database',
      location: 'active',
      region: 'eu-central-1',
      items: [{ facts: { endpoint: address, port: 5432, database: 'orders', engine: 'postgres' } }],
    });
  });

  test('takes the host that the script names, if EC2 knows it as one of the instance', async () => {
    const { PrivateDnsName } = (
      await lab.aws.in(active).ec2.describeInstances({ InstanceIds: [instancesIn(lab)[0]!.id] })
    ).Reservations![0]!.Instances![0]!;
    await report(JSON.stringify({ status: 'ready', database: { ...database, host: PrivateDnsName!.toUpperCase() } }));
    const { outputs } = await doStep(awaitSetUp(lab, instance));
    expect(outputs['database']).toMatchObject({ items: [{ facts: { endpoint: PrivateDnsName!.toUpperCase() } }] });
  });

  describe('onto another server', () => {
    const server = async (host: string) => {
      const setup = awaitSetUp(lab, instance);
      const server = await lab.resolve('sql/database', active, {
        host,
        port: '5432',
        database: 'x',
        engine: 'postgres',
      });
      return {
        ...setup,
        params: { ...setup.params, standsAt: 'server' },
        targets: { ...setup.targets, server: { ...server, name: 'server' } },
      };
    };

    test('gives that server, as the drill declares it', async () => {
      await report(JSON.stringify({ status: 'ready', database: { ...database, host: 'db.internal' } }));
      const { outputs } = await doStep(await server('db.internal'));
      expect(outputs['database']).toMatchObject({
        name: 'server',
        items: [{ facts: { endpoint: 'db.internal', port: 5432, database: 'orders' } }],
      });
    });

    test('believes neither another host nor another port', async () => {
      await report(JSON.stringify({ status: 'ready', database: { ...database, host: 'elsewhere' } }));
      await expect(doStep(await server('db.internal'))).rejects.toMatchObject({ code: 'signal-other-host' });
    });
  });

  test('goes on while it boots and while its script says nothing, and says both', async () => {
    lab.hooks.after = (call, _input, output) => {
      if (call.operation !== 'DescribeInstanceStatus') return;
      (output as { InstanceStatuses: object[] }).InstanceStatuses = [{ InstanceState: { Name: 'pending' } }];
    };
    expect(await look('running')).toMatchObject({ done: false, saw: expect.stringMatching(/is pending/) as string });
    lab.hooks.after = undefined;
    await expect.poll(() => look('running'), { interval: 10 }).toEqual({ done: true });
    expect(await look('ready')).toMatchObject({
      done: false,
      saw: expect.stringMatching(
        /^user data has said nothing: i-\w+ is running, status checks (initializing|ok), at [\d.]+$/,
      ) as string,
    });
  });

  test('shows what the script has to say', async () => {
    await report(JSON.stringify({ status: 'ready', message: '2,000 rows in 12 s', database }));
    expect(await look('ready')).toMatchObject({
      check: { holds: true, said: 'The script reports: 2,000 rows in 12 s' },
    });
  });
});

describe('what can not succeed any more fails at once', () => {
  test('a script that reports so, in its own words', async () => {
    await report(JSON.stringify({ status: 'failed', message: 'the dump is damaged' }));
    await expect(look('ready')).rejects.toMatchObject({
      code: 'restore-failed',
      message: 'the restore failed: the dump is damaged',
    });
  });

  test.each([['db.internal'], ['localhost'], ['10.255.255.254']])(
    'a report of a database at somebody else’s %s',
    async (host) => {
      await report(JSON.stringify({ status: 'ready', database: { ...database, host } }));
      await expect(look('ready')).rejects.toMatchObject({
        code: 'signal-other-host',
        provesNothing: true,
        message: expect.stringMatching(
          /^the script reports a database at \S+, which is not an address of i-\w+ \(\d/,
        ) as string,
      });
    },
  );

  test('a report that is longer than any, without reading it', async () => {
    await report(' '.repeat(70_000));
    await expect(look('ready')).rejects.toMatchObject({
      code: 'signal-malformed',
      message: expect.stringContaining('it has 70000 bytes') as string,
    });
  });

  test.each([
    ['terminated', terminate, 'shutting-down|terminated'],
    ['stopped', stop, 'stopping|stopped'],
  ] as const)('an instance that is %s, with EC2’s reason', async (_, end, state) => {
    end(lab.world, active, instancesIn(lab)[0]!);
    for (const part of ['running', 'ready'] as const) {
      await expect(look(part)).rejects.toMatchObject({
        code: 'instance-ended',
        message: expect.stringMatching(new RegExp(`is (${state}): .*User initiated shutdown`)) as string,
      });
    }
  });

  test('an instance whose status checks fail', async () => {
    lab.hooks.after = (call, _input, output) => {
      if (call.operation !== 'DescribeInstanceStatus') return;
      const [status] = (output as { InstanceStatuses: { SystemStatus: unknown }[] }).InstanceStatuses;
      status!.SystemStatus = { Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed' }] };
    };
    await expect(look('ready')).rejects.toMatchObject({
      code: 'instance-impaired',
      message: expect.stringContaining('reachability failed') as string,
    });
  });
});

test('what somebody did to the signal is not taken for a report', async () => {
  await lab.aws.in(active).s3.deleteObject({ Bucket: 'signals', Key: 'drills/r1-s1.json' });
  expect(await look('ready')).toMatchObject({ done: false });
});

test('an instance that EC2 does not show yet is waited for', async () => {
  const [item] = (instance as unknown as { items: object[] }).items;
  const unseen = { ...(instance as object), items: [{ ...item, id: 'i-00000000000000000' }] };
  const [running] = await awaitReady.parts(inputFor(awaitSetUp(lab, unseen)));
  if (running?.shape !== 'observe') throw new Error('it observes');
  const seen = await running.poll({ key: 'k', signal: new AbortController().signal });
  expect(seen).toEqual({ done: false, saw: "i-00000000000000000 can't be seen yet" });
});

test('the plan refuses an instance that was not launched for this', async () => {
  await expect.poll(() => instancesIn(lab)[0]!.state, { interval: 10 }).toBe('running');
  const any = await lab.resolve('ec2/instances', active, { id: instancesIn(lab)[0]!.id });
  const { findings } = await awaitReady.preview!(inputFor(awaitSetUp(lab, any)));
  expect(findings).toMatchObject([{ severity: 'refuse', code: 'instance-without-signal' }]);
});

test('the plan has nothing to say while the instance is not launched', async () => {
  const preview = await awaitReady.preview!(inputFor(awaitSetUp(lab, { ...(instance as object), items: [] })));
  expect(preview).toMatchObject({ touches: [], findings: [] });
});
