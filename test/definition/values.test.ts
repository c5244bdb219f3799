import { describe, expect, it } from 'vitest';
import type { DefinitionInput } from '../../src/definition/definition.ts';
import { edited, sample, validate } from './samples.ts';

const codes = (text: string, more: Partial<DefinitionInput> = {}): string[] =>
  validate(text, more).diagnostics.map(({ code }) => code);

/** A drill for many services: what is common to a region, and what each service adds. */
const shared = (values: string, schedule = ''): string => `apiVersion: firedrill/v1
name: shared
title: Services stand again
parameters: { account: account, app: prefix, tier: how much it matters }
values:
${values}
locations: { home: { account: $(account), region: eu-central-1 } }
targets: { db: { type: rds/instance, id: $(app)-db }, gold: { type: rds/instance, id: $(tier) } }
recover:
  - { id: back, uses: rds/create-replica, with: { source: db, as: gold }, keep: it is the point }
${schedule}`;

const layers = `  default: { tier: silver }
  prod: { account: 111122223333 }
  stage: { account: 222233334444 }
  checkout: { app: checkout, tier: gold }
  search: { app: search }`;
const free = (text: string): string => text.replace('id: $(tier) }', 'id: $(tier), mayBeEmpty: true }');

describe('value sets', () => {
  it('are each checked by themselves', () => {
    const text = edited('az-kill', [
      ['peak: 400/s', 'peak: 400'],
      ['account: 111122223333', 'account: none'],
    ]);
    expect(codes(text)).toEqual(['not-a-rate', 'not-an-account']);
  });

  it('are laid over `default`, later ones over earlier ones', () => {
    const { drill } = validate(free(shared(layers)), { purpose: 'run', valueSets: ['prod', 'checkout'] });
    expect(drill).toMatchObject({
      values: 'prod,checkout',
      locations: { home: { account: '111122223333' } },
      targets: { db: { select: { id: 'checkout-db' } }, gold: { select: { id: 'gold' } } },
    });
  });

  it('are checked in pairs when they only make sense together', () => {
    expect(codes(free(shared(layers)))).toEqual([]);
    const broken = free(shared(layers.replace('222233334444', 'stage')));
    expect(codes(broken)).toEqual(['not-an-account']);
  });

  it('that leave a parameter out are told so by name', () => {
    const text = free(shared(layers.replace('app: search', 'tier: bronze')));
    expect(validate(text).diagnostics.map(({ message }) => message)).toEqual(["'search' gives no 'account', 'app'"]);
  });

  it('may refer to other parameters', () => {
    const text = edited('az-kill', [['site: https://www.orders.example', 'site: https://www.$(app).example']]);
    const { drill } = validate(text, { valueSets: ['prod'] });
    expect(drill!.probes['write']!.with['url']).toBe('https://www.orders.example/canary');
  });

  it('that a schedule lays over each other are checked together', () => {
    const schedule = 'schedule:\n  - { cron: 0 9 * * 1, values: [prod], forEach: { tier: gold } }\n';
    expect(codes(free(shared(layers, schedule)))).toEqual([]);
    const wrong = free(shared(layers.replace('app: checkout', 'app: "mail://a:b@c"'), schedule));
    expect(codes(wrong)).toEqual(['secret-in-file']);
  });

  it('that a schedule lays over nothing that can be read are not told to be incomplete', () => {
    const schedule = 'schedule:\n  - { cron: 0 9 * * 1, values: [prod], forEach: gold }\n';
    expect(codes(free(shared(layers, schedule)))).toEqual(['wrong-shape']);
  });

  it('that are asked for must be there', () => {
    const { diagnostics } = validate(sample('failover'), { purpose: 'run', valueSets: ['prdo'] });
    expect(diagnostics[0]).toMatchObject({ code: 'unknown-value-set', suggestion: 'prod' });
  });

  it('are `default` alone for a run that names none', () => {
    const { diagnostics } = validate(sample('throwaway'), { purpose: 'run' });
    expect(diagnostics.map(({ code }) => code)).toEqual(['value-missing']);
    expect(
      validate(free(shared('  default: { account: 111122223333, app: a, tier: b }')), { purpose: 'run' }),
    ).toMatchObject({ diagnostics: [], drill: { values: 'default' } });
  });

  it('are named when a run must choose one and does not', () => {
    const { diagnostics } = validate(sample('throwaway'), { purpose: 'run' });
    expect(diagnostics[0]!.message).toMatch(/Name a set with --values \(there is lab, prod\).*nothing gives 'account'/);
  });

  it('are not all named where there are dozens of them', () => {
    const services = Array.from({ length: 40 }, (_, n) => `  s${n}: { app: a${n} }`).join('\n');
    const { diagnostics } = validate(free(shared(services)), { purpose: 'run' });
    expect(diagnostics[0]!.message).toContain('s11 and 28 more');
    const unknown = validate(free(shared(services)), { purpose: 'run', valueSets: ['prod'] });
    expect(unknown.diagnostics[0]!.message).toContain('s11 and 28 more');
  });
});

describe('a rehearsal', () => {
  it('takes the value set `lab`', () => {
    expect(validate(sample('throwaway'), { purpose: 'rehearse' }).drill?.values).toBe('lab');
  });

  it('is refused without such a set, and without an estate to build', () => {
    const text = edited('throwaway', [
      ['  lab: {', '  stage: {'],
      ['lab: { estate: multi-region }\n', ''],
    ]);
    expect(codes(text, { purpose: 'rehearse' })).toContain('unknown-value-set');
    const withoutEstate = edited('throwaway', [['lab: { estate: multi-region }\n', '']]);
    expect(codes(withoutEstate, { purpose: 'rehearse' })).toEqual(['rehearsal-needs-lab']);
  });
});
