/** Planning against what exists: facts filled in, every problem at once, nothing hashed that differs by run. */
import { describe, expect, it } from 'vitest';
import { FiredrillError } from '../../src/domain/errors.ts';
import type { Target } from '../../src/domain/drill.ts';
import { PlanError, makePlan } from '../../src/plan/plan.ts';
import type { PlanPorts } from '../../src/plan/plan.ts';
import { drillOf, specOf } from './drill.ts';

const target = (name: string, select: Target['select'] = { id: name }): Target => ({
  name,
  type: 'rds/instance',
  location: 'home',
  select,
  mayBeEmpty: false,
  login: 'env:LOGIN',
});

const facts = { az: 'eu-central-1b', endpoint: 'db.example', port: 5432, engine: 'postgres' };

const ports: PlanPorts = {
  specOf,
  resolve: ({ name }) => Promise.resolve([{ id: name, facts }]),
  preview: (step) => Promise.resolve({ preview: { step: step.id, touches: [], permissions: [] }, findings: [] }),
  peakReplicaLagMs: () => Promise.resolve(4_000),
};

const run = { runId: 'r1', environment: 'lab' as const };

describe('planning', () => {
  it('fills the facts of targets into steps and into the selection of other targets', async () => {
    const seen: Target[] = [];
    const noting: PlanPorts = { ...ports, resolve: (each) => (seen.push(each), ports.resolve(each, {} as never)) };
    const drill = drillOf(
      { inject: [{ id: 'cut', uses: 'cut', with: { zone: '$(targets.db.az)', subnets: 'nets' } }] },
      { targets: { nets: target('nets', { tags: { app: 'x' }, az: '$(targets.db.az)' }), db: target('db') } },
    );
    const plan = await makePlan(noting, drill, run);
    expect(plan.steps.find(({ id }) => id === 'cut')!.with).toEqual({ zone: 'eu-central-1b', subnets: 'nets' });
    expect(seen.find(({ name }) => name === 'nets')!.select).toEqual({ tags: { app: 'x' }, az: 'eu-central-1b' });
  });

  it('names every target that was not found, not just the first', async () => {
    const none: PlanPorts = {
      ...ports,
      resolve: ({ name }) => Promise.reject(new FiredrillError('target-not-found', `target ${name}: nothing found`)),
    };
    const steps = { inject: [{ id: 'cut', uses: 'cut', with: { a: 'one', b: 'two' } }] };
    const drill = drillOf(steps, { targets: { one: target('one'), two: target('two') } });
    const error = await makePlan(none, drill, run).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PlanError);
    expect(error).toMatchObject({ code: 'target-not-found', message: expect.stringMatching(/one[\s\S]*two/) });
  });

  it('says of targets that were not found where they were looked for', async () => {
    const details = (name: string) => ({ expected: `${name} in eu-central-1`, found: 'none', remedy: 'Look again.' });
    const none: PlanPorts = {
      ...ports,
      resolve: ({ name }) => Promise.reject(new FiredrillError('target-not-found', name, details(name))),
    };
    const steps = { inject: [{ id: 'cut', uses: 'cut', with: { a: 'one', b: 'two' } }] };
    const planning = makePlan(none, drillOf(steps, { targets: { one: target('one'), two: target('two') } }), run);
    await expect(planning).rejects.toMatchObject({
      expected: 'one in eu-central-1; two in eu-central-1',
      found: 'none',
      remedy: 'Look again.',
    });
  });

  it('says of every call that AWS refuses what it was made for, and what to do about it once', async () => {
    const denied = (action: string): FiredrillError =>
      new FiredrillError('aws-access-denied', `${action}: Access Denied`, {
        remedy: `Allow ${action} to drills. "firedrill iam-policy" prints the policy.`,
      });
    const refusing: PlanPorts = {
      ...ports,
      preview: ({ id }) => Promise.reject(denied(`s3:${id}`)),
      peakReplicaLagMs: () => Promise.reject(denied('cloudwatch:GetMetricStatistics')),
    };
    const steps = {
      recover: [
        { id: 'find', uses: 'look' },
        { id: 'promote', uses: 'promote', with: { replica: 'db' } },
      ],
    };
    const planning = makePlan(refusing, drillOf(steps, { targets: { db: target('db') } }), run);
    await expect(planning).rejects.toMatchObject({
      code: 'aws-access-denied',
      message: [
        'step find: s3:find: Access Denied',
        'step promote: s3:promote: Access Denied',
        'target db: cloudwatch:GetMetricStatistics: Access Denied',
      ].join('\n'),
      remedy: expect.stringMatching(/^Allow s3:find .*Allow s3:promote .*Allow cloudwatch.* "firedrill/) as string,
    });
    await expect(planning).rejects.not.toMatchObject({
      remedy: expect.stringMatching(/iam-policy.*iam-policy/) as string,
    });
    const unread = { ...ports, resolve: () => Promise.reject(denied('rds:DescribeDBInstances')) };
    await expect(makePlan(unread, drillOf({}, { targets: { db: target('db') } }), run)).rejects.toThrow(
      'target db: rds:DescribeDBInstances: Access Denied',
    );
  });

  it('lets a defect through as it is', async () => {
    const defect = new TypeError('x is undefined');
    const broken = { ...ports, preview: () => Promise.reject(defect) };
    await expect(makePlan(broken, drillOf({ inject: [{ id: 'cut', uses: 'cut' }] }), run)).rejects.toBe(defect);
  });

  it('says which step a finding of a preview is about', async () => {
    const telling: PlanPorts = {
      ...ports,
      preview: (step) =>
        Promise.resolve({
          preview: { step: step.id, touches: [], permissions: [] },
          findings: [{ severity: 'note', code: 'paid', message: 'it is paid for' }],
        }),
    };
    const plan = await makePlan(telling, drillOf({ inject: [{ id: 'cut', uses: 'cut' }] }), run);
    expect(plan.findings).toContainEqual({ step: 'cut', severity: 'note', code: 'paid', message: 'it is paid for' });
  });

  it('refuses targets that are selected by each other', async () => {
    const drill = drillOf(
      { inject: [{ id: 'cut', uses: 'cut', with: { subnets: 'a' } }] },
      { targets: { a: target('a', { az: '$(targets.b.az)' }), b: target('b', { az: '$(targets.a.az)' }) } },
    );
    await expect(makePlan(ports, drill, run)).rejects.toMatchObject({ code: 'target-circular' });
  });

  it('watches the position of what is promoted, and says so when it can not', async () => {
    const promoting = { recover: [{ id: 'promote', uses: 'promote', with: { replica: 'db' } }] };
    const watched = await makePlan(ports, drillOf(promoting, { targets: { db: target('db') } }), run);
    expect(watched.positions).toEqual([
      { target: 'db', host: 'db.example', port: 5432, engine: 'postgres', login: 'env:LOGIN', everyMs: 200 },
    ]);
    expect(watched.peakReplicaLagMs).toBe(4_000);
    const blind = await makePlan(
      ports,
      drillOf(promoting, { targets: { db: { ...target('db'), login: undefined } } }),
      run,
    );
    expect(blind.positions).toEqual([]);
    expect(blind.findings).toMatchObject([{ code: 'position-unknown', severity: 'warn' }]);
  });

  it('gives the same hash for the same plan, whatever the run', async () => {
    const drill = drillOf({ inject: [{ id: 'cut', uses: 'cut' }] });
    const [a, b] = await Promise.all([makePlan(ports, drill, run), makePlan(ports, drill, { ...run, runId: 'r2' })]);
    const other = await makePlan(ports, drillOf({ inject: [{ id: 'other', uses: 'cut' }] }), run);
    expect(a.planHash).toBe(b.planHash);
    expect(a.planHash).not.toBe(other.planHash);
  });
});
