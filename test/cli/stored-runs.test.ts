/** The commands that look at runs, and those by which people decide about them, on a store of their own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import { judgeRun } from '../../src/app/drive-run.ts';
import { recordOf } from '../../src/app/records.ts';
import type { InboxMessage } from '../../src/domain/ports.ts';
import { tryLock } from '../../src/postgres/locks.ts';
import { Journal } from '../../src/run/journal.ts';
import { begin, finishedRun, goneProcess, openTestApp, planFor, stuckRun } from '../app/support/app.ts';
import type { TestApp } from '../app/support/app.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { firedrill } from './support/firedrill.ts';

let empty: TestApp;
let test: TestApp;
let directory: string;

beforeAll(async () => {
  [empty, test] = await Promise.all([openTestApp(), openTestApp()]);
  directory = await mkdtemp(join(tmpdir(), 'firedrill-reports-'));
  await finishedRun(test.app, 'r1');
  await finishedRun(test.app, 'r2', { environment: 'aws' });
});
afterAll(async () => {
  await Promise.all([empty.close(), test.close(), rm(directory, { recursive: true })]);
});

const on = (...args: string[]) => firedrill(args, { env: test.env });

/** A run that waits for somebody's answer. */
async function waiting(runId: string, fourEyes = false): Promise<void> {
  const plan = planFor(runId, { environment: 'aws' });
  const ask = { ...plan.steps[0]!, id: 'go', uses: 'approval', phase: 'decide', asks: true, fault: false } as const;
  await begin(test.app, { ...plan, steps: [...plan.steps, ask] });
  const journal = await Journal.claim(test.app.log, new VirtualClock(), runId, 'host:1:x');
  await journal.append({ type: 'phase.started', phase: 'decide' });
  const asks = { question: 'Fail over?', fourEyes };
  await journal.append({ type: 'step.begun', step: 'go', part: 'answer', key: 'k', touches: 'Fail over?', asks });
}

const inboxOf = async (runId: string): Promise<InboxMessage[]> =>
  (await test.app.inbox.read(runId, 0)).map(({ message }) => message);

describe('firedrill runs', () => {
  it('says what to try where nothing has run yet', async () => {
    const { code, stdout } = await firedrill(['runs'], { env: empty.env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('firedrill rehearse') });
    expect(await firedrill(['runs', '--json'], { env: empty.env })).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('lists the newest first, as many as wanted', async () => {
    const { stdout } = await on('runs');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^RUN +STARTED/),
      expect.stringMatching(/^r2 .* aws +pass +<= 4\.6 s +lose-a-zone$/),
      expect.stringMatching(/^r1 /),
    ]);
    expect(JSON.parse((await on('runs', '--limit', '1', '--json')).stdout)).toMatchObject([
      { runId: 'r2', verdict: 'pass', exitCode: 0, undo: 'complete' },
    ]);
  });

  it('stacks what does not fit beside each other on a terminal', async () => {
    const { stdout } = await firedrill(['runs', '--limit', '1'], { env: test.env, tty: true });
    expect(stdout).toContain('DRILL');
    const plain = { ...test.env, NO_COLOR: '1' };
    const narrow = await firedrill(['runs', '--limit', '1'], { env: plain, tty: true, columns: 50 });
    expect(narrow.stdout.split('\n').slice(0, 2)).toEqual([
      'r2  pass',
      '    lose-a-zone, aws, 2026-01-01 00:00 UTC, RTO <=',
    ]);
  });

  it('asks for nobody where what a run left went with its lab, and says so', async () => {
    const own = await openTestApp();
    await stuckRun(own.app, 'g1', { environment: 'lab' }, await goneProcess(own.app));
    const { stdout } = await firedrill(['runs'], { env: own.env });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^RUN/),
      expect.stringMatching(/^g1 .* lab +fail, lab gone +<= /),
      '',
    ]);
    const [line] = JSON.parse((await firedrill(['runs', '--json'], { env: own.env })).stdout) as unknown[];
    expect(line).toMatchObject({ exitCode: 5, undo: 'incomplete', gone: true });
    expect(line).not.toHaveProperty('next');
    await own.close();
  });

  it('shows which runs need somebody, why, and with which command, and asks nothing about one that a process drives', async () => {
    const own = await openTestApp();
    const list = (...args: string[]) => firedrill(['runs', ...args], { env: own.env });
    await stuckRun(own.app, 's1', { environment: 'aws' });
    for (const runId of ['s2', 's3']) await begin(own.app, planFor(runId, { environment: 'aws' }));
    const lock = await tryLock(() => own.app.store.connect(), lockOf.owner('s3'));
    try {
      const { stdout } = await list();
      expect(stdout).toMatch(
        /^s1 .* needs a person .*\n +! its undo is incomplete: .*\n +firedrill runs show s1\n +firedrill undo s1$/m,
      );
      expect(stdout).toMatch(
        /^s2 .* left .*\n +! no process drives it.*\n +firedrill resume s2\n +firedrill undo s2$/m,
      );
      expect(stdout).toMatch(/^s3 .* on .*\ns2 /m);
      expect(JSON.parse((await list('--json')).stdout)).toEqual([
        expect.not.objectContaining({ next: expect.anything() }),
        expect.objectContaining({ driven: false, next: expect.objectContaining({ commands: expect.any(Array) }) }),
        expect.objectContaining({ exitCode: 5, undo: 'incomplete' }),
      ]);
    } finally {
      await lock!.release();
      await own.close();
    }
  });
});

