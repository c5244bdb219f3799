/** The orchestrator is killed at any moment, and a second command ends the run as if nothing had happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { runIdIn } from '../e2e/cli.ts';
import { watchPrimaries } from '../e2e/sql.ts';
import { approveWhenAsked, expectEstateAsBefore, onFreshLab, report, strikes } from './rounds.ts';

describe('a run whose process is killed', () => {
  test.each(strikes(12))('is resumed and passes: at $title', async ({ moment, waitMs, title }) => {
    await onFreshLab(async (stage) => {
      const { home, lab, drill } = stage;
      const primaries = watchPrimaries(lab);
      const run = home.start('run', drill, '--values', 'lab', '--json');
      const approving = moment.name === 'decide' ? undefined : approveWhenAsked(home, run);
      await run.says(moment.line);
      await sleep(waitMs);
      run.child.kill('SIGKILL');
      await Promise.all([run.ended, approving]);

      const resumed = home.start('resume', runIdIn(run.said()), '--json');
      void approveWhenAsked(home, resumed);
      const { code, stdout, stderr } = await resumed.ended;
      const { splits } = await primaries.stop();
      const killedLog = run.said().split('\n').slice(-4).join('\n');
      expect(code, `${killedLog}\n--- resumed\n${stderr}`).toBe(0);
      const record = JSON.parse(stdout) as RunRecord;
      expect(record).toMatchObject({ verdict: 'pass', undo: 'rolled-forward' });
      expect(splits).toEqual([]);
      const { measured, rpo } = record.recovery;
      report(
        `${title}: outage ${measured!.lowerMs.toFixed(0)} to ${measured!.upperMs.toFixed(0)}, lost ${rpo!.lostWrites}`,
      );
      expect(await home.run('verify', record.runId)).toMatchObject({ code: 0 });
      await expectEstateAsBefore(stage, record);
    });
  });
});
