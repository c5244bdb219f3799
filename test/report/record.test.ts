import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/event.ts';
import { junitReport } from '../../src/report/junit.ts';
import { toRecord, toView } from '../../src/report/record.ts';
import { runStory } from '../../src/report/run-story.ts';
import { textReport } from '../../src/report/text.ts';
import { mustDo, verdictWord } from '../../src/report/wording.ts';
import { LogBuilder, planOf } from './log-builder.ts';
import { abortedRun, goneWithLab, passedRun, retried, stuckRun, unfinishedRun } from './runs.ts';

const events = { published: 3, pending: 0 };
const stepsOf = (entries: readonly LogEntry[]) =>
  Object.fromEntries(toRecord(entries, events).steps.map((step) => [step.id, step]));

describe('the record of a finished run', () => {
  it('carries the judgement, the hashes and who stands behind it', () => {
    const { entries } = passedRun();
    const record = toRecord(entries, events);
    expect(record).toMatchObject({
      schemaVersion: 1,
      runId: 'r1',
      drill: 'regional-failover',
      environment: 'lab',
      verdict: 'pass',
      undo: 'rolled-forward',
      exitCode: 0,
      startedAt: '2026-03-14T09:00:00.000Z',
      endedAt: '2026-03-14T09:00:37.000Z',
      accounts: ['000000000000'],
      regions: ['eu-central-1', 'eu-west-1'],
      recordHash: entries.at(-1)!.hash,
      startedBy: 'ada@example.com',
      approvals: [{ by: 'firedrill rehearse', automatic: true }],
      objectives: { rtoMs: 1_200_000, rpoMs: 60_000, failbackMs: 300_000, failbackRpoMs: 0 },
      events,
    });
  });

  it('leaves out what was not promised or measured, instead of writing 0', () => {
    const record = JSON.parse(JSON.stringify(toRecord(abortedRun().entries, events))) as Record<string, object>;
    expect(record['recovery']).not.toHaveProperty('rto');
    expect(record['objectives']).not.toHaveProperty('recoveryMs');
  });

  it('folds several parts into one step, with its calls and its duration on the monotonic clock', () => {
    expect(stepsOf(passedRun().entries)['lose']).toMatchObject({
      state: 'undone',
      attempts: 1,
      durationMs: 150,
      awsCalls: 8,
      startedAt: '2026-03-14T09:00:06.000Z',
    });
  });

  it('counts an undo step from the first thing that it takes back', () => {
    expect(stepsOf(passedRun().entries)['heal']).toMatchObject({ state: 'settled', attempts: 1, durationMs: 490 });
  });

  it('tells skipped, unreached and interrupted steps apart', () => {
    const steps = stepsOf(abortedRun().entries);
    expect([steps['close']!.state, steps['fence']!.state, steps['alarm']!.state]).toEqual(['skipped', 'none', 'begun']);
    expect(steps['fence']).toMatchObject({ attempts: 0, startedAt: undefined, durationMs: undefined });
  });

  it('keeps the error of a step whose undo failed', () => {
    expect(stepsOf(stuckRun().entries)['cut']).toMatchObject({
      state: 'undo-failed',
      error: { code: 'changed-by-someone-else' },
    });
  });

  it('names of several parts that could not be undone the one that stood in the way first', () => {
    const log = new LogBuilder(
      planOf({
        runId: 'r9',
        name: 'x',
        title: 'x',
        steps: [{ id: 'a', uses: 'ec2/isolate-subnets', phase: 'inject', effect: 'changes' }],
      }),
    );
    const stuck = (ms: number, part: string, message: string) =>
      log
        .add(ms, { type: 'step.undoing', step: 'a', part })
        .add(ms + 1, { type: 'step.undo-failed', step: 'a', part, error: { code: 'c', message } });
    log.begin(100, 'a', { name: 'acl', touches: 'acl' }).begin(200, 'a', { name: 'subnet', touches: 'subnet' });
    stuck(300, 'subnet', 'not allowed');
    stuck(400, 'acl', 'in use');
    expect(toView(log.entries, events).steps[0]!.error).toMatchObject({ message: 'not allowed' });
    stuck(500, 'subnet', 'still not allowed');
    stuck(600, 'acl', 'still in use');
    expect(toView(log.entries, events).steps[0]!.error).toMatchObject({ message: 'still not allowed' });
    log.add(700, { type: 'step.undoing', step: 'a', part: 'subnet' });
    log.add(701, { type: 'step.undone', step: 'a', part: 'subnet' });
    expect(toView(log.entries, events).steps[0]!.error).toMatchObject({ message: 'still in use' });
  });

  it('says undoing while one part of a step still stands', () => {
    const { entries } = passedRun();
    const cut = entries.findIndex(({ event }) => event.type === 'step.undone');
    const steps = toView(entries.slice(0, cut + 1), events).steps;
    expect(steps.find(({ id }) => id === 'lose')!.state).toBe('undoing');
  });

  it('counts one more attempt for each takeover in the middle of a step', () => {
    const { entries } = unfinishedRun();
    const log = new LogBuilder(
      planOf({ runId: 'r9', name: 'x', title: 'x', steps: [{ id: 'a', uses: 'wait', phase: 'recover' }] }),
    );
    log.begin(100, 'a', { touches: 'x' }).add(200, { type: 'run.claimed', owner: 'node-b', attempt: 2 });
    log.add(300, { type: 'step.settled', step: 'a', part: 'main', awsCalls: 0 });
    log.add(300, { type: 'step.succeeded', step: 'a', outputs: {} });
    log.add(400, { type: 'run.claimed', owner: 'node-c', attempt: 3 });
    expect(toView(log.entries, events).steps[0]!.attempts).toBe(2);
    expect(toView(log.entries, events).takeovers).toBe(2);
    expect(toView(entries, events).takeovers).toBe(0);
  });

  it('shows what was taken back after the end, and stays what it was in verdict, reasons and hash', () => {
    const { entries } = stuckRun();
    const before = toRecord(entries, events);
    const after = toRecord(retried({ entries }), events);
    const { addenda, steps, resources, ...rest } = after;
    expect({ ...rest, steps: before.steps, resources: before.resources }).toEqual(before);
    expect(addenda).toEqual([
      {
        by: 'grace',
        startedAt: expect.stringMatching(/^2026/),
        endedAt: expect.stringMatching(/^2026/),
        undone: ['copy/main', 'cut/main'],
        undo: 'complete',
        left: [],
      },
    ]);
    expect(steps).toMatchObject([
      { id: 'cut', state: 'undone', error: undefined },
      { id: 'copy', state: 'undone', error: { code: 'timed-out' } },
    ]);
    expect(resources.map(({ state }) => state)).toEqual(['deleted']);
    expect(before.resources.map(({ state }) => state)).toEqual(['leaked']);
    expect(before.addenda).toBeUndefined();
    expect(toView(retried({ entries }), events)).toMatchObject({ addenda: 6, state: 'finished' });
  });

  it('asks nobody to act any more once nothing is left, and says who saw to it', () => {
    const { entries } = stuckRun();
    const stuck = toRecord(entries, events);
    expect(mustDo(stuck)).not.toEqual([]);
    const free = toRecord(retried({ entries }), events);
    expect(mustDo(free)).toEqual([]);
    expect(verdictWord(stuck)).toBe('needs a person');
    expect(verdictWord(free)).not.toBe('needs a person');
    const text = textReport(free, { columns: 100, color: false });
    expect(text).not.toContain('What you must do now');
    expect(text).toMatch(/After the run\n.*grace asked for took copy\/main and cut\/main back\. Nothing\s+is left\./);
    expect(junitReport([free])).not.toContain('undo-incomplete');
    expect(junitReport([stuck])).toContain('undo-incomplete');
  });

  it('asks nobody to act any more once its lab is gone, and says that this is no undo', () => {
    const { entries } = stuckRun();
    const gone = toRecord(goneWithLab({ entries }), events);
    expect(gone).toMatchObject({ undo: 'incomplete', exitCode: 5, addenda: [{ undo: 'incomplete', gone: true }] });
    expect(mustDo(gone)).toEqual([]);
    expect(verdictWord(gone)).toBe('failed');
    const text = textReport(gone, { columns: 100, color: false });
    expect(text).not.toMatch(/What you must do now|person/);
    expect(text).toMatch(/the rest went with its lab\.[^]*After the run\n.*the lab does not exist any more/);
    expect(junitReport([gone])).not.toContain('undo-incomplete');
    const story = runStory(goneWithLab({ entries }), gone, { columns: 100, color: false });
    expect(story).toMatch(/copy: created by the drill and gone with its lab/);
    expect(story).toMatch(/\d {2}the lab does not exist any more, and what was left went with it\n/);
  });

  it('asks for what is still left when taking it back again did not help', () => {
    const { entries } = stuckRun();
    const record = toRecord(retried({ entries }, ['cut']), events);
    expect(verdictWord(record)).toBe('needs a person');
    expect(mustDo(record)).toEqual(['cut: denied again. Allow it to the drill role.']);
    expect(textReport(record, { columns: 100, color: false })).toContain('Still left: 1 thing.');
  });

  it('refuses a run that has not finished', () => {
    expect(() => toRecord(unfinishedRun().entries, events)).toThrow(
      expect.objectContaining({ code: 'run-unfinished' }),
    );
  });

  it('refuses a log without its beginning', () => {
    const { entries } = passedRun();
    expect(() => toRecord(entries.slice(1), events)).toThrow(expect.objectContaining({ code: 'log-incomplete' }));
  });
});

