import { describe, expect, it } from 'vitest';
import { notProven } from '../../src/report/limits.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { htmlReport } from '../../src/report/html.ts';
import { toRecord } from '../../src/report/record.ts';
import { textReport } from '../../src/report/text.ts';
import { csvReport } from '../../src/report/csv.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { restoreRun } from './restores.ts';

const at = (account: string) => ({
  active: { name: 'active', account, region: 'eu-central-1', production: false },
});

/** A restore that `run` did where the environment pointed. */
function recordIn(account: string, more: Partial<Plan>) {
  const entries = restoreRun({ over: { environment: 'other' } });
  const [first, ...rest] = entries;
  const { event } = first!;
  if (event.type !== 'run.started') throw new Error('a log begins with run.started');
  const plan = { ...event.plan, ...more, drill: { ...event.plan.drill, locations: at(account) } };
  return toRecord([{ ...first!, event: { ...event, plan } }, ...rest], { published: 0, pending: 0 });
}

describe('a run outside of rehearse', () => {
  it.each([
    ['an endpoint on its own machine', '111122223333', { localEndpoint: true as const }, 'local-endpoint'],
    ['the account of emulators', '000000000000', {}, 'emulated-account'],
    [
      'the account of emulators by a profile that hides the endpoint',
      '000000000000',
      { environment: 'aws' as const },
      'emulated-account',
    ],
  ])('is told as not being AWS when it has %s', (_, account, more, notAws) => {
    const record = recordIn(account, more);
    expect(record.notAws).toBe(notAws);
    const [text, page] = [textReport(record, { columns: 200, color: false }), htmlReport({ record })];
    for (const report of [text, markdownReport(record), page]) {
      expect(report).toContain('not AWS');
      expect(report).toContain('figures of a rehearsal');
      expect(report).toContain('no evidence about AWS');
    }
    expect(notProven(record).join()).toContain('Anything about AWS');
    expect(csvReport([record])).toContain(notAws);
  });

  it('is not, elsewhere', () => {
    for (const environment of ['aws', 'other'] as const) {
      const record = recordIn('111122223333', { environment });
      expect(record.notAws).toBeUndefined();
      expect(textReport(record, { columns: 200, color: false })).not.toContain('no evidence');
    }
  });
});