it('firedrill runs takes no name, and says how one run is shown', async () => {
  const { code, stdout, stderr } = await on('runs', 'r1');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('firedrill runs show r1');
});

describe('firedrill runs show', () => {
  it('tells the story of a finished run, or prints its record', async () => {
    const { stdout } = await on('runs', 'show', 'r1');
    expect(stdout).toMatch(/PASSED[\s\S]*What happened\n[\s\S]*→ lose: [\s\S]*↩ lose undone[\s\S]*What came of it/);
    expect(stdout).toContain('firedrill report r1 --format html');
    expect(JSON.parse((await on('runs', 'show', 'r1', '--json')).stdout)).toEqual(
      JSON.parse(JSON.stringify(await recordOf(test.app, 'r1'))),
    );
  });

  it('prints the log with what stood there before', async () => {
    const log = JSON.parse((await on('runs', 'show', 'r1', '--log')).stdout) as unknown[];
    expect(log).toHaveLength((await test.app.log.read('r1')).length);
    expect(log).toContainEqual(
      expect.objectContaining({
        seq: expect.any(Number),
        prev: expect.any(String),
        event: expect.objectContaining({ type: 'step.begun', before: 'open', after: 'shut' }),
      }),
    );
  });

  it('says of a run that is on where it stands and what it waits for', async () => {
    await waiting('w1');
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner('w1'));
    const { stdout } = await on('runs', 'show', 'w1');
    expect(stdout).toMatch(/^w1 {2}lose-a-zone is on, in decide, after/);
    expect(stdout).toContain('go: Fail over?  (firedrill approve w1 --step go)');
    expect(stdout).toMatch(/What happened so far\n[\s\S]*\? go: Fail over\?/);
    expect(stdout).not.toContain('No process');
    await lock!.release();
    expect((await on('runs', 'show', 'w1')).stdout).toMatch(/No process drives it.*resume w1.*undo w1/);
    expect(JSON.parse((await on('runs', 'show', 'w1', '--json')).stdout)).toMatchObject({
      state: 'forward',
      waitingFor: [{ step: 'go', question: 'Fail over?' }],
    });
  });
});

describe.each([['runs', 'show'], ['verify'], ['report'], ['approve'], ['abort'], ['resume'], ['undo']])(
  'firedrill %s %s of a run that is not there',
  (...command) => {
    it('ends with 2 and says how to find the right one', async () => {
      const { code, stdout, stderr } = await on(...command.filter(Boolean), 'nowhere', '--json');
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('firedrill runs') });
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'run-not-found' } });
    });
  },
);