describe('the resource ledger', () => {
  const ledger = (entries: readonly LogEntry[]) =>
    toRecord(entries, events).resources.map(({ createdBy, state }) => `${createdBy} ${state}`);

  it('adopts what the estate needs after a failback, and keeps what was set aside', () => {
    expect(ledger(passedRun().entries)).toEqual([
      'keep-old kept',
      'rebuild adopted',
      'keep-passive kept',
      'rebuild-passive adopted',
    ]);
  });

  it('never lists fences, promotions or faults: they create nothing', () => {
    const created = toRecord(passedRun().entries, events).resources.map(({ createdBy }) => createdBy);
    expect(created).not.toContain('fence');
    expect(created).not.toContain('promote');
    expect(created).not.toContain('lose');
  });

  const create = (keep?: string) => {
    const steps = [{ id: 'copy', uses: 'ec2/launch-instance', phase: 'recover', effect: 'creates', keep } as const];
    const log = new LogBuilder(planOf({ runId: 'c', name: 'c', title: 'c', steps }));
    return log.step(100, 200, 'copy', { touches: 'copy-c', arn: 'arn:copy' });
  };
  const judgement = {
    verdict: 'pass',
    undo: 'complete',
    recoveryLabel: 'aided',
    exitCode: 0,
    reasons: [],
    recovery: { declared: {}, phases: [] },
    probes: [],
  } as const;

  it('counts a removed creation as deleted', () => {
    const { entries } = create().undo(1_000, 1_150, 'copy').add(1_200, { type: 'run.closing' });
    const view = toView(entries, events);
    expect(view.resources).toEqual([{ arn: 'arn:copy', createdBy: 'copy', state: 'deleted' }]);
  });

  const refused = (code: string, undone: { nothing?: true }) => {
    const steps = [{ id: 'copy', uses: 'rds/restore-snapshot', phase: 'recover', effect: 'creates' } as const];
    const log = new LogBuilder(planOf({ runId: 'c', name: 'c', title: 'c', steps }));
    const part = { step: 'copy', part: 'main' };
    log.begin(100, 'copy', { touches: 'copy-c' });
    log.add(200, { type: 'step.failed', ...part, error: { code, message: 'no' }, awsCalls: 1 });
    expect(toView(log.entries, events).resources.map(({ state }) => state)).toEqual(['standing']);
    log.add(300, { type: 'step.undoing', ...part }).add(400, { type: 'step.undone', ...part, ...undone });
    return ledger(log.finish(2_000, judgement));
  };

  it.each(['name-taken', 'aws-quota'])(
    'leaves out what AWS refused to create (%s), once nothing is seen of it',
    (code) => {
      expect(refused(code, { nothing: true })).toEqual([]);
    },
  );

  it('keeps what was refused and found all the same, and what nobody knows to have been refused', () => {
    expect(refused('aws-quota', {})).toEqual(['copy deleted']);
    expect(refused('indeterminate', { nothing: true })).toEqual(['copy deleted']);
  });

  it('calls what is still there at the end leaked, unless the drill says why it may stay', () => {
    expect(ledger(create().finish(2_000, judgement))).toEqual(['copy leaked']);
    expect(ledger(create('the team looks at it').finish(2_000, judgement))).toEqual(['copy kept']);
  });

  it('leaves the fate of a creation open while the run is on', () => {
    expect(toView(create().entries, events).resources[0]!.state).toBe('standing');
  });
});

