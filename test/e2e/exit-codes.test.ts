/** What a run ends with, told apart by scripts from its exit code, and by people from the reason that stands beside it. */
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { Home, runIdIn } from './cli.ts';
import type { Outcome, Running } from './cli.ts';
import { Estate } from './estate.ts';
import { clearFaults, labUp, post } from './lab.ts';
import type { LabUp } from './lab.ts';

const drillFile = (name: string): string => fileURLToPath(new URL(`drills/${name}.yaml`, import.meta.url));

let home: Home;
let lab: LabUp;
let estate: Estate;
let before: unknown;
/** Touch nothing: they run beside the others, though what asks the site not beside runs that cut it off. */
let noTarget: Running;
let badBaseline: Running;
/** The run that could not undo everything. */
let stuck: RunRecord | undefined;

beforeAll(async () => {
  home = await Home.make();
  lab = await labUp(home);
  estate = new Estate(lab);
  before = await estate.describe();
  noTarget = start('no-target');
});

afterAll(() => home.remove());

const start = (name: string, values = 'lab'): Running =>
  home.start('run', drillFile(name), '--values', values, '--json');

async function estateIsAsBefore(): Promise<void> {
  await expect.poll(() => estate.describe(), { interval: 1_000 }).toEqual(before);
}

/** Nothing of the cut can be taken back; where the rest could be, a run would wait for what it is still in use by. */
async function block(message: string): Promise<void> {
  const fault = { kind: 'error', code: 'UnauthorizedOperation', status: 403, message };
  for (const operation of ['ReplaceNetworkAclAssociation', 'DeleteNetworkAcl'])
    await post(lab, 'faults', { service: 'ec2', operation, fault });
}

const recordOf = ({ stdout }: Outcome): RunRecord => JSON.parse(stdout) as RunRecord;

