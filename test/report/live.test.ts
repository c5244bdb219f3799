import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/event.ts';
import { createLive } from '../../src/report/live.ts';
import { clockText } from '../../src/report/live-lines.ts';
import { attack } from './hostile.ts';
import { LogBuilder, planOf } from './log-builder.ts';
import { abortedRun, passedRun, stuckRun, unfinishedRun } from './runs.ts';

const plain = (entries: readonly LogEntry[]): string => {
  let text = '';
  const live = createLive({ live: false, color: false, columns: 100, write: (more) => (text += more) });
  for (const entry of entries) live.entry(entry);
  live.close();
  return text;
};

/** A terminal that knows the one movement that is used: to the start of a line above, and clear from there. */
class Screen {
  lines: string[] = [''];
  write = (text: string): void => {
    // oxlint-disable-next-line no-control-regex -- a terminal's own language
    for (const [, up, chunk] of text.matchAll(/\r\u001b\[(\d+)A\u001b\[0J|([^\r\u001b]+)/g)) {
      if (up !== undefined) this.lines = [...this.lines.slice(0, this.lines.length - 1 - Number(up)), ''];
      else {
        const [first = '', ...more] = chunk!.split('\n');
        this.lines[this.lines.length - 1] += first;
        this.lines.push(...more);
      }
    }
  };
  get text(): string {
    return this.lines.join('\n');
  }
}

describe('without a terminal', () => {
  it.each([
    ['passed', passedRun()],
    ['aborted', abortedRun()],
    ['stuck', stuckRun()],
  ])('a %s run reads as agreed, one line an event, with the time since the start', async (name, { entries }) => {
    await expect(plain(entries)).toMatchFileSnapshot(`golden/live-${name}.txt`);
  });

  it('writes each line when its event comes, not at the end', () => {
    const written: string[] = [];
    const live = createLive({ live: false, color: false, columns: 100, write: (text) => written.push(text) });
    const [first] = passedRun().entries;
    live.entry(first!);
    expect(written.join('')).toContain('Orders survive losing a region');
    live.close();
  });

  it('tells of a takeover, a refusal and a parallel part only once', () => {
    const steps = [{ id: 'go', uses: 'approval', phase: 'decide', with: { ask: 'Go?' } } as const];
    const log = new LogBuilder(planOf({ runId: 'r', name: 'x', title: 'x', steps }));
    log.phase(10, 'decide').begin(20, 'go', { touches: 'people' });
    log.add(30, { type: 'run.claimed', owner: 'node-b', attempt: 2 });
    log.add(40, { type: 'approval.given', step: 'go', by: 'ada', comment: 'not now', automatic: false, refused: true });
    expect(plain(log.entries)).toContain('taken over by node-b (attempt 2)');
    expect(plain(log.entries)).toContain('✗ go refused by ada: not now');
    expect(plain(passedRun().entries).match(/→ lose/g)).toHaveLength(1);
  });

  it('lets no text of an event steer the output', () => {
    const log = new LogBuilder(planOf({ runId: 'r', name: attack, title: attack, steps: [] }));
    log.add(10, { type: 'run.turned', turn: { kind: 'failed', message: attack } });
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    expect(plain(log.entries)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('on a terminal', () => {
  const onScreen = (entries: readonly LogEntry[], waitedMs = 0) => {
    const screen = new Screen();
    let now = 1_000;
    const live = createLive({
      live: true,
      color: false,
      columns: 90,
      write: screen.write,
      now: () => now,
      everyMs: 60_000,
    });
    for (const entry of entries.slice(0, -1)) live.entry(entry);
    live.entry(entries.at(-1)!);
    now += waitedMs;
    return { screen, live };
  };

  it('keeps what is waited for, since when, and how the probes are below the finished lines', () => {
    const { screen, live } = onScreen(unfinishedRun().entries);
    const shown = screen.text.split('\n').slice(-5);
    expect(shown).toEqual([
      '  0:08.3  decide',
      '            ? Fail over?  0 s  firedrill approve r5',
      '            ○ read bad for 2.1 s (timeout)',
      '            ○ write bad for 2.1 s (timeout)',
      '',
    ]);
    live.close();
  });

  it('lets the time run on between two events', async () => {
    const screen = new Screen();
    let now = 1_000;
    let resolve = (): void => undefined;
    const drawn = new Promise<void>((done) => (resolve = done));
    const live = createLive({
      live: true,
      color: false,
      columns: 90,
      everyMs: 5,
      now: () => now,
      write(text) {
        screen.write(text);
        if (screen.text.includes('0:18.3')) resolve();
      },
    });
    for (const entry of unfinishedRun().entries) live.entry(entry);
    now += 10_000;
    await drawn;
    expect(screen.text).toContain('? Fail over?  10 s');
    live.close();
  });

  it('shows what comes from elsewhere above what is redrawn, which stays whole', () => {
    const { screen, live } = onScreen(unfinishedRun().entries);
    const region = screen.text.split('\n').slice(-5);
    live.above('warning: events wait\u001b[2J');
    // What a terminal echoes of Ctrl-C stands where the cursor is.
    screen.write('^C');
    live.above('\nSIGINT: aborting');
    const lines = screen.text.split('\n');
    expect(lines.slice(-5)).toEqual(region);
    expect(lines.slice(-8, -5)).toEqual(['warning: events wait [2J', '', 'SIGINT: aborting']);
    expect(lines.filter((line) => line.includes('^C'))).toEqual([]);
    live.close();
    live.above('left');
    expect(screen.text.split('\n').slice(-4)).toEqual(['', 'SIGINT: aborting', 'left', '']);
  });

  it('leaves only finished lines behind when it closes, and no step is announced twice', () => {
    const { screen, live } = onScreen(passedRun().entries);
    live.close();
    expect(screen.text).not.toContain('waiting for');
    expect(screen.text).not.toContain('→ lose');
    expect(screen.text.match(/✓ promote /g)).toHaveLength(1);
    expect(screen.text.trimEnd().split('\n').at(-1)).toContain('passed');
  });

  it('never draws a line wider than the terminal: it would break and could not be erased', () => {
    const steps = [{ id: 'long', uses: 'wait', phase: 'recover' } as const];
    const log = new LogBuilder(planOf({ runId: 'r', name: 'x', title: 'x', steps }));
    const { screen, live } = onScreen(log.begin(10, 'long', { touches: 'arn:'.padEnd(300, 'x') }).entries);
    expect(Math.max(...screen.lines.slice(-4).map((line) => line.length))).toBeLessThan(90);
    live.close();
  });
});

it('writes the time since the start in the margin', () => {
  expect([0, 6_240, 720_000, 3_723_000].map(clockText)).toEqual(['0:00.0', '0:06.2', '12:00.0', '1:02:03']);
});