describe('the view of a run that is still on', () => {
  it('says where it is, what it waits for and since when, and has no verdict', () => {
    const view = toView(unfinishedRun().entries, events);
    expect(view).toMatchObject({ state: 'forward', phase: 'decide', record: undefined });
    expect(view.waitingFor).toEqual([
      expect.objectContaining({
        step: 'go',
        question: 'Fail over?',
        since: expect.objectContaining({ at: '2026-03-14T09:00:08.320Z' }),
      }),
    ]);
    expect(view.probes).toEqual({ read: { state: 'bad', why: 'timeout' }, write: { state: 'bad', why: 'timeout' } });
  });

  it('waits for the undo once the run has turned, and no longer for what was interrupted', () => {
    const { entries } = abortedRun();
    const undoing = entries.findIndex(({ event }) => event.type === 'step.undoing');
    const waits = toView(entries.slice(0, undoing + 1), events).waitingFor;
    expect(waits.map(({ step, uses }) => [step, uses])).toEqual([['lose', 'undo of ec2/isolate-subnets']]);
    expect(toView(entries.slice(0, undoing), events).waitingFor).toEqual([]);
  });

  it('shows a turned run as turned until it closes, and a finished one with its record', () => {
    const { entries } = abortedRun();
    const upTo = (type: string) => entries.slice(0, entries.findIndex(({ event }) => event.type === type) + 1);
    expect(toView(upTo('run.turned'), events).state).toBe('turned');
    expect(toView(upTo('run.closing'), events).state).toBe('closing');
    expect(toView(entries, events)).toMatchObject({
      state: 'finished',
      waitingFor: [],
      record: { verdict: 'aborted' },
    });
  });
});
