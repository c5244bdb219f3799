/**
 * Launching and ending EC2 instances, for the API, Auto Scaling groups and estates alike. A launch is `pending` until its machine
 * runs; what ends an instance takes it from its network at the end, as on AWS.
 */
import { ec2State, createInterface, deleteInterface } from './ec2.ts';
import type { Instance, LaunchTemplate } from './ec2.ts';
import { ec2Id } from './ids.ts';
import { applyNetwork } from './network.ts';
import { textArg } from '../world.ts';
import type { Scope, World } from '../world.ts';
import type { JsonObject } from '../../domain/json.ts';

/** AWS's durations, milliseconds. */
const bootMs = 45_000;
const stopMs = 30_000;
const terminateMs = 40_000;
/** How long a terminated instance stays visible. */
const forgetMs = 3_600_000;

export interface Launch {
  template: LaunchTemplate;
  subnetId: string;
  /** Besides the template's. */
  tags?: Readonly<Record<string, string>>;
  userData?: string;
  env?: Readonly<Record<string, string>>;
}

const lane = (id: string): string => `ec2:${id}`;

/** Puts a `pending` instance into its subnet. Its machine is started by {@link bootLater} or {@link boot}. */
export function place(world: World, scope: Scope, launch: Launch): Instance {
  const { template, subnetId } = launch;
  const state = ec2State(world, scope);
  const id = ec2Id(world, 'i');
  const eni = createInterface(world, scope, {
    subnetId,
    groups: [...template.groups],
    description: '',
    type: 'interface',
    instanceId: id,
  });
  const userData = launch.userData ?? template.userData;
  const instance: Instance = {
    id,
    reservationId: ec2Id(world, 'r'),
    state: 'pending',
    transition: '',
    subnetId,
    address: eni.address,
    interfaceId: eni.id,
    groups: [...template.groups],
    imageId: template.imageId,
    type: template.instanceType,
    launchedAt: world.nowIso(),
    program: template.program,
    port: template.port,
    ...(template.furtherPorts === undefined ? {} : { furtherPorts: [...template.furtherPorts] }),
    env: { ...template.env, ...launch.env },
    ...(userData === undefined ? {} : { userData }),
    ...(template.instanceProfile === undefined ? {} : { instanceProfile: template.instanceProfile }),
  };
  state.instances[id] = instance;
  state.tags[id] = { ...template.tags, ...launch.tags };
  applyNetwork(world);
  return instance;
}

export const bootLater = (world: World, scope: Scope, id: string): void =>
  world.after(world.duration(bootMs), 'ec2.boot', scope, { id }, lane(id));

/** Starts the machine; the instance is `running` when it does. */
export async function boot(world: World, scope: Scope, id: string): Promise<void> {
  const instance = ec2State(world, scope).instances[id];
  if (instance?.state !== 'pending') return;
  const { address, port, furtherPorts, program, env, userData } = instance;
  await world.machines.startInstance({
    id,
    address,
    port,
    program,
    env,
    ...(furtherPorts === undefined ? {} : { furtherPorts }),
    ...(userData === undefined ? {} : { userData }),
  });
  if (instance.state !== 'pending') return;
  instance.state = 'running';
  instance.runningSinceMs = world.nowMs();
}

const userInitiated = (world: World): string => {
  const at = world.nowIso().replace('T', ' ').replace(/\..*$/, '');
  return `User initiated (${at} GMT)`;
};

/** Power off at once: the machine dies now, the state follows. */
export function stop(world: World, scope: Scope, instance: Instance): void {
  instance.state = 'stopping';
  instance.transition = userInitiated(world);
  instance.stateReason = {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  };
  world.after(0, 'ec2.kill', scope, { id: instance.id }, lane(instance.id));
  world.after(world.duration(stopMs), 'ec2.stopped', scope, { id: instance.id }, lane(instance.id));
}

export function startAgain(world: World, scope: Scope, instance: Instance): void {
  instance.state = 'pending';
  instance.transition = '';
  delete instance.stateReason;
  instance.launchedAt = world.nowIso();
  bootLater(world, scope, instance.id);
}

export function terminate(world: World, scope: Scope, instance: Instance): void {
  if (instance.state === 'terminated' || instance.state === 'shutting-down') return;
  instance.state = 'shutting-down';
  instance.transition = userInitiated(world);
  instance.stateReason = {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  };
  world.after(0, 'ec2.kill', scope, { id: instance.id }, lane(instance.id));
  world.after(world.duration(terminateMs), 'ec2.terminated', scope, { id: instance.id }, lane(instance.id));
}

/** What instances' timers do. */
export function registerInstanceTimers(world: World): void {
  const idOf = (args: JsonObject): string => textArg(args, 'id');
  world.onTimer('ec2.boot', (w, scope, args) => boot(w, scope, idOf(args)));
  world.onTimer('ec2.kill', (w, _scope, args) => w.machines.killInstance(idOf(args)));
  world.onTimer('ec2.stopped', (w, scope, args) => {
    const instance = ec2State(w, scope).instances[idOf(args)];
    if (instance?.state === 'stopping') instance.state = 'stopped';
  });
  world.onTimer('ec2.terminated', async (w, scope, args) => {
    const instance = ec2State(w, scope).instances[idOf(args)];
    if (instance === undefined) return;
    instance.state = 'terminated';
    deleteInterface(w, scope, instance.interfaceId);
    applyNetwork(w);
    await w.machines.removeInstance(instance.id);
    // Terminated instances stay visible about an hour; a minute at the least, however fast the world.
    w.after(Math.max(60_000, w.duration(forgetMs)), 'ec2.forget', scope, { id: instance.id });
  });
  world.onTimer('ec2.forget', (w, scope, args) => {
    const state = ec2State(w, scope);
    delete state.instances[idOf(args)];
    delete state.tags[idOf(args)];
  });
}
