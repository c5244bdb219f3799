/** The orchestrator is stopped at any moment and wakes up while another drives its run: the estate has one master throughout. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { hungAfterMs } from '../../src/app/ownership.ts';
import type { RunRecord } from '../../src/domain/record.ts';
import { runIdIn } from '../e2e/cli.ts';
import { watchPrimaries } from '../e2e/sql.ts';
import { approveWhenAsked, expectEstateAsBefore, onFreshLab, report, strikes } from './rounds.ts';

describe('a run whose process hangs', () => {
  test.each(strikes(6))('is taken over, and left alone by it when it wakes up: at $title', async (strike) => {
    const { moment, waitMs, title } = strike;
    await onFreshLab(async (stage) => {
      const { home, lab, drill } = stage;
      const primaries = watchPrimaries(lab);
      const hung = home.start('run', drill, '--values', 'lab', '--json');
      const approving = moment.name === 'decide' ? undefined : approveWhenAsked(home, hung);
      await hung.says(moment.line);
      await sleep(waitMs);
      hung.child.kill('SIGSTOP');
      const runId = runIdIn(hung.said());
      expect(await home.run('resume', runId)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/run-is-driven/),
      });

      await sleep(hungAfterMs);
      const heir = home.start('resume', runId, '--json');
      void approveWhenAsked(home, heir);
      await heir.says(/has shown no life for \d+ s: it is taken over/);
      await sleep(Math.random() * 20_000);
      hung.child.kill('SIGCONT');
      const zombie = await hung.ended;
      expect(zombie, zombie.stderr).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(/driven by another process now/),
      });

      const { code, stdout, stderr } = await heir.ended;
      await approving;
      const { splits } = await primaries.stop();
      // Standing still for half a minute may cost the objective, never the estate.
      expect([0, 1], `${hung.said()}\n--- resumed\n${stderr}`).toContain(code);
      const record = JSON.parse(stdout) as RunRecord;
      expect(['complete', 'rolled-forward']).toContain(record.undo);
      expect(splits).toEqual([]);
      report(`${title}: ${record.verdict}, ${record.undo}`);
      expect(await home.run('verify', runId)).toMatchObject({ code: 0 });
      await expectEstateAsBefore(stage, record);
    });
  });
});
