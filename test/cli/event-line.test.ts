/** Step events as people read them in a terminal. */
import { describe, expect, it } from 'vitest';
import { eventLines } from '../../src/cli/event-line.ts';
import type { LogEntry } from '../../src/domain/event.ts';
import type { CloudEvent } from '../../src/publish/story.ts';
import { Story } from '../../src/publish/story.ts';
import { restoreRun } from '../report/restores.ts';
import { abortedRun, goneWithLab, passedRun, retried, stuckRun } from '../report/runs.ts';

function eventsOf(entries: readonly LogEntry[]): CloudEvent[] {
  const story = new Story();
  return entries.map((entry) => JSON.parse(JSON.stringify(story.tell(entry))) as CloudEvent);
}

function linesOf(events: readonly CloudEvent[]): string[] {
  const lines = eventLines(false);
  return events.flatMap(lines);
}

const told = (entries: readonly LogEntry[]): string => linesOf(eventsOf(entries)).join('\n');

it('names the run, the drill and the day above its events, and each event by its time', () => {
  const [first, second, ...rest] = linesOf(eventsOf(passedRun().entries));
  expect(first).toMatch(/^run r1 of regional-failover, lab, \d{4}-\d\d-\d\d UTC$/);
  expect(second).toMatch(/^ {2}\d\d:\d\d:\d\d\.\d {2}Orders survive losing a region/);
  expect(rest.filter((line) => line.startsWith('run '))).toEqual([]);
});

it('names the run again when another one came in between', () => {
  const [a, b] = [eventsOf(passedRun().entries), eventsOf(stuckRun().entries)];
  const lines = linesOf([a[0]!, b[0]!, a[1]!]);
  expect(lines.filter((line) => line.startsWith('run ')).map((line) => line.slice(0, 6))).toEqual([
    'run r1',
    'run r4',
    'run r1',
  ]);
});

it('tells each rung of a verification by its name, with what it found', () => {
  const lines = told(restoreRun({}));
  expect(lines).toMatch(/ {4}✓ contents rows: \S/);
  expect(lines).toMatch(/ {4}✓ contents negative-control: \S/);
});

it('tells steps and parts of one step apart', () => {
  const lines = told(passedRun().entries);
  expect(lines).toContain('  → lose: subnet-0a1b');
  expect(lines).toContain('    → lose subnet-0c: subnet-0c3d');
  expect(lines).toContain('    ↩ lose subnet-0a undone');
  expect(lines).toContain('  ↩ lose undone');
  expect(lines).toContain('  ○ read: bad (timeout)');
  expect(lines).toContain('  ✓ go approved automatically by firedrill rehearse');
});

it('says why something failed, what to do about it, and that a person is needed', () => {
  const lines = told(retried(stuckRun()));
  expect(lines).toContain('  ✗ copy main failed: the instance never became ready. Look at its console output.');
  expect(lines).toContain('  ✗ cut main could not be undone: subnet-0a1b was changed by someone else. Give it back');
  expect(lines).toContain('over: fail, undo incomplete');
  expect(lines).toContain('a person is needed: firedrill runs show r4');
  expect(lines).toContain('undo again, for ');
});

it('asks for nobody where what a run left went with its lab', () => {
  const lines = told(goneWithLab(stuckRun()));
  expect(lines).toContain('the lab does not exist any more, and what was left went with it');
  const killed = eventsOf(stuckRun().entries).map((event) => ({ ...event, data: { ...event.data, exitCode: 4 } }));
  expect(linesOf(killed).join('\n')).not.toContain('a person is needed');
});

describe('of every event', () => {
  it.each([
    ['a failover', passedRun().entries],
    ['an abort', abortedRun().entries],
    ['an undo that is tried again', retried(stuckRun())],
    ['a restore', restoreRun({})],
  ])('of %s there is one line, and no two that follow each other are the same', (_, entries) => {
    const lines = linesOf(eventsOf(entries)).filter((line) => !line.startsWith('run '));
    expect(lines).toHaveLength(entries.length);
    expect(lines.filter((line, n) => line === lines[n - 1])).toEqual([]);
  });

  it('with nothing in it but what must be there, or with something else, a line is made all the same', () => {
    const data = { runId: 'r', seq: 1, hash: '', prevHash: '', drill: 'd\u001b[2J', environment: 'lab', outcome: 'x' };
    const types = [...new Set(eventsOf([...passedRun().entries]).map(({ type }) => type)), 'firedrill.part.unheard-of'];
    for (const more of [{}, { check: 1, error: 'odd', reasons: 'odd', why: { a: 1 }, touches: null }]) {
      for (const type of types) {
        const event = { type, time: '2026-01-01T00:00:00.000Z', data: { ...data, ...more } } as unknown as CloudEvent;
        const line = linesOf([event]).at(-1)!;
        expect(line).toMatch(/^ {2}00:00:00\.0 {2}/);
        expect(line).not.toContain('undefined');
      }
    }
  });
});
