/** What docs/integrating.md promises to other programs, against where it is made. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventIn } from '../../src/publish/message.ts';

const page = readFileSync('docs/integrating.md', 'utf8');
const section = (heading: string): string => page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
const codesIn = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
const source = (file: string): string => readFileSync(`src/${file}`, 'utf8');

it('it lists every type of step event, and none that there isn’t', () => {
  const story = source('publish/story.ts');
  const events = [...source('domain/event.ts').matchAll(/\btype: '([a-z]+\.[a-z-]+)'/g)].map(([, type]) => type!);
  // Told under other names: of the first part of a step, and of the others.
  const renamed = new Set(['step.begun', 'step.applied', 'step.settled']);
  const told = [...story.matchAll(/'((?:step|part|approval)\.[a-z-]+)'/g)].map(([, type]) => type!);
  const types = new Set([...events, ...told].filter((type) => !renamed.has(type)));
  expect(types.size).toBeGreaterThan(20);
  const rows = section('Step events')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.flatMap((row) => codesIn(row.split(' | ')[0]!)).sort()).toEqual([...types].sort());
});

it('it shows an event as firedrill reads it', () => {
  const [, event] = /```json\n([\s\S]*?)```/.exec(page)!;
  expect(eventIn(event!)).toMatchObject({ type: 'firedrill.step.started', data: { seq: 17 } });
});

it('it names fields that the run record has', () => {
  const record = source('domain/record.ts');
  const rows = section('The run record')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const fields = rows.flatMap((row) => codesIn(row.split(' | ')[0]!)).flatMap((path) => path.split('.'));
  expect(fields.length).toBeGreaterThan(15);
  for (const field of fields) expect(record).toMatch(new RegExp(`^ +(?:.*[{;] )?${field}\\??: `, 'm'));
});

it('it names variables that are read', () => {
  const read = ['app/settings.ts', 'postgres/home.ts', 'probes/dns/resolver.ts', 'actions/trust.ts', 'actions/dns.ts']
    .map(source)
    .join('\n');
  const variables = codesIn(section('Environment')).filter((code) => /^(FIREDRILL|NODE)_/.test(code));
  expect(variables.length).toBeGreaterThan(5);
  for (const variable of variables) expect(read).toContain(variable);
});