describe('firedrill report', () => {
  it('has nothing to say where nothing has run', async () => {
    expect(await firedrill(['report'], { env: empty.env })).toMatchObject({ code: 2, stdout: '' });
  });

  it('is about the newest run that is over, unless told otherwise', async () => {
    await waiting('w2');
    expect(JSON.parse((await on('report', '--json')).stdout)).toMatchObject({ runId: 'r2' });
    expect(JSON.parse((await on('report', 'r1', '--json')).stdout)).toMatchObject({ runId: 'r1' });
    expect(JSON.parse((await on('report', '--last', '5', '--json')).stdout)).toMatchObject([
      { runId: 'r2' },
      { runId: 'r1' },
    ]);
    expect((await on('report', 'r1', '--last', '5')).code).toBe(2);
  });

  it('counts a run once that is named twice', async () => {
    expect(JSON.parse((await on('report', 'r1', 'r1', '--json')).stdout)).toMatchObject({ runId: 'r1' });
    expect(JSON.parse((await on('report', 'r1', 'r2', 'r1', '--json')).stdout)).toHaveLength(2);
  });

  it.each([
    ['text', /PASSED/],
    ['html', /^<!doctype html>/i],
    ['md', /^# /],
    ['csv', /^run_id,/],
    ['junit', /<testsuite/],
    ['samples', /^\{"probe":/],
  ])('writes %s to the terminal and the same to a file', async (format, like) => {
    const { code, stdout } = await on('report', 'r1', '--format', format);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(like) });
    const out = join(directory, format);
    const written = await on('report', 'r1', '--format', format, '--out', out);
    expect(written).toMatchObject({ code: 0, stdout: '', stderr: `wrote ${out}\n` });
    if (format !== 'text') expect((await readFile(out, 'utf8')).trimEnd()).toBe(stdout.trimEnd());
  });

  it('has no samples of a run that nobody watched, and says what its figures come from', async () => {
    await begin(test.app, { ...planFor('n1'), probes: [] });
    const journal = await Journal.claim(test.app.log, new VirtualClock(), 'n1', 'host:1:x');
    await journal.append({ type: 'run.closing' });
    await journal.append({ type: 'run.finished', judgement: await judgeRun(test.app, journal.entries) });
    const { code, stderr } = await on('report', 'n1', '--format', 'samples');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('firedrill verify n1') });
  });

  it('says why it can not write', async () => {
    expect(await on('report', 'r1', '--out', join(directory, 'none', 'x'))).toMatchObject({ code: 2, stdout: '' });
    expect(await on('report', 'r1', '--format', 'pdf')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out'),
    });
    expect(await on('report', 'r1', 'r2', '--format', 'samples')).toMatchObject({ code: 2 });
  });
});

