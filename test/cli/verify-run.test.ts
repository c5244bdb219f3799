/** That whoever changes what is stored of a run, with every right on the database, is found out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChunk, samplesIn, chainStart } from '../../src/domain/sample-chain.ts';
import { verifyRun } from '../../src/cli/verify-run.ts';
import { withApp } from '../../src/app/with-app.ts';
import type { Judgement } from '../../src/domain/record.ts';
import { planOf } from '../report/log-builder.ts';
import { begin, finishedRun, openTestApp, planFor } from '../app/support/app.ts';
import type { TestApp } from '../app/support/app.ts';
import { testFrame } from './support/frame.ts';

let test: TestApp;
let runs = 0;

beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

async function aRun(): Promise<string> {
  const runId = `r${(runs += 1)}`;
  await finishedRun(test.app, runId);
  return runId;
}

async function verify(runId: string) {
  const frame = testFrame(test.env);
  await verifyRun(frame, runId, true);
  const { ok, checks } = JSON.parse(frame.said.out) as {
    ok: boolean;
    checks: { check: string; ok: boolean; says: string }[];
  };
  const failed = checks.filter((check) => !check.ok);
  return {
    ok,
    exitCode: frame.said.exitCode,
    failed: failed.map(({ check }) => check),
    says: failed.map(({ says }) => says).join(),
  };
}

/** As a superuser who knows about the triggers. */
async function tamper(table: string, sql: string, values: unknown[]): Promise<void> {
  const { pool } = test.app.store;
  await pool.query(`ALTER TABLE firedrill.${table} DISABLE TRIGGER append_only`);
  const { rowCount } = await pool.query(sql, values);
  await pool.query(`ALTER TABLE firedrill.${table} ENABLE TRIGGER append_only`);
  expect(rowCount).toBeGreaterThan(0);
}

describe('verifying a run', () => {
  it('finds nothing wrong with one that nobody touched', async () => {
    const runId = await aRun();
    expect(await verify(runId)).toMatchObject({ ok: true, exitCode: 0, failed: [] });
  });

  it('says so in words, too', async () => {
    const frame = testFrame(test.env);
    await verifyRun(frame, await aRun(), false);
    expect(frame.said.out).toMatch(
      /^ok {4}hash chain: \d+ entries.*\nok {4}raw samples: \d+ in 3 chunks.*\nok {4}verdict/,
    );
  });

  it('refuses a run that is not there', async () => {
    await expect(verifyRun(testFrame(test.env), 'nowhere', true)).rejects.toMatchObject({ code: 'run-not-found' });
  });

  it('can be asked only while the triggers are off: the database itself refuses changes', async () => {
    const runId = await aRun();
    const change = test.app.store.pool.query('UPDATE firedrill.log SET body = body WHERE run_id = $1', [runId]);
    await expect(change).rejects.toThrow(/append-only/);
  });
});

describe('a run that never came to its end', () => {
  it('is called unfinished when its rehearsal was killed, which is neither verified nor tampered with', async () => {
    await begin(test.app, planFor('killed', { environment: 'lab' }));
    await withApp(test.env, () => Promise.resolve()); // The next command ends it.
    expect(await verify('killed')).toMatchObject({
      ok: false,
      exitCode: 3,
      failed: ['raw samples', 'verdict from raw samples'],
      says: expect.stringContaining('killed before its end'),
    });
    const frame = testFrame(test.env);
    await verifyRun(frame, 'killed', false);
    expect(frame.said.out).toMatch(/^ok {4}hash chain.*\nopen {2}raw samples.*\nopen {2}verdict.*\nunfinished: /);
    expect(frame.said.out).not.toContain('FAIL');
  });

  it('is called unfinished while it goes on', async () => {
    await begin(test.app, planFor('on', { environment: 'aws' }));
    expect(await verify('on')).toMatchObject({ ok: false, exitCode: 3, says: expect.stringContaining('not finished') });
  });

  it('fails all the same where its log was changed', async () => {
    await begin(test.app, planFor('forged', { environment: 'aws' }));
    await tamper('log', `UPDATE firedrill.log SET body = replace(body, 'ada', 'eve') WHERE run_id = $1`, ['forged']);
    expect(await verify('forged')).toMatchObject({ exitCode: 1, failed: expect.arrayContaining(['hash chain']) });
  });
});

it('a restore that nothing watched is verified by its log, and raw samples are not missed', async () => {
  const plan = planOf({
    runId: 'restore',
    name: 'restore-snapshot',
    title: 'The snapshot can be restored',
    environment: 'aws',
    probes: [],
    steps: [
      { id: 'restored', uses: 'rds/restore-snapshot', phase: 'recover', effect: 'creates', portion: 'restore' },
      { id: 'contents', uses: 'postgres/verify', phase: 'verify', effect: 'observes', portion: 'verify' },
    ],
  });
  await begin(test.app, plan);
  const frame = testFrame(test.env);
  await verifyRun(frame, 'restore', false);
  expect(frame.said.out).toMatch(/ok {4}raw samples: none, as the drill has no probe\nopen {2}verdict from the log: /);
});

