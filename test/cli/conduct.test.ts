/** What is shown and kept of a run when it is over. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordOf } from '../../src/app/records.ts';
import { conduct } from '../../src/cli/conduct.ts';
import { finishedRun, openTestApp } from '../app/support/app.ts';
import type { TestApp } from '../app/support/app.ts';
import { testFrame } from './support/frame.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

it('a run whose samples are broken is shown and has its page, without them', async () => {
  const { app, env } = test;
  await finishedRun(app, 'r1', { environment: 'aws' });
  await app.samples.putChunk({ runId: 'r1', prober: 'p', n: 3, gz: Buffer.from('not a chunk'), hash: 'f'.repeat(64) });
  const frame = testFrame(env);
  const driver = { drive: () => Promise.resolve(), close: () => Promise.resolve() };
  await conduct(frame, app, { run: 'r1', driver, json: true, autoApprove: false, env });
  const record = await recordOf(app, 'r1');
  expect(JSON.parse(frame.said.out)).toMatchObject({ runId: 'r1', verdict: record.verdict });
  expect(frame.said).toMatchObject({ exitCode: record.exitCode });
  expect(frame.said.err).toMatch(/shows no samples: the raw samples of prober p are not the ones/);
  expect(await readFile(join(app.settings.home, 'reports', 'r1.html'), 'utf8')).toContain('r1');
});