/** The exit code stands in the record and in the list of runs, too. */
async function expectEnd(outcome: Outcome, code: number, expected: Partial<RunRecord>): Promise<RunRecord> {
  expect(outcome.code, outcome.stderr).toBe(code);
  const record = recordOf(outcome);
  expect(record).toMatchObject({ exitCode: code, ...expected });
  const shown = await home.run('runs', 'show', record.runId, '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ runId: record.runId, verdict: record.verdict });
  return record;
}

describe('a run ends with', { timeout: 300_000 }, () => {
  test('0 when what was promised is kept', async () => {
    const outcome = await start('heals').ended;
    const { recovery, recoveryLabel } = await expectEnd(outcome, 0, { verdict: 'pass', undo: 'complete' });
    expect(recovery.measured!.upperMs).toBeGreaterThan(1_000);
    expect(recoveryLabel).toBe('unaided');
  });

  test('1 when a promise is broken, and says by how much', async () => {
    const { reasons } = await expectEnd(await start('impossible').ended, 1, { verdict: 'fail', undo: 'complete' });
    expect(reasons.join('\n')).toMatch(/Recovery took up to \d[^;]*; the objective rto is 100 ms\./);
  });

  test('3 when the drill finds nothing to break, before anything is touched', async () => {
    const { code, stderr } = await noTarget.ended;
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/target-not-found/);
    expect(stderr).toMatch(/none/);
    expect(stderr).not.toMatch(/→ cut/);
  });

  test('3 when nobody notices the fault, which is not a pass', async () => {
    badBaseline = start('bad-baseline', 'lab,patient');
    const { reasons } = await expectEnd(await start('harmless', 'lab,patient').ended, 3, {
      verdict: 'inconclusive',
      undo: 'complete',
    });
    expect(reasons.join('\n')).toMatch(/No probe saw the fault/);
    await estateIsAsBefore();
  });

  test.each([
    ['the command "abort"', (run: Running) => home.run('abort', runIdIn(run.said()), '--reason', 'customers complain')],
    ['Ctrl-C', (run: Running) => run.child.kill('SIGINT')],
  ])('4 when a person aborts with %s, and undoes at once', async (_, abort) => {
    const run = start('waits', 'lab,patient');
    await run.says(/→ told/);
    const from = performance.now();
    await abort(run);
    const outcome = await run.ended;
    // It would have waited for five minutes.
    expect(performance.now() - from).toBeLessThan(240_000);
    const { reasons, steps } = await expectEnd(outcome, 4, { verdict: 'aborted', undo: 'complete' });
    expect(reasons.join('\n')).toMatch(/customers complain|SIGINT/);
    expect(steps.find(({ id }) => id === 'cut')).toMatchObject({ state: 'undone' });
    await estateIsAsBefore();
  });

  test('5 when the way back is blocked, and says what a person must do', async () => {
    const run = start('waits', 'lab,patient');
    await run.says(/→ told/);
    await block('not allowed any more');
    await home.run('abort', runIdIn(run.said()));
    const outcome = await run.ended;
    await clearFaults(lab);
    const { runId, reasons, steps } = await expectEnd(outcome, 5, { verdict: 'aborted', undo: 'incomplete' });
    expect(steps.find(({ id }) => id === 'cut')).toMatchObject({ state: 'undo-failed' });
    expect(reasons.join('\n')).toMatch(/cut.*not allowed any more/s);
    const shown = await home.run('runs', 'show', runId);
    expect(shown.stdout).toMatch(/What you must do now/);
    expect(shown.stdout).toMatch(/not allowed any more/);
    stuck = JSON.parse(outcome.stdout) as RunRecord;
  });

  test('and is taken back by "undo" when the way is free, which leaves the verdict alone', async () => {
    const { runId } = stuck!;
    await block('still not allowed');
    const blocked = await home.run('undo', runId);
    await clearFaults(lab);
    expect(blocked.code, blocked.stderr).toBe(5);
    expect(blocked.stdout).toMatch(/a person is still needed:\n {2}cut: .*still not allowed.*Put .* back by hand/s);

    const undo = await home.run('undo', runId, '--json');
    expect(undo.code, undo.stderr).toBe(0);
    expect(undo.stderr).toMatch(/cut undone/);
    await estateIsAsBefore();
    const record = recordOf(undo);
    const { verdict, undo: undoAtEnd, exitCode, reasons, recordHash } = stuck!;
    expect(record).toMatchObject({ verdict, undo: undoAtEnd, exitCode, reasons, recordHash });
    expect(record.addenda).toMatchObject([
      { undone: expect.any(Array), undo: 'incomplete' },
      {
        by: userInfo().username,
        undone: expect.arrayContaining([expect.stringMatching(/^cut\/deny-all/)]),
        undo: 'complete',
        left: [],
      },
    ]);
    expect(record.steps.find(({ id }) => id === 'cut')).toMatchObject({ state: 'undone' });
    expect(record.events.pending).toBe(0);

    const again = await home.run('undo', runId);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing left to take back') });
    const verified = await home.run('verify', runId);
    expect(verified.code, verified.stdout).toBe(0);
    const tail = await home.run('events', 'tail', '--until-empty', '--json');
    const own = tail.stdout
      .split('\n')
      .filter((line) => line.includes(runId))
      .map((line) => JSON.parse(line) as { type: string; data: { seq: number } });
    expect(own.at(-1)!.type).toBe('firedrill.undo.ended');
    expect(own.map(({ data }) => data.seq)).toEqual(own.map((_, n) => n + 1));
  });

  // Last: it waits for a minute, beside those that do no harm.
  test('3 when users were not served before the fault, which is then not injected', async () => {
    const outcome = await badBaseline.ended;
    const { reasons, steps } = await expectEnd(outcome, 3, { verdict: 'inconclusive', undo: 'none' });
    expect(reasons.join('\n')).toMatch(/missing(: last measured| is (bad \(status 404\)|unknown \(prober stalled\)))/);
    expect(steps.find(({ id }) => id === 'cut')).toMatchObject({ state: 'none', awsCalls: 0 });
    await estateIsAsBefore();
  });
});