describe('firedrill measure', () => {
  let raw: string;
  beforeAll(async () => {
    raw = join(directory, 'raw.ndjson');
    await on('report', 'r1', '--format', 'samples', '--out', raw);
  });

  it('finds the same outage in the raw samples as the record', async () => {
    const { measured } = (await recordOf(test.app, 'r1')).recovery;
    const { stdout } = await firedrill(['measure', raw, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      runId: 'r1',
      stretch: 'recovery',
      steadyMs: 2_000,
      overall: { lowerMs: measured!.lowerMs, upperMs: measured!.upperMs },
      probes: { read: { requests: 122, failures: 45, episodes: 1 } },
    });
    expect((await firedrill(['measure', raw])).stdout.split('\n')).toEqual([
      'Run r1, by the marks of its log: from the fault to the end of recovery, 12.2 s. Recovered means good for 2 s on end.',
      '',
      'read  out for 4.4 to 4.6 s  122 requests, 45 failed',
      '',
      'Going back, from then on, 4.2 s.',
      '',
      'read  no outage  42 requests, 0 failed',
      '',
    ]);
  });

  it('judges a file without marks from its first sample to its last, and says so', async () => {
    const file = join(directory, 'samples.ndjson');
    const lines = (await readFile(raw, 'utf8')).split('\n').filter((line) => !line.startsWith('{"judged"'));
    await writeFile(file, lines.join('\n'));
    const [says, , row] = (await firedrill(['measure', file])).stdout.split('\n');
    expect(says).toMatch(/^Judged from the first sample to the last, 19\.3 s: .*good for 5 s on end\.$/);
    expect(row).toBe('read  out for 4.4 to 4.6 s  194 requests, 45 failed');
    expect(JSON.parse((await firedrill(['measure', file, '--steady', '2s', '--json'])).stdout)).toMatchObject({
      stretch: 'file',
      steadyMs: 2_000,
    });
  });

  it.each<[string, string, RegExp]>([
    ['is empty', '', /holds no sample/],
    ['is no JSON', 'hello\n', /:1/],
    [
      'has a time that is none',
      '{"probe":"p","seq":1,"clockId":"c","sentNs":"x","doneNs":"2","outcome":"good","at":"2026-01-01T00:00:00Z"}',
      /:1/,
    ],
    [
      'has an outcome that is none',
      '{"probe":"p","seq":1,"clockId":"c","sentNs":"1","doneNs":"2","outcome":"fine","at":"2026-01-01T00:00:00Z"}',
      /:1/,
    ],
    ['has a range that is none', '{"probe":"p","found":[[1]],"atNs":"1","clockId":"c"}', /:1/],
    ['has marks that are none', '{"judged":{"runId":"r","steadyMs":1,"clocks":[],"probes":[{"name":"p"}]}}', /:1/],
    [
      'has a window without an end',
      '{"judged":{"runId":"r","steadyMs":1,"clocks":[],"probes":[],"recovery":{"from":{"clockId":"c","ns":"1"}}}}',
      /:1/,
    ],
  ])('refuses a file that %s', async (_, content, says) => {
    const file = join(directory, 'odd.ndjson');
    await writeFile(file, content);
    const { code, stderr } = await firedrill(['measure', file]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
  });

  it('refuses a file that is not there, and a duration without a unit', async () => {
    expect((await firedrill(['measure', join(directory, 'none')])).stderr).toContain('no such file');
    expect((await firedrill(['measure', raw, '--steady', '5'])).stderr).toContain('--steady 5');
  });
});

describe('a decision', () => {
  let runId: string;
  let n = 10;
  beforeEach(async () => {
    runId = `w${(n += 1)}`;
    await waiting(runId);
  });

  it('goes into the inbox of the run that waits for it', async () => {
    const { code, stdout } = await on('approve', runId, '--as', 'bob', '--comment', 'traffic is low', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      runId,
      step: 'go',
      decision: 'approved',
      by: 'bob',
      comment: 'traffic is low',
    });
    expect(await inboxOf(runId)).toEqual([
      { kind: 'approve', step: 'go', by: 'bob', comment: 'traffic is low', automatic: false, refused: false },
    ]);
  });

  it('can be no', async () => {
    expect((await on('approve', runId, '--as', 'bob', '--refuse')).stdout).toBe(`refused go of ${runId} as bob\n`);
    expect(await inboxOf(runId)).toMatchObject([{ refused: true }]);
  });

  it('is about a step that asks, and no other', async () => {
    const { code, stderr } = await on('approve', runId, '--step', 'lose');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('go') });
    expect(await inboxOf(runId)).toEqual([]);
  });

  it('says when the run waits for none, or for several', async () => {
    const journal = await Journal.claim(test.app.log, new VirtualClock(), runId, 'host:2:x');
    await journal.append({ type: 'step.settled', step: 'go', part: 'answer', awsCalls: 0 });
    await journal.append({ type: 'step.succeeded', step: 'go', outputs: {} });
    expect((await on('approve', runId)).stderr).toContain(`run ${runId} waits for no approval\n`);
    expect((await on('approve', runId, '--step', 'go')).stderr).toContain('waits for no approval of go');
    expect(await on('approve', runId, '--as', ' ')).toMatchObject({ code: 2, stderr: expect.stringContaining('--as') });
    expect(await inboxOf(runId)).toEqual([]);
  });

  it('of four eyes takes two people, of whom none started the run, and says whom it still needs', async () => {
    const four = `${runId}-four`;
    await waiting(four, true);
    const as = (name: string) => on('approve', four, '--as', name);
    for (const starter of ['ada', 'ada@host']) {
      expect(await as(starter)).toMatchObject({ code: 2, stderr: expect.stringContaining('started run') });
    }
    expect((await as('bob')).stdout).toBe(`approved go of ${four} as bob; 1 more person must approve\n`);
    expect(await as('bob')).toMatchObject({ code: 2, stderr: expect.stringContaining('has approved go') });
    expect((await as('grace')).stdout).toBe(`approved go of ${four} as grace\n`);
    expect(await inboxOf(four)).toMatchObject([{ by: 'bob' }, { by: 'grace' }]);
    expect(await on('approve', four, '--as', 'ada', '--refuse')).toMatchObject({ code: 0 });
  });

  it('says when nobody is there to hear it, and how it is heard', async () => {
    expect((await on('approve', runId, '--as', 'bob')).stderr).toContain(`firedrill resume ${runId}`);
    const driven = `${runId}-driven`;
    await waiting(driven);
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner(driven));
    expect((await on('approve', driven, '--as', 'bob')).stderr).toBe('');
    await lock!.release();
  });

  it('to abort changes nothing once the run goes back, and says why it does', async () => {
    const journal = await Journal.claim(test.app.log, new VirtualClock(), runId, 'host:2:x');
    await journal.append({ type: 'run.turned', turn: { kind: 'aborted', message: 'aborted by bob', by: 'bob' } });
    expect(await on('abort', runId)).toMatchObject({
      code: 0,
      stdout: `${runId} goes no further already: aborted by bob\n`,
      stderr: expect.stringContaining(`firedrill undo ${runId}`),
    });
    expect(await inboxOf(runId)).toEqual([]);
  });

  it('to abort says when nobody is there to hear it', async () => {
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner(runId));
    expect(await on('abort', runId, '--reason', 'enough')).toEqual({
      code: 0,
      stdout: `abort of ${runId} requested\n`,
      stderr: '',
    });
    await lock!.release();
    expect((await on('abort', runId)).stderr).toContain(`firedrill undo ${runId}`);
    expect(await inboxOf(runId)).toMatchObject([{ kind: 'abort', reason: 'enough' }, { kind: 'abort' }]);
  });

  it.each(['resume', 'undo'])('to %s a run is refused where nothing of it can be', async (command) => {
    const elsewhere = `${runId}-${command}`;
    await begin(test.app, planFor(elsewhere, { environment: 'other' }), 'http://127.0.0.1:4566');
    expect(await on(command, elsewhere)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/began at http:\/\/127\.0\.0\.1:4566[\s\S]*expected +AWS_ENDPOINT_URL=/),
    });
    const env = { ...test.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    expect(await firedrill([command, runId], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${runId} began on AWS`),
    });
    expect(await inboxOf(runId)).toEqual([]);
  });

  it('to undo leaves a run alone that a process drives', async () => {
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner(runId));
    expect(await on('undo', runId)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('driven by another process'),
    });
    expect(await inboxOf(runId)).toEqual([]);
    await lock!.release();
  });

  it.each(['approve', 'abort'])('comes too late for a run that is over (%s)', async (command) => {
    expect(await on(command, 'r1')).toMatchObject({ code: 2, stderr: expect.stringContaining('is over') });
  });

  it('to carry on a run that is over gives its record and its exit code', async () => {
    const { code, stdout, stderr } = await on('resume', 'r1', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ runId: 'r1', verdict: 'pass' });
    expect(stderr).toContain('is over');
  });
});
