/** A person aborts at any moment: what began is undone; after the promotion, which can't be, the run rolls forward and back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { runIdIn } from '../e2e/cli.ts';
import { watchPrimaries } from '../e2e/sql.ts';
import { approveWhenAsked, expectEstateAsBefore, onFreshLab, report, strikes } from './rounds.ts';

describe('a run that is aborted', () => {
  test.each(strikes(8))('leaves the estate as before: at $title', async ({ moment, waitMs, title }) => {
    await onFreshLab(async (stage) => {
      const { home, lab, drill } = stage;
      const primaries = watchPrimaries(lab);
      const run = home.start('run', drill, '--values', 'lab', '--json');
      const approving = moment.name === 'decide' ? undefined : approveWhenAsked(home, run);
      await run.says(moment.line);
      await sleep(waitMs);
      const aborted = await home.run('abort', runIdIn(run.said()), '--reason', 'soak');
      const [{ code, stdout, stderr }] = await Promise.all([run.ended, approving]);
      const { splits } = await primaries.stop();
      expect(aborted.code, aborted.stderr).toBe(0);
      expect(code, stderr).toBe(4);
      const record = JSON.parse(stdout) as RunRecord;
      expect(record.verdict).toBe('aborted');
      expect(record.reasons.join('\n')).toContain('soak');
      const promoted = record.steps.find(({ id }) => id === 'promote')!.state !== 'none';
      report(`${title}: undo ${record.undo}, promotion ${promoted ? 'begun' : 'not begun'}`);
      if (moment.afterPivot) expect(record.undo).toMatch(/^(rolled-forward|complete)$/);
      else if (!promoted) expect(record.undo).toMatch(/^(complete|none)$/);
      expect(splits).toEqual([]);
      await expectEstateAsBefore(stage, record);
    });
  });
});
