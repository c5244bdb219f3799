/**
 * A running lab: one world, its machines, and the two ways in, AWS's endpoint and the name server. Puts the parts together and
 * takes them apart; what they do is theirs.
 *
 *   127.N.0.1:4566  AWS endpoint, all services and regions      127.N.0.2:5354  name server      127.N.1.4 ...  the estate
 *
 * Each lab has a network N of its own, so that several run side by side. Whoever holds the name server's address holds the network.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import { locateBinaries } from '../postgres/binaries.ts';
import { apiFaults } from './api-faults.ts';
import { emulationsOf } from './emulations.ts';
import { account, type Estate } from './estates/estate.ts';
import { estates } from './estates/estates.ts';
import { addressTaken, takeDirectory, takeNetwork } from './ground.ts';
import { labClock } from './lab-clock.ts';
import type { Answering } from './machines/dns-server.ts';
import { probeOverSockets } from './machines/health-checker.ts';
import { RealMachines } from './machines/real.ts';
import { startReaping } from './machines/reaping.ts';
import { notReadyYet } from './readiness.ts';
import { fileBodies } from './services/s3/bodies.ts';
import { accountOf } from './services/sts/state.ts';
import { sideDoor } from './side-door.ts';
import { openEndpoint } from './wire/endpoint.ts';
import { newWorldState, openWorld, runWorld, type Profile, type World } from './world.ts';
import { answerDns } from './world/dns.ts';

export interface LabConfig {
  /** Name of what is rehearsed on, e.g. `multi-region`. */
  estate: string;
  profile: Profile;
  /** Directory under which the lab keeps its own, until it ends. As root, an unprivileged user must be able to pass through it. */
  home: string;
  /** How long WAL is under way to replicas in other regions, milliseconds. @default 0 */
  replicaLagMs?: number;
  /** Cross-region replication outlives cut subnets. @default false */
  replicationSurvives?: boolean;
}

export interface Lab {
  awsEndpoint: string;
  dns: { host: string; port: number };
  /** Where users of the estate's application go. */
  url: string;
  /** What points AWS clients, probes and drills at the lab. */
  env: Record<string, string>;
  /** Ends every process, frees every address, removes the lab's directory. */
  close(): Promise<void>;
}

const endpointPort = 4566;
const readyWithinMs = 60_000;
const readyPollMs = 50;

/**
 * Resolves when the estate works: every target healthy, every replica streaming, every alarm OK.
 * @param report told of defects and of machines that fail behind the scenes
 * @throws UsageError `unknown-estate`; FiredrillError `lab-address-taken`, `lab-not-ready`, or what Postgres says
 */
export async function openLab(config: LabConfig, report: (error: unknown) => void): Promise<Lab> {
  const estate = estateNamed(config.estate);
  const undo: (() => Promise<void> | void)[] = [];
  let closing = false;
  const close = async () => {
    closing = true;
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    // What fails because it is being taken apart is no news.
    const news = (error: unknown) => void (closing || report(error));
    return { ...(await open(config, estate, news, undo)), close };
  } catch (error) {
    await close();
    throw addressTaken(error) ?? error;
  }
}

/** @param undo gets, in order, what ends each part */
async function open(
  config: LabConfig,
  estate: Estate,
  report: (error: unknown) => void,
  undo: (() => Promise<void> | void)[],
): Promise<Omit<Lab, 'close'>> {
  const directory = await takeDirectory(config.home);
  const reaping = await startReaping(directory, compiled('machines/reaper-main.js'));
  undo.push(() => reaping.close());

  let answer: Answering = () => ({ rcode: 'REFUSED', answers: [], authority: [] });
  const { dns, network } = await takeNetwork((name, type) => answer(name, type));
  undo.push(() => dns.close());

  const resolver = `${dns.host}:${dns.port}`;
  const binaries = await locateBinaries(config.home);
  const machines = new RealMachines({
    network,
    directory,
    programs: compiled('programs'),
    resolver,
    binaries,
    reaping,
    report,
  });
  undo.push(() => machines.close());

  const { profile, replicationSurvives = false } = config;
  const state = newWorldState({ profile, network, replicationSurvives });
  const world = openWorld(state, { clock: labClock, machines, probeHttp: probeOverSockets });
  const faults = apiFaults();
  const endpoint = await openEndpoint({
    host: `127.${network}.0.1`,
    port: endpointPort,
    services: emulationsOf(world, fileBodies(join(directory, 'objects'))),
    accountOf: (accessKeyId, sessionToken) => accountOf(world, accessKeyId, sessionToken),
    hooks: faults.hooks,
    now: () => world.clock.wall(),
    onDefect: report,
    extra: (request, response) => sideDoor({ world, machines, faults }, request, response),
  });
  undo.push(() => endpoint.close());
  state.endpointAddress = `127.${network}.0.1`;
  answer = (name, type) => answerDns(world, name, type, weightedChoice);

  const stop = new AbortController();
  const ticking = runWorld(world, stop.signal, report);
  undo.push(async () => {
    stop.abort();
    await ticking;
  });
  const built = await estate.build(world, { replicaLagMs: config.replicaLagMs ?? 0, origin: endpoint.url });
  await machines.settled();
  await untilReady(world);
  return {
    awsEndpoint: endpoint.url,
    dns: { host: dns.host, port: dns.port },
    url: built.url,
    env: {
      AWS_ENDPOINT_URL: endpoint.url,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'lab',
      AWS_REGION: built.region,
      AWS_EC2_METADATA_DISABLED: 'true',
      FIREDRILL_RESOLVER: resolver,
      FIREDRILL_LAB_LOGIN: built.login,
      FIREDRILL_LAB_VERIFIER_PASSWORD: built.verifierPassword,
      FIREDRILL_EVENTS_QUEUE_URL: built.eventsQueueUrl,
    },
  };
}

/** An index, the likelier the heavier. */
function weightedChoice(weights: readonly number[]): number {
  let rest = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => (rest -= weight) < 0),
  );
}

/** @throws FiredrillError `lab-not-ready` with what is missing */
async function untilReady(world: World): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  for (let missing = notReadyYet(world); missing !== undefined; missing = notReadyYet(world)) {
    if (performance.now() > deadline) {
      throw new FiredrillError(
        'lab-not-ready',
        `the estate does not work after ${readyWithinMs / 1_000} s: ${missing}`,
        {
          remedy: 'Free some processor time or memory, then try again.',
        },
      );
    }
    await sleep(readyPollMs);
  }
}

/** @throws UsageError `unknown-estate` */
function estateNamed(name: string): Estate {
  const estate = estates.find((each) => each.name === name);
  if (estate !== undefined) return estate;
  const expected = `one of ${estates.map((each) => each.name).join(', ')}`;
  throw new UsageError('unknown-estate', `the lab has no estate "${name}"`, {
    expected,
    found: name,
    remedy: `Name ${expected}.`,
  });
}

/** Programs that the lab starts lie beside this file, compiled. */
const compiled = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
