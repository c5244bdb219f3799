import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/event.ts';
import { failureLike } from '../../src/cli/availability-show.ts';
import { availabilityOf, availabilityText } from '../../src/report/availability.ts';
import { csvReport } from '../../src/report/csv.ts';
import { htmlReport } from '../../src/report/html.ts';
import { junitReport } from '../../src/report/junit.ts';
import { notProven, planNotes } from '../../src/report/limits.ts';
import { createLive } from '../../src/report/live.ts';
import { periodText } from '../../src/report/period-text.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { toRecord } from '../../src/report/record.ts';
import { timeSpent } from '../../src/report/restored.ts';
import { textReport } from '../../src/report/text.ts';
import { objectiveLines } from '../../src/report/objectives.ts';
import { summary } from '../../src/report/wording.ts';
import { attack } from './hostile.ts';
import {
  emptyRestore,
  hollowRestore,
  killedRestore,
  refusedRestore,
  restoreRun,
  slowRestore,
  stoppedRestore,
  undecidedRestore,
} from './restores.ts';

const minuteMs = 60_000;
const recordOf = (entries: readonly LogEntry[]) => toRecord(entries, { published: 40, pending: 0 });

const logs = {
  passed: restoreRun(),
  empty: emptyRestore(),
  refused: refusedRestore(),
  hollow: hollowRestore(),
  slow: slowRestore(),
  undecided: undecidedRestore(),
  stopped: stoppedRestore(),
  killed: killedRestore(),
};
const records = {
  passed: recordOf(logs.passed),
  empty: recordOf(logs.empty),
  refused: recordOf(logs.refused),
  hollow: recordOf(logs.hollow),
  slow: recordOf(logs.slow),
  undecided: recordOf(logs.undecided),
  stopped: recordOf(logs.stopped),
  killed: recordOf(logs.killed),
};
const pageOf = (entries: readonly LogEntry[]): string =>
  htmlReport({ record: recordOf(entries), entries, samples: [] }).replaceAll('\u00a0', ' ');

