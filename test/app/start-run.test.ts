/** What may begin, and what the first entry of its log says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { rememberLab } from '../../src/app/lab-state.ts';
import { identify } from '../../src/app/process-identity.ts';
import { environmentOf, startRun } from '../../src/app/start-run.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { verifyChain } from '../../src/log/chain.ts';
import { resolved } from '../plan/drill.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { planFor } from './support/app.ts';

let log: MemoryLog;
let app: App;

beforeEach(() => {
  log = new MemoryLog();
  app = { log, clock: new VirtualClock(), settings: { home: '/nonexistent' } } as unknown as App;
});

const consent = { by: 'ada', how: 'option', locations: ['active'] } as const;

/** Outside the lab, with the guardrails given. */
const real = (guardrails: Partial<Plan['drill']['guardrails']> = {}): Plan => {
  const plan = planFor('r1', { environment: 'aws' });
  return { ...plan, drill: { ...plan.drill, guardrails: { ...plan.drill.guardrails, ...guardrails } } };
};

const production = (): Plan => {
  const plan = real();
  const active = { ...plan.drill.locations['active']!, production: true };
  return {
    ...plan,
    drill: { ...plan.drill, locations: { ...plan.drill.locations, active } },
    targets: { net: resolved('net', { location: 'active' }) },
    steps: plan.steps.map((step) => ({ ...step, with: { subnets: 'net' } })),
  };
};

describe('a run that may not begin for several reasons', () => {
  it('says all of them, and all that can be done', async () => {
    const missing = (name: string) => ({
      severity: 'refuse' as const,
      code: 'secret-missing',
      message: `env:${name} is not set`,
      remedy: `Set ${name}.`,
    });
    const starting = startRun(app, { ...real(), findings: [missing('A'), missing('B'), missing('A')] });
    await expect(starting).rejects.toMatchObject({
      code: 'secret-missing',
      message: 'env:A is not set\nenv:B is not set',
      remedy: 'Set A. Set B.',
    });
  });
});

describe('a run that may begin', () => {
  it('begins with its whole plan, who started it and with which version', async () => {
    expect(await startRun(app, real())).toBe('r1');
    const entries = await log.read('r1');
    expect(entries).toHaveLength(1);
    expect(entries[0]!.event).toMatchObject({
      type: 'run.started',
      plan: JSON.parse(JSON.stringify(real())),
      startedBy: expect.stringMatching(/.+@.+/),
      toolVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(verifyChain(entries)).toBeUndefined();
  });

  it('holds the consent that was given', async () => {
    await startRun(app, production(), consent);
    expect((await log.read('r1'))[0]!.event).toMatchObject({ consent });
  });

  it('never begins twice', async () => {
    await startRun(app, real());
    await expect(startRun(app, real())).rejects.toMatchObject({ name: 'LostError' });
  });
});

describe('a run against an endpoint that is not AWS', () => {
  const awsEndpoint = 'http://127.0.0.1:4566';
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'firedrill-start-'));
    const dns = { host: '127.0.0.1', port: 1 };
    const env = { AWS_ENDPOINT_URL: awsEndpoint };
    await rememberLab(home, { awsEndpoint, dns, url: 'http://u', env, pid: process.pid });
  });
  afterEach(() => rm(home, { recursive: true }));

  const labOf = async (env: NodeJS.ProcessEnv): Promise<unknown> => {
    await startRun({ ...app, env, settings: { home } } as App, { ...real(), environment: 'other' });
    const [first] = await log.read('r1');
    return first?.event.type === 'run.started' && first.event.lab;
  };

  it('names the process of the lab that it stands in', async () => {
    expect(await labOf({ AWS_ENDPOINT_URL: `${awsEndpoint}/` })).toEqual(await identify(app.clock, process.pid));
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['stands elsewhere', { AWS_ENDPOINT_URL: 'http://127.0.0.1:4567' }],
    ['may lead past it', { AWS_ENDPOINT_URL: awsEndpoint, AWS_ENDPOINT_URL_RDS: 'http://127.0.0.1:4567' }],
  ])('names none where it %s', async (_, env) => {
    expect(await labOf(env)).toBeUndefined();
  });
});

describe('a run that may not begin', () => {
  const refusal = {
    severity: 'refuse',
    code: 'foreign-interfaces',
    message: 'others live here',
    remedy: 'Select less.',
  } as const;

  it.each<[string, Plan, string]>([
    ['that its plan refuses', { ...real(), findings: [refusal] }, 'foreign-interfaces'],
    [
      'outside its window',
      real({ window: { days: ['mon'], from: '09:00', to: '17:00', timezone: 'UTC' } }),
      'outside-window',
    ],
    ['in a blackout', real({ blackout: [{ from: '2026-01-01', to: '2026-01-02' }] }), 'in-blackout'],
    ['in production without consent', production(), 'consent-missing'],
  ])('leaves nothing in the log: one %s', async (_, plan, code) => {
    await expect(startRun(app, plan)).rejects.toMatchObject({ code });
    expect(await log.runs()).toEqual([]);
  });

  it('says every refusal of its plan at once', async () => {
    const findings = [
      refusal,
      { ...refusal, message: 'and here' },
      { ...refusal, severity: 'note', message: 'a note' } as const,
    ];
    const message = await startRun(app, { ...real(), findings }).catch((error: Error) => error.message);
    expect(message).toBe('others live here\nand here');
  });
});

describe('a rehearsal', () => {
  it('asks neither calendar nor consent', async () => {
    const window = { days: ['mon'], from: '09:00', to: '17:00', timezone: 'UTC' };
    const plan = production();
    const guardrails = { ...plan.drill.guardrails, window };
    await startRun(app, { ...plan, environment: 'lab', drill: { ...plan.drill, guardrails } });
    expect(await log.runs()).toEqual(['r1']);
  });
});

it('an endpoint of the user’s is another environment than AWS', () => {
  expect(environmentOf({})).toBe('aws');
  expect(environmentOf({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toBe('other');
});

it('outside AWS the log names where AWS was, and no password that stood in the address', async () => {
  const elsewhere = { ...app, env: { AWS_ENDPOINT_URL: 'http://ada:secret@127.0.0.1:4566/path' } };
  await startRun(elsewhere, { ...real(), environment: 'other' });
  expect((await log.read('r1'))[0]!.event).toMatchObject({ endpoint: 'http://127.0.0.1:4566' });
});

it('of a run on AWS the log names no endpoint', async () => {
  await startRun({ ...app, env: {} }, real());
  expect((await log.read('r1'))[0]!.event).not.toHaveProperty('endpoint');
});
