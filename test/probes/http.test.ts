import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openProbe } from '../../src/probes/index.ts';
import type { Answer } from '../../src/probes/probe.ts';
import { probeSpecs } from '../../src/probes/specs.ts';
import { clock, planOf, probeOf, runId } from './support/run.ts';
import { Service } from './support/service.ts';

let service: Service;
beforeEach(async () => {
  service = new Service();
  await service.up();
});
afterEach(() => service.close());

const get = async (params: Record<string, string>, withinMs = 60_000): Promise<Answer> => {
  const probe = probeOf('read', 'http/get', { url: service.url, ...params });
  const live = openProbe(probe, { runId, plan: planOf([probe]), clock, env: {} });
  try {
    return await live.ask(0, AbortSignal.timeout(withinMs));
  } finally {
    live.close();
  }
};

describe('http/get', () => {
  test('is good when status, text and fields are as expected', async () => {
    expect(await get({})).toEqual({ outcome: 'good' });
    expect(await get({ contains: '"status":"ok"', json: 'status=ok, db.role=primary' })).toEqual({ outcome: 'good' });
  });

  test('says which of them was not', async () => {
    expect((await get({ status: '301' })).why).toBe('status 200');
    expect((await get({ contains: 'goodbye' })).why).toBe('wrong body');
    expect((await get({ json: 'status=ok, db.role=replica' })).why).toBe('wrong db.role');
  });

  test('tells a server that refuses from one that is silent', async () => {
    await service.down('hang');
    expect((await get({}, 100)).why).toBe('timeout');
    await service.down('refuse');
    expect((await get({})).why).toBe('refused');
  });

  test('refuses fields that are none, before anything is asked', async () => {
    await expect(get({ json: 'status' })).rejects.toThrow(/not a field and its value/);
  });
});

describe('http/canary', () => {
  test('doesn’t take a server’s error for the fate of a write', async () => {
    const probe = probeOf('write', 'http/canary', { url: service.url });
    const live = openProbe(probe, { runId, plan: planOf([probe]), clock, env: {} });
    await service.down('error');
    expect(await live.ask(1, AbortSignal.timeout(60_000))).toEqual({ outcome: 'indeterminate', why: 'status 503' });
    live.close();
  });
});

test('every kind can be checked against a drill without being opened', () => {
  expect(probeSpecs.map(({ name, canary = false }) => [name, canary])).toEqual([
    ['dns/answer', false],
    ['http/canary', true],
    ['http/get', false],
    ['mysql/canary', true],
    ['postgres/canary', true],
  ]);
});

test('a probe that doesn’t exist is refused with the ones that do', () => {
  const probe = probeOf('read', 'http/post', {});
  expect(() => openProbe(probe, { runId, plan: planOf([probe]), clock, env: {} })).toThrow(/no probe 'http\/post'/);
});
