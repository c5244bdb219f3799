/** Runs that can't be judged end all the same, and say what is broken. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeAnyway } from '../../src/app/drive-run.ts';
import type { EventBody } from '../../src/domain/event.ts';
import type { Judgement } from '../../src/domain/record.ts';
import { Journal } from '../../src/run/journal.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { begin, openTestApp, planFor } from './support/app.ts';
import type { TestApp } from './support/app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

const part = { step: 'lose', part: 'acl' };
const begun: EventBody = { type: 'step.begun', ...part, key: 'k', before: 'open', after: 'shut', touches: 'acl-1' };
const undone: EventBody[] = [
  { type: 'step.undoing', ...part },
  { type: 'step.undone', ...part },
];
const aborted: EventBody = { type: 'run.turned', turn: { kind: 'aborted', message: 'aborted by ada', by: 'ada' } };

/** The verdict on a run with such a log, one of whose chunks of samples is not what the prober wrote. */
async function verdictOn(runId: string, ...events: EventBody[]): Promise<Judgement> {
  const { app } = test;
  await begin(app, planFor(runId, { environment: 'aws' }));
  const journal = await Journal.claim(app.log, new VirtualClock(), runId, 'a');
  for (const event of events) await journal.append(event);
  await app.samples.putChunk({ runId, prober: 'p', n: 0, gz: Buffer.from('not what it was'), hash: 'f'.repeat(64) });
  return judgeAnyway(app, journal.entries);
}

describe('a run whose raw samples are broken', () => {
  it('is inconclusive, names what is broken and where the raw data stands, and measures nothing', async () => {
    const judgement = await verdictOn('r1', begun, ...undone);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 3, undo: 'complete', probes: [] });
    expect(judgement.recovery).toEqual({ declared: {}, phases: [] });
    expect(judgement.reasons).toEqual([
      expect.stringMatching(/samples of prober p are not the ones that it wrote.*firedrill\.sample_chunk.*run_id r1;/),
    ]);
  });

  it('says first what is left to a person', async () => {
    const judgement = await verdictOn('r2', begun, aborted);
    expect(judgement).toMatchObject({ verdict: 'aborted', exitCode: 5, undo: 'incomplete' });
    expect(judgement.reasons.map((reason) => reason.slice(0, 20))).toEqual([
      'Part acl of step los',
      'The run was stopped:',
      'Nothing could be mea',
    ]);
  });

  it('says that it was aborted', async () => {
    const judgement = await verdictOn('r3', begun, aborted, ...undone);
    expect(judgement).toMatchObject({ verdict: 'aborted', exitCode: 4, undo: 'complete' });
  });

  it('does not tell a failed step from a broken promise: nobody knows whether the fault was seen', async () => {
    const turn = { kind: 'failed', message: 'step lose failed: no', step: 'lose' } as const;
    const judgement = await verdictOn('r4', begun, { type: 'run.turned', turn }, ...undone);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(judgement.reasons).toContain('The run was stopped: step lose failed: no.');
  });
});

it('a store that is away is no verdict: the run stays open', async () => {
  const { app } = test;
  const chunks = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }));
  await begin(app, planFor('r5', { environment: 'aws' }));
  const judging = judgeAnyway({ ...app, samples: { ...app.samples, chunks } }, await app.log.read('r5'));
  await expect(judging).rejects.toThrow('gone');
});
