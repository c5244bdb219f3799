import { describe, expect, it } from 'vitest';
import { diagnosticCodes } from '../../src/definition/diagnostic.ts';
import type { Diagnostic } from '../../src/definition/diagnostic.ts';
import { malformed } from './malformed.ts';
import type { Malformed } from './malformed/mistake.ts';
import { bases, edited, lineAndColumn, sample, validate } from './samples.ts';

/** What a reader sees of a diagnostic: `line:column code`. */
const seen = ({ line, column, code }: Diagnostic): string => `${line}:${column} ${code}`;

/** Codes that need more than one text to come up: estate.test.ts, files.test.ts and values.test.ts have them. */
const elsewhere = ['empty-file', 'file-too-large', 'file-unreadable', 'in-estate-too', 'rehearsal-needs-lab'];

describe('a malformed definition', () => {
  it.each(malformed.map((one) => [`${one.title} (${one.code})`, one] as const))(
    'gives one diagnostic at its place: %s',
    (_, { base, edits, code, at, says }: Malformed) => {
      const text = edited(base, edits);
      const { diagnostics } = validate(text);
      expect(diagnostics.map(seen)).toEqual([`${lineAndColumn(text, at)} ${code}`]);
      expect(diagnostics[0]!.message).toContain(says);
    },
  );

  it('is tried for every code that there is', () => {
    const tried = new Set<string>([...malformed.map(({ code }) => code), ...elsewhere]);
    expect(diagnosticCodes.filter((code) => !tried.has(code))).toEqual([]);
  });

  it('gives no drill when there is an error, and one when there are only warnings', () => {
    for (const { base, edits, code } of malformed) {
      const { drill, diagnostics } = validate(edited(base, edits));
      expect([code, drill === undefined]).toEqual([code, diagnostics.some(({ severity }) => severity === 'error')]);
    }
  });

  it('suggests the word that was probably meant', () => {
    const suggestions = (base: Malformed['base'], from: string, to: string) =>
      validate(edited(base, [[from, to]])).diagnostics.map(({ suggestion }) => suggestion);
    expect(suggestions('failover', 'tags:', 'tag:')).toEqual(['tags']);
    expect(suggestions('failover', 'uses: rds/promote-replica', 'uses: promote-replica')).toEqual([
      'rds/promote-replica',
    ]);
    expect(suggestions('failover', 'replica: passive-db, max', 'replica: passvie-db, max')).toEqual(['passive-db']);
    expect(suggestions('failover', 'mode: read-only', 'mode: read_only')).toEqual(['read-only']);
    expect(suggestions('failover', '$(site)/orders', '${site}/orders')).toEqual(['$(site)']);
  });
});

describe('a file that is something else', () => {
  it.each([
    ['a package', '{ "name": "firedrill", "version": "1", "scripts": { "test": "vitest" } }'],
    ['prose', '# Title\n\n**Find out** whether it `works`: today.\n- one\n\n    code: here\n'],
    ['a list', '- one\n- two\n'],
    ['a definition of another program', 'apiVersion: apps/v1\nkind: Deployment\nspec: { replicas: 2 }\n'],
  ])('is told apart in one sentence: %s', (_, text) => {
    expect(validate(text)).toMatchObject({
      diagnostics: [
        { code: 'wrong-shape', line: 1, message: expect.stringContaining('this is no definition') as string },
      ],
    });
  });
});

describe('a definition with several mistakes', () => {
  it('has all of them reported, in the order of the text, and nothing that only follows from them', () => {
    const text = edited('failover', [
      ['title: Customers', 'title: Orders: customers'],
      ['app: shop', 'aap: shop'],
      ['region: eu-west-1', 'region: ireland'],
      ['type: autoscaling/group', 'type: autoscaling/grup'],
      ['uses: http/get', 'uses: http/got'],
      ['rto: 20m', 'rto: 20'],
      ['replica: passive-db, max: 30s', 'replica: pasive-db, max: 30s'],
      ['uses: ec2/isolate-subnets', 'uses: ec2/isolate-subnet'],
      ['timeout: 10m', 'tmeout: 10m'],
      ['step: lose', 'step: loose'],
    ]);
    const { diagnostics } = validate(text);
    expect(diagnostics.map(({ code }) => code)).toEqual([
      'unquoted-colon',
      'unknown-parameter',
      'not-a-region',
      'unknown-target-type',
      'unknown-probe-kind',
      'needs-unit',
      'unknown-target',
      'unknown-action',
      'unknown-key',
      'unknown-step',
    ]);
  });

  it('says nothing of unused targets, missing probes or fences because of an action that it does not know', () => {
    const text = edited('failover', [
      ['uses: ec2/isolate-subnets', 'uses: chaos/monkey'],
      ['uses: rds/promote-replica', 'uses: somebody/promotes'],
    ]);
    expect(validate(text).diagnostics.map(({ code }) => code)).toEqual(['unknown-action', 'unknown-action']);
  });
});

