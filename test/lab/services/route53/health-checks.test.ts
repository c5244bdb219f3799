import {
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListHealthChecksCommand,
  Route53Client,
  UpdateHealthCheckCommand,
  type HealthCheckConfig,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpProbe, HttpProbeResult } from '../../../../src/lab/world/probe-http.ts';
import { cloudWatchState } from '../../../../src/lab/world/cloudwatch.ts';
import { isHealthy, route53State } from '../../../../src/lab/world/route53.ts';
import { active, openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let route53: Route53Client;
let result: HttpProbeResult;
let probes: HttpProbe[];
beforeEach(async () => {
  result = { status: 200 };
  probes = [];
  lab = await openTestLab('fast', (probe) => {
    probes.push(probe);
    return Promise.resolve(result);
  });
  route53 = new Route53Client(lab.config('us-east-1'));
});
afterEach(async () => {
  route53.destroy();
  await lab.close();
});

const endpoint: HealthCheckConfig = {
  Type: 'HTTP',
  FullyQualifiedDomainName: 'www.orders.test',
  Port: 8080,
  ResourcePath: '/health',
  RequestInterval: 10,
  FailureThreshold: 3,
};
const create = async (HealthCheckConfig: HealthCheckConfig, CallerReference = 'run-1') => {
  const { HealthCheck } = await route53.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }));
  return HealthCheck?.Id ?? '';
};
const healthy = (id: string) => {
  const check = route53State(lab.world, active).healthChecks[id];
  return check !== undefined && isHealthy(check);
};
const intervalMs = 10_000 / 60;

describe('a health check of an endpoint', () => {
  it('asks the address that the name has, at every interval', async () => {
    await create(endpoint);
    await lab.pass(intervalMs * 2.5);
    expect(probes).toHaveLength(3);
    expect(probes[0]).toMatchObject({
      address: lab.home.balancer.nodes[0]?.address,
      port: 8080,
      path: '/health',
      host: 'www.orders.test',
    });
  });

  it('turns after as many failures in a row as its threshold, not before, and back again', async () => {
    const id = await create(endpoint);
    await lab.pass(1);
    result = { status: 503 };
    await lab.pass(intervalMs * 2.2);
    expect(healthy(id)).toBe(true);
    result = { status: 200 };
    await lab.pass(intervalMs);
    result = { error: 'refused' };
    await lab.pass(intervalMs * 2);
    expect(healthy(id)).toBe(true);
    await lab.pass(intervalMs);
    expect(healthy(id)).toBe(false);
    result = { status: 200 };
    await lab.pass(intervalMs * 3);
    expect(healthy(id)).toBe(true);
  });

  it('says what the checkers found', async () => {
    const id = await create(endpoint);
    const status = async () => {
      const { HealthCheckObservations } = await route53.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }));
      return HealthCheckObservations?.map(({ StatusReport }) => StatusReport?.Status);
    };
    expect(await status()).toEqual([]);
    await lab.pass(1);
    expect(await status()).toEqual(Array.from({ length: 3 }, () => 'Success: HTTP Status Code 200, OK'));
  });

  it('looks for the text that it was given', async () => {
    const id = await create({ ...endpoint, Type: 'HTTP_STR_MATCH', SearchString: 'ready', FailureThreshold: 1 });
    result = { status: 200, body: 'not yet' };
    await lab.pass(intervalMs);
    expect(healthy(id)).toBe(false);
    result = { status: 200, body: 'ready' };
    await lab.pass(intervalMs);
    expect(healthy(id)).toBe(true);
  });

  it('says the opposite when it is inverted, and is healthy while disabled', async () => {
    const id = await create({ ...endpoint, Inverted: true });
    expect(healthy(id)).toBe(false);
    const { HealthCheck } = await route53.send(new UpdateHealthCheckCommand({ HealthCheckId: id, Disabled: true }));
    expect(HealthCheck).toMatchObject({
      HealthCheckVersion: 2,
      HealthCheckConfig: { Inverted: true, Disabled: true, ResourcePath: '/health' },
    });
    expect(healthy(id)).toBe(true);
  });
});

describe('a health check of an alarm', () => {
  it('follows the alarm', async () => {
    const AlarmIdentifier = { Region: 'eu-central-1' as const, Name: 'orders-down' };
    const id = await create({ Type: 'CLOUDWATCH_METRIC', AlarmIdentifier });
    const alarm = cloudWatchState(lab.world, active).alarms['orders-down'];
    if (alarm) alarm.state = 'ALARM';
    await lab.pass(1);
    expect(healthy(id)).toBe(false);
  });
});

describe('health checks', () => {
  it('are made once for one caller reference, and refused with another configuration', async () => {
    const id = await create(endpoint);
    expect(await create(endpoint)).toBe(id);
    await expect(create({ ...endpoint, Port: 81 })).rejects.toMatchObject({ name: 'HealthCheckAlreadyExists' });
    expect(await create(endpoint, 'run-2')).not.toBe(id);
    const { HealthChecks } = await route53.send(new ListHealthChecksCommand({}));
    expect(HealthChecks).toHaveLength(2);
  });

  it('change only from the version that the caller saw', async () => {
    const id = await create(endpoint);
    const update = (HealthCheckVersion: number) =>
      route53.send(new UpdateHealthCheckCommand({ HealthCheckId: id, HealthCheckVersion, Inverted: true }));
    await update(1);
    await expect(update(1)).rejects.toMatchObject({ name: 'HealthCheckVersionMismatch' });
  });

  it('refuse what they can not be, and are gone when deleted', async () => {
    await expect(create({ Type: 'HTTP' })).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(create({ ...endpoint, RequestInterval: 7 })).rejects.toMatchObject({ name: 'InvalidInput' });
    const HealthCheckId = await create(endpoint);
    await route53.send(new DeleteHealthCheckCommand({ HealthCheckId }));
    await expect(route53.send(new GetHealthCheckCommand({ HealthCheckId }))).rejects.toMatchObject({
      name: 'NoSuchHealthCheck',
    });
    probes = [];
    await lab.pass(1_000);
    expect(probes).toEqual([]);
  });
});