describe.each(Object.entries(records))('the %s restore', (name, record) => {
  it('reads as agreed on a terminal, as Markdown and for CI', async () => {
    const text = (columns: number) => textReport(record, { columns, color: false });
    await expect(text(100)).toMatchFileSnapshot(`golden/restore-${name}.txt`);
    await expect(text(40)).toMatchFileSnapshot(`golden/restore-${name}.narrow.txt`);
    await expect(markdownReport(record)).toMatchFileSnapshot(`golden/restore-${name}.md.txt`);
    await expect(junitReport([record])).toMatchFileSnapshot(`golden/restore-${name}.xml`);
  });

  it('is told of without users, writes or interruptions, which no restore has', () => {
    const texts = [
      textReport(record, { columns: 200, color: false }),
      markdownReport(record),
      pageOf(logs[name as 'passed']),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(/users saw|acknowledged|unavailable|interrupt|failover|on a time line/i);
      expect(text).not.toMatch(/NaN|undefined|\[object/);
    }
  });
});

it.each([['passed'], ['empty']] as const)(
  'a %s restore goes on with a line for each check as it is made',
  async (name) => {
    let text = '';
    const live = createLive({ live: false, color: false, columns: 100, write: (more) => (text += more) });
    for (const entry of logs[name]) live.entry(entry);
    live.close();
    await expect(text).toMatchFileSnapshot(`golden/live-restore-${name}.txt`);
  },
);

describe('a restore whose rehearsal was killed', () => {
  const texts = [
    textReport(records.killed, { columns: 200, color: false }),
    markdownReport(records.killed),
    pageOf(logs.killed),
  ];

  it('is called unfinished, where it was, and its lab gone', () => {
    for (const text of texts) {
      expect(text).toMatch(/unfinished/i);
      expect(text).toContain('killed at step restored');
      expect(text).toContain('Its lab is gone, and all that the drill had changed in it.');
    }
  });

  it('is not said to be checked, but as far as it came', () => {
    expect(pageOf(logs.killed)).toContain('The one check holds. The run looked no further.');
    expect(pageOf(logs.passed)).toContain('All 10 checks hold.</p>');
  });

  it('is called unfinished among other runs, too', () => {
    const text = periodText([records.killed, records.refused], { columns: 120, color: false });
    expect(text).toMatch(/2026-03-14 {2}unfinished +not measured +not measured +d6/);
    expect(text).toMatch(/2026-03-14 {2}inconclusive +not measured +not shown +d3/);
  });

  it('is not said to have changed nothing, to have left anything, or to have gone on until somebody looked', () => {
    for (const text of texts) {
      expect(text).not.toMatch(/nothing had been changed|left behind|2 attempts|24 h/i);
      expect(text).toMatch(/took 41 s/);
    }
    expect(records.killed).toMatchObject({ killed: true, verdict: 'aborted', endedAt: '2026-03-14T09:00:41.010Z' });
    expect(records.killed.resources).toMatchObject([{ createdBy: 'launch', state: 'deleted' }]);
  });
});

describe('a check that nothing stood against', () => {
  const said = 'orders (id): 2000 rows read, checksum 17782c6a09531fcaaa2fb27bcb0752d2, compared with nothing.';
  const entries = restoreRun({ checks: { checksums: { holds: true, said, notShown: true } } });
  const record = recordOf(entries);
  const text = textReport(record, { columns: 200, color: false });

  it('has no tick in any report, and is not counted among those that hold', () => {
    expect(record.steps.at(-1)!.checks).toContainEqual(expect.objectContaining({ name: 'checksums', notShown: true }));
    expect(text).toMatch(/^ {2}– checksums [\s\S]*?compared with\s+nothing/m);
    expect(text).toContain('The backup was restored, and 9 checks hold; nothing is shown by checksums.');
    expect(markdownReport(record)).toMatch(/\| – \| `checksums` \| \*\*shows nothing:\*\*/);
    expect(pageOf(entries)).toMatch(/– checksums/);
    expect(junitReport([record])).toMatch(/name="contents: checksums"[^>]*><skipped message="shows nothing: orders/);
    expect(csvReport([record])).toContain(',contents: checksums,');
  });

  it('is named by the verdict, which other checks may still carry', () => {
    expect(record.verdict).toBe('pass');
    expect(record.reasons[0]).toMatch(/^9 checks hold: .*\. Nothing is shown by checksums\.$/);
    let live = '';
    const display = createLive({ live: false, color: false, columns: 200, write: (more) => (live += more) });
    for (const entry of entries) display.entry(entry);
    display.close();
    expect(live).toMatch(/– contents checksums: /);
  });

  it('carries no verdict alone', () => {
    const names = [
      'connects',
      'not-the-source',
      'version',
      'schema',
      'rows',
      'checksums',
      'freshness',
      'queries',
      'negative-control',
    ];
    const idle = Object.fromEntries(names.map((name) => [name, { holds: true, said, notShown: true }]));
    expect(recordOf(restoreRun({ checks: idle })).verdict).toBe('inconclusive');
  });
});

describe('a restore of a backup that says only when it was uploaded', () => {
  const entries = restoreRun({ uploaded: true, rowsDated: false });
  const record = recordOf(entries);

  it('is told to be at least so old everywhere, and never just so old', () => {
    const texts = [textReport(record, { columns: 120, color: false }), markdownReport(record), pageOf(entries)];
    for (const text of texts) {
      expect(text).toMatch(/at least 7 h 59 min/);
      expect(text).not.toMatch(/(?<!at least )7 h 59 min/);
      expect(text).toMatch(/backup\s+uploaded\s+2026-03-14/);
    }
    expect(objectiveLines(record).find(({ name }) => name === 'RPO')).toMatchObject({
      outcome: 'not shown',
      measured: 'at least 7 h 59 min',
    });
    expect(junitReport([record])).toContain('RPO is not shown by at least 7 h 59 min: ');
    expect(notProven(record).join()).toContain('The age of the data: its backup says when it was uploaded');
    expect(record.verdict).toBe('inconclusive');
  });

  it('misses a promise that even its upload is too old for', () => {
    const late = recordOf(
      restoreRun({ uploaded: true, rowsDated: false, over: { objectives: { rpoMs: 4 * 3_600_000 } } }),
    );
    expect(late.verdict).toBe('fail');
    expect(objectiveLines(late).find(({ name }) => name === 'RPO')).toMatchObject({
      outcome: 'missed',
      measured: 'at least 7 h 59 min',
    });
  });
});

describe('a restore whose script failed', () => {
  const why = 'ERROR:  extension "postgis" is not <available>';
  const message = `the restore failed: it ended with status 1\nstarting\n${why}\nCommand was: CREATE EXTENSION postgis;`;
  const entries = restoreRun({ broken: { after: 'connects', error: { code: 'restore-failed', message } } });
  const record = recordOf(entries);

  it('has what the script wrote as its first reason, line by line', () => {
    expect(record.reasons[0]).toBe(`Step contents failed: ${message.replace('status 1', 'status 1.')}`);
    const text = textReport(record, { columns: 120, color: false });
    expect(text).toContain(
      [
        'Why',
        '  - Step contents failed: the restore failed: it ended with status 1.',
        '      | starting',
        `      | ${why.replace('  ', ' ')}`,
        '      | Command was: CREATE EXTENSION postgis;',
      ].join('\n'),
    );
    expect(markdownReport(record)).toMatch(
      / {2}> ERROR: {1,2}extension "postgis" is not &lt;available&gt;\\\n {2}> Command was/,
    );
    expect(pageOf(entries)).toMatch(
      /<pre>starting\nERROR: {2}extension &quot;postgis&quot; is not &lt;available&gt;\nCommand was/,
    );
    expect(junitReport([record])).toMatch(/message="Step contents failed: [^"]*status 1\."/);
  });

  it('has it once: the step says in a sentence that it failed', () => {
    for (const text of [textReport(record, { columns: 120, color: false }), markdownReport(record), pageOf(entries)]) {
      expect(text.match(/Command was/g)).toHaveLength(1);
      expect(text).toMatch(/status 1 \\?\(restore-failed\\?\)/);
    }
  });

  it('shows it at once while it runs', () => {
    let live = '';
    const display = createLive({ live: false, color: false, columns: 100, write: (more) => (live += more) });
    for (const entry of entries) display.entry(entry);
    display.close();
    expect(live).toMatch(
      /✗ contents failed: .*status 1\n.*\| starting\n.*\| ERROR: .*\n.*\| Command was: CREATE EXTENSION postgis;\n/,
    );
  });
});

it('a restore that nobody looked into keeps no promise of time', () => {
  expect(objectiveLines(records.hollow)[0]).toMatchObject({
    name: 'RTO',
    outcome: 'not shown',
    measured: '37 min 36 s',
  });
  expect(textReport(records.hollow, { columns: 120, color: false })).toMatch(
    /\? RTO {2}37 min 36 s .*nothing was checked/,
  );
  expect(junitReport([records.hollow])).toMatch(/type="not-shown" message="RTO is not shown by 37 min 36 s: /);
});

it('a restore that broke off is held against no promise of time', () => {
  expect(timeSpent(records.empty)).toMatchObject({ promisedMs: undefined, totalMs: undefined });
  expect(timeSpent(records.slow)).toMatchObject({ promisedMs: 45 * minuteMs });
});

it('a recovery point that steps say alike is told once', () => {
  const rpo = records.passed.recovery.rpo!;
  const [found] = rpo.recoveryPoints!;
  const points = [found!, { ...found!, step: 'restored' }];
  const record = {
    ...records.passed,
    recovery: { ...records.passed.recovery, rpo: { ...rpo, recoveryPoints: points } },
  };
  expect(objectiveLines(record).find(({ name }) => name === 'RPO')!.note).toBe(
    'backup of 2026-03-14 01:00:05 UTC (find)',
  );
});

it('a restore has no figures of writes, which nobody made', () => {
  const [head = '', row = ''] = csvReport([records.slow]).split('\r\n');
  const cells = (line: string): string[] => line.match(/("[^"]*"|[^,]*)(,|$)/g)!.map((cell) => cell.replace(/,$/, ''));
  const at = (column: string) => cells(row)[cells(head).indexOf(column)];
  expect([at('lost_writes'), at('acked_writes'), at('failback_upper_ms')]).toEqual(['', '', '']);
  expect(at('recovery_point_age_ms')).toMatch(/^\d+$/);
  expect(JSON.stringify(records.passed.recovery.rpo)).not.toMatch(/Writes/);
});

describe('the words of a restore', () => {
  it('keep measured and declared time apart, and judge both', () => {
    expect(summary(records.slow)[2]).toMatch(
      /^The restore took 39 min 45 s, .*\. With the 30 min declared for people, .* recovery takes 1 h 10 min; promised: at most 45 min\.$/,
    );
    expect(objectiveLines(records.slow)[0]).toMatchObject({ name: 'RTO', outcome: 'missed' });
    expect(records.slow.verdict).toBe('fail');
  });

  it('say that nothing was measured when a check does not hold, rather than a time', () => {
    expect(objectiveLines(records.empty)[0]).toMatchObject({ name: 'RTO', outcome: 'not measured' });
    expect(summary(records.empty)).toContain(
      'How long it takes was not measured, because not all checks of the restored data hold.',
    );
    expect(timeSpent(records.empty)).toMatchObject({ note: expect.stringContaining('no recovery time') });
    expect(timeSpent(records.empty)).not.toHaveProperty('totalMs', expect.anything());
  });

  it('show every word that was said of the recovery point', () => {
    expect(objectiveLines(records.passed)[1]).toMatchObject({
      name: 'RPO',
      measured: '8 h 1 min',
      note: 'backup of 2026-03-14 01:00:05 UTC (find); newest data of 2026-03-14 01:00:00 UTC (contents)',
    });
    expect(notProven(records.passed).join()).not.toContain('The age of the data');
  });

  it('claim no age of data that was not shown to be there, and break the promise by an old backup all the same', () => {
    expect(objectiveLines(records.empty)[1]).toMatchObject({ name: 'RPO', outcome: 'not measured' });
    expect(summary(records.empty)[1]).toMatch(/^The backup was .* old .* That its data is there was not shown\.$/);
    const objectives = { rpoMs: 60 * minuteMs, failback: {}, declared: {} };
    const old = recordOf(restoreRun({ verified: false, over: { objectives } }));
    expect(old.verdict).toBe('fail');
    expect(objectiveLines(old).find(({ name }) => name === 'RPO')).toMatchObject({ outcome: 'missed' });
  });

  it('take a backup that was found for no data that was looked at', () => {
    expect(records.hollow.verdict).toBe('inconclusive');
    const undated = { ...records.hollow, recovery: { ...records.hollow.recovery, rpo: undefined } };
    for (const record of [records.hollow, undated]) {
      expect(summary(record)[0]).toBe('Nothing was checked of what was restored.');
    }
  });

  it('own up where only the backup itself says how old it is, and where the words contradict each other', () => {
    const own = recordOf(restoreRun({ rowsDated: false }));
    expect(own.verdict).toBe('pass');
    expect(notProven(own)).toContain(
      'The age of the data itself: the backup says how old it is, and no check looked at its newest row.',
    );
    const young = recordOf(restoreRun({ rowsAtMs: -60 * minuteMs }));
    expect(young.verdict).toBe('pass');
    expect(notProven(young).join()).toContain(
      'one of the two dates is wrong, or something writes to the restored database',
    );
  });

  it('tell checks that could not decide from those that do not hold, and from a restore that did not succeed', () => {
    expect(records.undecided).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(summary(records.undecided)).toEqual([
      'The backup was restored, but 2 of 10 checks of the restored data could not decide: rows and checksums.',
      expect.stringMatching(/^The backup was .* old .* not shown\.$/),
      'How long it takes was not measured, because not all checks of the restored data could decide.',
      expect.stringContaining('deleted again'),
    ]);
    expect(objectiveLines(records.undecided)[1]!.note).toContain(
      '; not all checks of the restored data could decide, so',
    );
    const texts = [
      textReport(records.undecided, { columns: 120, color: false }),
      markdownReport(records.undecided),
      pageOf(logs.undecided),
      junitReport([records.undecided]),
    ];
    for (const text of texts) expect(text).not.toMatch(/not\s+hold|did\s+not\s+succeed/);
    const both = recordOf(
      restoreRun({
        checks: {
          rows: { holds: false, said: 'orders has no row.' },
          checksums: { holds: false, said: 'The manifest has no checksum of orders.', provesNothing: true },
        },
      }),
    );
    expect(summary(both)[0]).toBe(
      '1 of 10 checks of the restored data does not hold: rows; 1 could not decide: checksums.',
    );
    expect(textReport(both, { columns: 120, color: false })).toContain(
      '1 of 9 checks does not hold, and 1 could not decide',
    );
  });

  it('keep what was proven before a stop took hold, and say what was not where it took hold before', () => {
    const { stopped } = records;
    expect(stopped).toMatchObject({ verdict: 'aborted', exitCode: 4 });
    expect(summary(stopped).slice(0, 2)).toEqual([
      'The backup was restored, and all 10 checks hold. The drill was stopped only after that.',
      expect.stringMatching(/^The data was 8 h 1 min old/),
    ]);
    expect(objectiveLines(stopped)).toMatchObject([
      { name: 'RTO', outcome: 'met' },
      { name: 'RPO', outcome: 'met' },
    ]);
    expect(notProven(stopped).join()).not.toContain('The age of the data');
    expect(summary({ ...records.hollow, verdict: 'aborted' })[0]).toBe('Nothing was checked of what was restored.');
    const error = { code: 'aborted', message: 'it was stopped', provesNothing: true } as const;
    const early = recordOf(restoreRun({ stoppedAt: 'rows', broken: { after: 'rows', error } }));
    expect(early.verdict).toBe('aborted');
    expect(early.recovery.measured).toBeUndefined();
    const why = 'the drill was stopped before the restored data was checked to the end';
    expect(objectiveLines(early)).toMatchObject([
      { name: 'RTO', outcome: 'not measured' },
      { name: 'RPO', outcome: 'not measured', note: expect.stringContaining(why) },
    ]);
    expect(timeSpent(early)!.note).toMatch(/^The drill was stopped before the restored data was checked/);
  });

  it('name what the drill did not ask of the data, in every report', () => {
    const asked = ['connects', 'not-the-source', 'version', 'rows', 'negative-control'];
    const entries = restoreRun({ asked, compares: false, rowsDated: false });
    const thin = recordOf(entries);
    const looked =
      'What no check looked at: keys, constraints and indexes (schema), values (checksums) and what the application would ask (queries).';
    const tables =
      'Tables that the drill does not name: without a manifest or a source, nothing says what they should hold.';
    expect(notProven(thin)).toEqual(expect.arrayContaining([looked, tables]));
    expect(textReport(thin, { columns: 120, color: false })).toContain('What no check looked at: keys,');
    expect(markdownReport(thin)).toContain('What no check looked at: keys,');
    expect(pageOf(entries)).toContain(looked);
    expect(thin.steps.at(-1)).not.toHaveProperty('comparesWith');
    expect(records.passed.steps.at(-1)).toMatchObject({ comparesWith: 'manifest' });
    const undated = { ...thin, recovery: { ...thin.recovery, rpo: undefined } };
    expect(notProven(undated).join()).toContain('the age of the newest row (freshness)');
    for (const record of [records.passed, records.refused, records.hollow])
      expect(notProven(record).join()).not.toMatch(/What no check|does not name/);
    expect(notProven({ ...thin, kind: 'recovery' }).join()).not.toMatch(/What no check|does not name/);
    const values = recordOf(restoreRun({ asked: ['checksums'] }));
    expect(notProven(values).join()).not.toContain('numbers of rows');
  });

  it('never show a check as broken that could not decide', () => {
    const check = { holds: false, said: 'The verifier accepted what is false of orders.', provesNothing: true };
    const blind = recordOf(restoreRun({ checks: { 'negative-control': check } }));
    expect(blind.verdict).toBe('inconclusive');
    expect(textReport(blind, { columns: 100, color: false })).toMatch(/\? negative-control/);
    expect(junitReport([blind])).toContain('<error type="check" message="The verifier accepted');
    expect(junitReport([blind])).not.toContain('<failure type="check"');
  });
});

describe('a restore for scripts', () => {
  it('is a test case a check, so that CI shows which one does not hold', () => {
    const xml = junitReport([records.empty]);
    expect(xml).toContain('classname="restore-dump-to-fresh-instance.checks" name="contents: rows"');
    expect(xml.match(/\.checks" name=/g)).toHaveLength(10);
    expect(xml.match(/<failure type="check"/g)).toHaveLength(2);
  });

  it('has its portions, checks and recovery point in a row of a spreadsheet', () => {
    const [head, passed, empty] = csvReport([records.passed, records.empty])
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    const cell = (row: string[], name: string) => row.at(head!.indexOf(name) - head!.length);
    expect(cell(passed!, 'kind')).toBe('restore');
    expect(cell(passed!, 'declared_ms')).toBe('1800000');
    expect(cell(passed!, 'restore_ms')).toBe('360000');
    expect(cell(passed!, 'recovery_point_at')).toBe('2026-03-14T01:00:00.000Z');
    expect(cell(passed!, 'checks')).toBe('10');
    expect(cell(empty!, 'broken_checks')).toBe('"contents: rows; contents: checksums"');
    expect(cell(empty!, 'declared_ms')).toBe('');
  });

  it('feeds the arithmetic of availability with measured and declared time together', () => {
    const failure = failureLike(records.passed, { times: 4, impact: 1 });
    expect(failure.eachMs).toBe(records.passed.recovery.rto!.upperMs);
    expect(failure.eachMs).toBeGreaterThan(37 * minuteMs);
    const updates = { kind: 'update', label: 'update', times: 6, eachMs: 240 * minuteMs, impact: 1 } as const;
    const { availability, target } = availabilityOf([failure, updates], undefined, 0.99);
    expect(Number(availabilityText(availability))).toBeGreaterThan(99.69);
    expect(target!.met).toBe(true);
    expect(() => failureLike(records.empty, { times: 4, impact: 1 })).toThrow('measured no recovery time');
  });
});

describe('the page of a restore', () => {
  it('draws its portions and the declared time against the promise instead of an outage', () => {
    const page = pageOf(logs.slow);
    expect(page).toContain('class="stack flagged"');
    expect(page).toContain('promised 45 min');
    for (const name of ['find', 'launch', 'boot', 'restore', 'verify', 'people'])
      expect(page).toContain(`class="p-${name}"`);
    expect(page).not.toContain('What users saw');
    expect(page).not.toContain('closer:');
    expect(pageOf(logs.passed)).toContain('The measured 7 min 45 s closer:');
    const widths = [...page.matchAll(/class="p-\w+" style="width:([\d.]+)%"/g)].map(([, width]) => Number(width));
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeLessThanOrEqual(100.1);
  });

  it('lets no text of a check become markup', () => {
    const page = pageOf(restoreRun({ checks: { rows: { holds: false, said: attack } } }));
    expect(page).not.toContain('<script');
    expect(page).toContain('class="found bad"');
  });
});

it('names where a note of the plan is so, unless there is one region only', () => {
  expect(planNotes(records.passed)).toEqual(['One t3.small runs, and is paid for, until the drill ends.']);
  const two = { ...records.passed, regions: ['eu-central-1', 'eu-west-1'] };
  const findings = ['eu-central-1', 'eu-west-1', 'eu-west-1'].map((region) => ({
    ...records.passed.findings[0]!,
    regions: [region],
  }));
  expect(planNotes({ ...two, findings })).toEqual([
    'eu-central-1: One t3.small runs, and is paid for, until the drill ends.',
    'eu-west-1: One t3.small runs, and is paid for, until the drill ends.',
  ]);
});