describe('a row of the log that was changed', () => {
  it('no longer fits its own hash', async () => {
    const runId = await aRun();
    await tamper(
      'log',
      `UPDATE firedrill.log SET body = replace(body, '"awsCalls":3', '"awsCalls":2') WHERE run_id = $1 AND seq = 6`,
      [runId],
    );
    expect(await verify(runId)).toMatchObject({
      ok: false,
      exitCode: 1,
      failed: ['hash chain'],
      says: expect.stringContaining('entry 6'),
    });
  });

  it('no longer fits the next row when its hash was made anew', async () => {
    const runId = await aRun();
    await tamper(
      'log',
      `UPDATE firedrill.log l SET body = c.body,
         hash = encode(sha256(convert_to(l.prev || chr(10) || l.run_id || chr(10) || l.seq || chr(10) || c.body, 'UTF8')), 'hex')
       FROM (SELECT run_id, seq, replace(body, '"awsCalls":3', '"awsCalls":2') AS body FROM firedrill.log) c
       WHERE c.run_id = l.run_id AND c.seq = l.seq AND l.run_id = $1 AND l.seq = 6`,
      [runId],
    );
    expect(await verify(runId)).toMatchObject({ failed: ['hash chain'], says: expect.stringContaining('entry 7') });
  });

  it('is told from a verdict that another version words otherwise', async () => {
    const change = (from: string, to: string): string =>
      `UPDATE firedrill.log SET body = regexp_replace(body, '${from}', '${to}')
       WHERE run_id = $1 AND body LIKE '%run.finished%'`;
    const [words, figures] = [await aRun(), await aRun()];
    await tamper('log', change('"reasons":\\["[^"]*"', '"reasons":["In other words."'), [words]);
    await tamper('log', change('"lowerMs":\\d+', '"lowerMs":1'), [figures]);
    expect((await verify(words)).failed).toEqual(['hash chain']);
    expect((await verify(figures)).failed).toEqual(['hash chain', 'verdict from raw samples']);
  });

  it('is missed when it was taken out', async () => {
    const runId = await aRun();
    await tamper('log', 'DELETE FROM firedrill.log WHERE run_id = $1 AND seq = 4', [runId]);
    expect((await verify(runId)).failed).toContain('hash chain');
  });
});

describe('raw samples that were changed', () => {
  it('are found by their chain', async () => {
    const runId = await aRun();
    await tamper(
      'sample_chunk',
      `UPDATE firedrill.sample_chunk SET gz = (SELECT gz FROM firedrill.sample_chunk WHERE run_id = $1 AND n = 0) WHERE run_id = $1 AND n = 1`,
      [runId],
    );
    expect((await verify(runId)).failed).toEqual(['raw samples', 'verdict from raw samples']);
  });

  it('are missed when the last of them were taken away', async () => {
    const runId = await aRun();
    await tamper('sample_chunk', 'DELETE FROM firedrill.sample_chunk WHERE run_id = $1 AND n = 2', [runId]);
    expect((await verify(runId)).failed).toEqual(['raw samples', 'verdict from raw samples']);
  });

  it('are found by the seal in the log, even when chunks, hashes and seals were made anew and no figure differs', async () => {
    const runId = await aRun();
    let prev = chainStart;
    for (const chunk of await test.app.samples.chunks(runId)) {
      const lines = samplesIn(chunk).map((sample) => `${JSON.stringify({ ...sample, value: 'forged' })}\n`);
      const { gz, hash } = packChunk(lines.join(''), { ...chunk, prev });
      await tamper(
        'sample_chunk',
        'UPDATE firedrill.sample_chunk SET gz = $2, hash = $3 WHERE run_id = $1 AND n = $4',
        [runId, gz, hash, chunk.n],
      );
      prev = hash;
    }
    await tamper('sample_seal', 'UPDATE firedrill.sample_seal SET hash = $2 WHERE run_id = $1', [runId, prev]);
    expect(await verify(runId)).toMatchObject({
      exitCode: 1,
      failed: ['raw samples'],
      says: expect.stringContaining(prev),
    });
  });
});

describe('a verdict that is not what the samples give', () => {
  /** A run at whose end another judgement is logged than the one that was come to. */
  async function judgedOtherwise(change: Partial<Judgement>): Promise<string> {
    const runId = `r${(runs += 1)}`;
    const judged = test.app.log.append.bind(test.app.log);
    const lying = {
      ...test.app,
      log: { ...test.app.log, read: test.app.log.read.bind(test.app.log), head: test.app.log.head.bind(test.app.log) },
    };
    lying.log.append = (run, head, event) =>
      judged(
        run,
        head,
        event.type === 'run.finished' ? { ...event, judgement: { ...event.judgement, ...change } } : event,
      );
    await finishedRun(lying, runId);
    return runId;
  }

  it('is no tampering where an earlier version judged by other rules', async () => {
    expect(await verify(await judgedOtherwise({ verdict: 'fail', rules: undefined }))).toMatchObject({
      exitCode: 3,
      failed: ['verdict from raw samples'],
      says: expect.stringMatching(
        /^it was judged by rules 1, and this version .* by rules \d+\. .*different: verdict\./,
      ),
    });
    expect(await verify(await judgedOtherwise({ rules: undefined }))).toMatchObject({ exitCode: 0, ok: true });
  });

  it('is found although the log is whole', async () => {
    expect(await verify(await judgedOtherwise({ verdict: 'fail' }))).toMatchObject({
      exitCode: 1,
      failed: ['verdict from raw samples'],
      says: expect.stringMatching(/gives pass, RTO .* recorded was fail, .*; different: verdict$/),
    });
  });
});
