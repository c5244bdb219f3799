/**
 * A restore whose orchestrator is killed, or that somebody aborts, at any moment: it is carried on to the same verdict or taken back,
 * and nothing that it made is ever unknown to its log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { Home, runIdIn } from '../e2e/cli.ts';
import { RestoreLab } from '../e2e/restore-lab.ts';
import { shippedDrill } from '../e2e/shipped.ts';
import { report, rounds } from './rounds.ts';

/** What is seen in a restore's log, in order, and for how long the next thing takes at least, milliseconds. */
const moments = [
  { name: 'find', line: /→ find/, lastsMs: 60 },
  { name: 'launch', line: /→ launch/, lastsMs: 120 },
  { name: 'launched', line: /✓ launch/, lastsMs: 200 },
  { name: 'boot', line: /→ restored/, lastsMs: 1_000 },
  { name: 'restore', line: /→ restored/, lastsMs: 3_000 },
  { name: 'verify', line: /→ contents/, lastsMs: 500 },
  { name: 'verified', line: /✓ contents/, lastsMs: 60 },
  { name: 'undo', line: /undoing launch/, lastsMs: 1_000 },
] as const;

/** All of them in turn, each with a random wait: other ones in every soak. */
const strikes = (wanted: number) => {
  const first = Math.floor(Math.random() * moments.length);
  return rounds(wanted).map((n) => {
    const moment = moments[(first + n) % moments.length]!;
    const waitMs = Math.round(Math.random() * moment.lastsMs);
    return { ...moment, waitMs, title: `${moment.name} + ${waitMs} ms` };
  });
};

describe('a restore', () => {
  let stage: RestoreLab;
  beforeAll(async () => {
    stage = await RestoreLab.open();
  });
  afterAll(() => stage.close());

  /** Whatever stands in the lab that wasn't there before is in the run's record as its own. */
  async function expectNothingUnknown(runId: string): Promise<void> {
    const launched = await stage.launched();
    expect(await stage.instancesOf(runId)).toEqual(launched);
    const shown = await stage.home.run('runs', 'show', runId, '--json');
    const { resources } = JSON.parse(shown.stdout) as RunRecord;
    const known = resources.map(({ arn }) => arn);
    if (launched.length > 0) expect(known).toContainEqual(expect.stringContaining(':instance/'));
    const signals = await stage.objectsNamed(runId);
    if (signals.length > 0) expect(known).toContainEqual(expect.stringMatching(/:s3:::.*\.json$/));
  }

  test.each(strikes(8))('that is killed is resumed to the same verdict: at $title', async ({ line, waitMs, title }) => {
    const file = await stage.prepare(`killed-${title.replaceAll(' ', '')}`, {});
    const run = stage.start(file);
    await run.says(line);
    await sleep(waitMs);
    run.child.kill('SIGKILL');
    await run.ended;
    const runId = runIdIn(run.said());
    await expectNothingUnknown(runId);

    const { code, stdout, stderr } = await stage.home.run('resume', runId, '--json');
    expect(code, `${run.said()}\n--- resumed\n${stderr}`).toBe(0);
    const record = JSON.parse(stdout) as RunRecord;
    expect(record).toMatchObject({ runId, verdict: 'pass', undo: 'complete' });
    report(`${title}: ${record.reasons.at(-2)}`);
    expect(await stage.home.run('verify', runId)).toMatchObject({ code: 0 });
    await stage.expectNothingLeft(record);
    await stage.expectAsBefore();
  });

  test.each(strikes(4))('that somebody aborts takes everything back: at $title', async ({ line, waitMs, title }) => {
    const file = await stage.prepare(`aborted-${title.replaceAll(' ', '')}`, {});
    const run = stage.start(file);
    await run.says(line);
    await sleep(waitMs);
    const late = /✓ contents/.test(run.said());
    run.child.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    const record = JSON.parse(stdout) as RunRecord;
    report(`${title}: ${record.verdict}, undo ${record.undo}`);
    // A run that had ended its last step when it was told has its verdict.
    expect(late ? [0, 4] : [4], stderr).toContain(code);
    expect(['complete', 'none']).toContain(record.undo);
    await stage.expectNothingLeft(record);
    await stage.expectAsBefore();
  });
});

describe('a rehearsal of a restore', () => {
  test.each(strikes(3))('that is killed is cleared away by the next command: at $title', async ({ line, waitMs }) => {
    const home = await Home.make();
    try {
      const rehearsal = home.start('rehearse', shippedDrill('restore-dump-to-fresh-instance'), '--json');
      await rehearsal.says(line);
      await sleep(waitMs);
      rehearsal.child.kill('SIGKILL');
      await rehearsal.ended;
      const { stdout } = await home.run('runs', 'show', runIdIn(rehearsal.said()), '--json');
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'aborted', exitCode: 4 });
      expect(await home.leftovers()).toEqual([]);
    } finally {
      await home.remove();
    }
  });
});
