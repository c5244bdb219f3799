import { describe, expect, it } from 'vitest';
import { estateNamedIn } from '../../src/definition/definition.ts';
import { validate } from './samples.ts';

const drill = `apiVersion: firedrill/v1
name: search-zone
title: Search survives the loss of an instance
estate: shop.yaml
parameters: { instance: the one that is lost }
values:
  checkout: { instance: i-1 }
  search: { instance: i-2 }
targets:
  victim: { type: ec2/instances, in: home, id: $(instance) }
objectives: { rto: 5m }
guardrails: { maxDuration: 30m, stopOn: [{ alarm: errors }] }
inject:
  - { id: lose, uses: ec2/stop-instances, with: { instances: victim } }
`;
const estateText = `apiVersion: firedrill/v1
kind: Estate
parameters: { account: account, app: service, unusedHere: for another drill }
values:
  default: { account: 111122223333, unusedHere: x }
  checkout: { app: checkout }
  search: { app: search }
locations: { home: { account: $(account), region: eu-central-1 }, far: { account: $(account), region: eu-west-1 } }
targets:
  errors: { type: cloudwatch/alarm, in: home, id: $(app)-errors }
  spare: { type: cloudwatch/alarm, in: far, id: spare }
probes:
  read: { uses: http/get, with: { url: 'https://$(app).shop.example/' } }
guardrails: { maxDuration: 1h, stopOn: [{ probe: read, bad: 5m }] }
notify: [{ webhook: env:HOOK, on: [fail] }]
`;
const estate = { file: 'shop.yaml', text: estateText };

describe('an estate', () => {
  it('gives its parameters, values, locations, targets, probes, guardrails and notifications to a drill', () => {
    const result = validate(drill, { estate });
    expect(result.diagnostics).toEqual([]);
    expect(result.drill).toMatchObject({
      values: 'checkout',
      locations: { home: { account: '111122223333' } },
      targets: { victim: { select: { id: 'i-1' } }, errors: { select: { id: 'checkout-errors' } } },
      probes: { read: { with: { url: 'https://checkout.shop.example/' } } },
      guardrails: { maxDurationMs: 1_800_000, stopOn: [{ alarm: 'errors' }, { probe: 'read', badMs: 300_000 }] },
      notify: [{ webhook: 'env:HOOK', on: ['fail'] }],
    });
  });

  it('gives a drill none of the targets that only its other drills need', () => {
    const targets = (text: string): string[] => Object.keys(validate(text, { estate }).drill!.targets).sort();
    expect(targets(drill)).toEqual(['errors', 'victim']);
    const also = drill.replace('{ alarm: errors }', '{ alarm: errors }, { alarm: spare }');
    expect(targets(also)).toEqual(['errors', 'spare', 'victim']);
  });

  it('makes the hash of the definition another one when it changes', () => {
    const other = { ...estate, text: `${estateText}# changed\n` };
    const hashes = [estate, other].map((one) => validate(drill, { estate: one }).drill!.definitionHash);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('can be checked by itself, and gives no drill', () => {
    expect(validate(estateText)).toEqual({ diagnostics: [] });
    const { diagnostics } = validate(estateText.replace('region: eu-west-1', 'region: moon'));
    expect(diagnostics.map(({ code }) => code)).toEqual(['not-a-region']);
  });

  it('can not be run', () => {
    const { diagnostics } = validate(estateText, { purpose: 'run' });
    expect(diagnostics.map(({ code }) => code)).toContain('wrong-kind');
  });

  it('has its mistakes reported at their place in its own file', () => {
    const text = estateText.replace('cloudwatch/alarm, in: home', 'cloudwatch/alarm, in: hom');
    const { diagnostics } = validate(drill, { estate: { ...estate, text } });
    expect(diagnostics).toMatchObject([{ code: 'unknown-location', file: 'shop.yaml', line: 10, column: 41 }]);
  });

  it.each([
    ['a location', 'locations: { home: { account: 111122223333, region: eu-west-1 } }\n'],
    ['a probe', 'probes: { read: { uses: http/get, with: { url: http://x/ } } }\n'],
  ])('refuses %s of the drill that it has, too', (_, more) => {
    const { diagnostics } = validate(`${drill}${more}`, { estate });
    expect(diagnostics.map(({ code, file }) => [code, file])).toEqual([['in-estate-too', 'drill.yaml']]);
  });

  it('refuses a target, a parameter, a value and a window that the drill has, too', () => {
    const text = drill
      .replace('targets:\n', 'targets:\n  errors: { type: cloudwatch/alarm, in: home, id: x }\n')
      .replace('parameters: {', 'parameters: { app: again,')
      .replace('search: {', 'search: { app: again,')
      .replace('guardrails: {', 'guardrails: { window: { days: mon, from: 01:00, to: 02:00, timezone: UTC },');
    const window = 'guardrails: { window: { days: tue, from: 01:00, to: 02:00, timezone: UTC },';
    const windowed = { ...estate, text: estateText.replace('guardrails: {', window) };
    expect(validate(text, { estate: windowed }).diagnostics.map(({ code }) => code)).toEqual(
      Array.from({ length: 4 }, () => 'in-estate-too'),
    );
  });

  it('is named by the path that the drill has', () => {
    expect(estateNamedIn({ file: 'drill.yaml', text: drill })).toBe('shop.yaml');
    expect(estateNamedIn({ file: 'drill.yaml', text: 'name: x' })).toBeUndefined();
  });
});

describe('a file', () => {
  it.each(['', '# nothing but a comment\n', '---\n'])('without content is called empty: %j', (text) => {
    expect(validate(text).diagnostics.map(({ code }) => code)).toEqual(['empty-file']);
  });

  it('that is a list or a text is refused as such', () => {
    expect(validate('- a\n- b\n').diagnostics.map(({ code }) => code)).toEqual(['wrong-shape']);
    expect(validate('hello\n').diagnostics.map(({ code }) => code)).toEqual(['wrong-shape']);
  });

  it('that is nested beyond reason is refused without an exception', () => {
    expect(validate(`apiVersion: firedrill/v1\na: ${'['.repeat(20_000)}`).diagnostics.map(({ code }) => code)).toEqual([
      'yaml-syntax',
    ]);
  });
});