describe('a good definition', () => {
  it.each(bases)('gives no diagnostic: %s', (base) => {
    const { drill, diagnostics } = validate(sample(base));
    expect(diagnostics).toEqual([]);
    expect(drill?.values).toBe('lab');
  });

  it('becomes a drill with units as numbers, defaults filled in and parameters substituted', () => {
    const { drill } = validate(sample('az-kill'), { valueSets: ['prod'] });
    expect(drill).toMatchObject({
      name: 'az-kill',
      values: 'prod',
      lab: { estate: 'multi-az' },
      locations: { home: { account: '111122223333', region: 'eu-central-1', production: false } },
      objectives: { rtoMs: 120_000, rpoMs: 0, steadyMs: 5_000, failback: { rtoMs: 0 }, declared: {} },
      guardrails: {
        maxDurationMs: 3_600_000,
        stopOn: [{ alarm: 'payments-5xx' }, { probe: 'peak', badMs: 600_000 }],
        window: { days: ['mon', 'tue', 'wed', 'thu', 'sat'], from: '09:00', to: '15:00' },
        blackout: [{ from: '2026-11-23', to: '2026-11-30' }],
      },
    });
    expect(drill!.targets['dead-subnets']).toEqual({
      name: 'dead-subnets',
      type: 'ec2/subnets',
      location: 'home',
      select: { tags: { app: 'orders' }, az: '$(targets.db.az)', max: '3' },
      mayBeEmpty: false,
    });
    expect(drill!.probes).toMatchObject({
      peak: {
        with: { url: 'https://www.orders.example/orders/1', rate: '2500/s' },
        everyMs: 1_000,
        timeoutMs: 1_000,
        expect: 'recovers',
        canary: false,
        threshold: { maxFailureRate: 0.01, windowMs: 10_000 },
      },
      write: {
        everyMs: 200,
        timeoutMs: 500,
        canary: true,
        resolver: 'authoritative',
        ttl: 'ignore',
        connection: 'fresh',
      },
      'dead-zone': { expect: 'breaks' },
    });
  });

  it('keeps steps that run together in one group, and others apart', () => {
    const { drill } = validate(sample('az-kill'));
    expect(drill!.steps.inject.map((group) => group.map(({ id }) => id))).toEqual([
      ['no-refill'],
      ['cut-network', 'cut-power', 'lose-primary'],
    ]);
    expect(drill!.steps.verify[0]).toEqual([
      {
        id: 'hold-at-n-1',
        uses: 'wait',
        phase: 'verify',
        with: {},
        timeoutMs: 86_400_000,
        forMs: 300_000,
        at: { file: 'drill.yaml', line: 47, column: 5 },
      },
    ]);
    expect(drill!.steps.detect).toEqual([]);
  });

  it('keeps what the run alone can know as it is written', () => {
    const { drill } = validate(sample('restore'));
    expect(drill!.steps.recover[1]![0]!.with).toEqual({
      template: 'blank',
      subnet: 'net',
      securityGroup: 'closed',
      signal: 'signals',
      userData: 'scripts/restore.sh',
      environment: { DUMP_URL: '$(steps.find.outputs.url)' },
    });
    expect(drill!.schedule).toEqual([
      {
        cron: '0 3 * * *',
        timezone: 'Europe/Berlin',
        values: ['prod'],
        jitterMs: 900_000,
        overlap: 'skip',
        missed: 'run',
        overdueAfterMs: 172_800_000,
      },
    ]);
  });

  it('keeps the leading zeros of an account, and a login apart from the selection', () => {
    const { drill } = validate(sample('failover'));
    expect(drill!.locations['active']).toMatchObject({ account: '000000000000', role: 'firedrill' });
    expect(drill!.targets['passive-db']).toMatchObject({
      login: 'env:FIREDRILL_LAB_LOGIN',
      select: { id: 'orders-db' },
    });
  });

  it('has the hash of its bytes', () => {
    const hashes = [sample('failover'), `${sample('failover')}\n`].map((text) => validate(text).drill!.definitionHash);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('may promote what it made itself without a fence, a failback or a probe', () => {
    const { drill } = validate(sample('throwaway'));
    expect(drill!.targets['throwaway']!.mayBeEmpty).toBe(true);
    expect(drill!.steps.failback).toEqual([]);
  });
});
