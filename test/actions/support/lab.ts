/** A lab without machines behind a real endpoint: real SDK calls, AWS's states and delays, fifty times as fast. */
import type { Aws, AwsCall, CallOptions, Services } from '../../../src/aws/aws.ts';
import { createAws } from '../../../src/aws/funnel.ts';
import type { Target } from '../../../src/domain/drill.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { memoryBodies } from '../../../src/lab/services/s3/bodies.ts';
import { emulationsOf } from '../../../src/lab/emulations.ts';
import { noMachines } from '../../../src/lab/machines/none.ts';
import type { NoMachines } from '../../../src/lab/machines/none.ts';
import { accountOf } from '../../../src/lab/services/sts/state.ts';
import { openEndpoint } from '../../../src/lab/wire/endpoint.ts';
import { ec2State } from '../../../src/lab/world/ec2.ts';
import { rdsState } from '../../../src/lab/world/rds.ts';
import type { CallHooks } from '../../../src/lab/wire/handler.ts';
import { newWorldState, openWorld, runWorld } from '../../../src/lab/world.ts';
import type { World } from '../../../src/lab/world.ts';
import { targetTypes } from '../../../src/plan/targets/index.ts';
import { PacedClock } from '../../support/paced-clock.ts';

export const account = '000000000000';
export const active = { name: 'active', account, region: 'eu-central-1', production: false };
export const passive = { name: 'passive', account, region: 'eu-west-1', production: false };

export const fastClock = new PacedClock(50);

export interface TestLab {
  world: World;
  machines: NoMachines;
  aws: Aws;
  env: NodeJS.ProcessEnv;
  /** Set to a function to be told of every call before and after it takes place; what it throws is thrown to the caller. */
  onCall: { before?: (call: AwsCall) => void | Promise<void>; after?: (call: AwsCall) => void };
  /** Faults inside the endpoint. */
  hooks: CallHooks;
  resolve(type: string, location: typeof active, select: Target['select'], login?: string): Promise<ResolvedTarget>;
  close(): Promise<void>;
}

export async function openTestLab(build: (world: World) => Promise<unknown>): Promise<TestLab> {
  const machines = noMachines();
  const probeHttp = () => Promise.resolve({ error: 'nobody is here' });
  const world = openWorld(newWorldState({ profile: 'fast', network: 9 }), { clock: fastClock, machines, probeHttp });
  const defects: unknown[] = [];
  const hooks: CallHooks = {};
  const endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    services: emulationsOf(world, memoryBodies()),
    accountOf: (accessKeyId, token) => accountOf(world, accessKeyId, token),
    hooks: {
      before: (call, input) => hooks.before?.(call, input),
      after: (call, input, output) => hooks.after?.(call, input, output),
    },
    onDefect: (error) => defects.push(error),
  });
  const stop = new AbortController();
  const ticking = runWorld(world, stop.signal, (error) => defects.push(error));
  await build(world);
  const onCall: TestLab['onCall'] = {};
  const env = { AWS_ENDPOINT_URL: endpoint.url, AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'lab' };
  const aws = timeless(
    createAws({
      env,
      logger: { debug: () => {}, trace: () => {} },
      runId: 'r1',
      retry: { retries: 2, minTimeoutMs: 1, maxTimeoutMs: 5 },
      onCall: { before: (call) => onCall.before?.(call), after: (call) => onCall.after?.(call) },
    }),
  );
  return {
    world,
    machines,
    aws,
    env,
    onCall,
    hooks,
    async resolve(type, location, select, login) {
      const target: Target = { name: type, type, location: location.name, select, mayBeEmpty: false };
      const items = await targetTypes.find((known) => known.spec.type === type)!.resolve(aws, target, location);
      return { ...target, ...location, name: type, location: location.name, login, items };
    },
    async close() {
      aws.close();
      stop.abort();
      await ticking;
      await endpoint.close();
      if (defects.length > 0) throw new AggregateError(defects, 'the lab failed');
    },
  };
}

type Operations = Readonly<Record<string, (input: unknown, options?: CallOptions) => Promise<unknown>>>;

/** Calls that take none of the lab's time, however long the machine takes for them; but for long polls, which wait for it to pass. */
function timeless(aws: Aws): Aws {
  const operations = (service: Operations): Operations =>
    new Proxy(service, {
      get: (_, name) => {
        const operation = service[name as string];
        return (
          operation &&
          ((input: { WaitTimeSeconds?: number } | undefined, options?: CallOptions) => {
            const call = () => operation(input, options);
            return (input?.WaitTimeSeconds ?? 0) > 0 ? call() : fastClock.asking(call);
          })
        );
      },
    });
  return {
    ...aws,
    in: (place) =>
      new Proxy(aws.in(place), {
        get(services, name) {
          const service: unknown = services[name as keyof Services];
          return service && operations(service as Operations);
        },
      }),
    for: (view) => timeless(aws.for(view)),
  };
}

/** Tags of an instance, a DB instance or a snapshot of one. */
export function tagsIn({ world }: TestLab, arn: string): Readonly<Record<string, string>> {
  const [, , service, region = '', , kind, ...rest] = arn.split(':');
  const place = { account, region };
  if (service === 'ec2') return ec2State(world, place).tags[arn.split('/').at(-1)!] ?? {};
  if (service !== 'rds') return {};
  const { instances, snapshots } = rdsState(world, place);
  const known = kind === 'db' ? Object.values(instances) : Object.values(snapshots);
  return known.find(({ identifier }) => identifier === rest.join(':'))?.tags ?? {};
}
