import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { register } from '../../src/cli/availability.ts';
import { failureLike } from '../../src/cli/availability-show.ts';
import type { Frame } from '../../src/cli/frame.ts';
import { toRecord } from '../../src/report/record.ts';
import { abortedRun, passedRun } from '../report/runs.ts';

async function availability(...args: string[]): Promise<{ out: string; code: number }> {
  let out = '';
  let code = 0;
  const frame: Frame = {
    out: (text) => (out += `${text}\n`),
    leave(why) {
      throw why;
    },
    written: () => Promise.resolve(true),
    err: () => undefined,
    setExit: (exit) => (code = exit),
    env: {},
    live: false,
    color: false,
    columns: 100,
    catalogue: () => Promise.reject(new Error('not needed')),
  };
  const program = new Command().exitOverride();
  register(program, frame);
  await program.parseAsync(['node', 'firedrill', 'availability', ...args]);
  return { out, code };
}

describe('firedrill availability', () => {
  it('shows the sum, the availability cut rather than rounded, and what is left of the target', async () => {
    const { out, code } = await availability('--failure', '4x70m', '--update', '6x4h', '--target', '99');
    expect(out).toBe(
      [
        '  failure  4 x 1 h 10 min     280 min',
        '  update   6 x 4 h           1440 min',
        '',
        'downtime      1720 min in 365 d (28 h 40 min)',
        'availability  99.672 %',
        'target        99 % allows 5256 min: kept, 3536 min left',
        '              keeps while failures take at most 15 h 54 min each, on average',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  it('warns where two decimals would claim too much', async () => {
    const { out } = await availability('--failure', '2x60m', '--update', '10x15m', '--target', '99.9');
    expect(out).toContain('availability  99.948 %');
    expect(out).toContain('rounded it would read 99.95 %, which allows only 262.8 min: 7.2 min less');
  });

  it('exits with 1 when the target is missed', async () => {
    const { out, code } = await availability('--failure', '2x20m', '--drill', '12x5m@50%', '--target', '99.99');
    expect(code).toBe(1);
    expect(out).toContain('x 50 % of users');
    expect(out).toContain('missed, 17.5 min too much');
  });

  it('prints exact figures as one JSON document', async () => {
    const { out } = await availability('--failure', '2x20m', '--target', '99.99%', '--json');
    expect(JSON.parse(out)).toMatchObject({
      percent: '99.992',
      downtimeMs: 2_400_000,
      target: { met: true, target: 0.9999 },
      labRuns: [],
    });
  });

  it.each([
    [['--failure', '70m'], 'unreadable-figure'],
    [['--failure', '4x70'], 'unreadable-figure'],
    [['--failure', '4x70m@150%'], 'unreadable-figure'],
    [['--failure', '4x70m', '--target', '100'], 'unreadable-figure'],
    [['--failure', '4x70m', '--period', 'year'], 'unreadable-figure'],
    [[], 'nothing-given'],
  ])('refuses %j', async (args, code) => {
    await expect(availability(...args)).rejects.toMatchObject({ code });
  });
});

describe('a measured failure', () => {
  const record = (entries: Parameters<typeof toRecord>[0]) => toRecord(entries, { published: 0, pending: 0 });

  it('counts with the upper bound of what the run needed, people included', () => {
    expect(failureLike(record(passedRun().entries), { times: 2, impact: 0.5 })).toEqual({
      kind: 'failure',
      label: 'failure as in run r1',
      times: 2,
      eachMs: 606_620,
      impact: 0.5,
    });
  });

  it('is refused where the run measured none', () => {
    expect(() => failureLike(record(abortedRun().entries), { times: 2, impact: 1 })).toThrow(
      expect.objectContaining({ code: 'not-measured' }),
    );
  });
});
