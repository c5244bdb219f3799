import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { csvReport } from '../../src/report/csv.ts';
import { htmlReport } from '../../src/report/html.ts';
import { jsonReport } from '../../src/report/json.ts';
import { junitReport } from '../../src/report/junit.ts';
import { notProven } from '../../src/report/limits.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { toRecord, toView } from '../../src/report/record.ts';
import { textReport } from '../../src/report/text.ts';
import { mustDo, summary } from '../../src/report/wording.ts';
import { hostile } from './hostile.ts';
import { LogBuilder, planOf } from './log-builder.ts';
import { restoreRun } from './restores.ts';
import { abortedRun, failedRun, passedRun, stuckRun } from './runs.ts';

const record = (run: { entries: Parameters<typeof toRecord>[0] }): RunRecord =>
  toRecord(run.entries, { published: 60, pending: 0 });

const runs = {
  passed: record(passedRun()),
  failed: record(failedRun()),
  aborted: record(abortedRun()),
  stuck: record(stuckRun()),
};

describe.each(Object.entries(runs))('the %s run', (name, run) => {
  it('reads as agreed on a terminal', async () => {
    await expect(textReport(run, { columns: 100, color: false })).toMatchFileSnapshot(`golden/${name}.txt`);
    const narrow = textReport(run, { columns: 40, color: false });
    await expect(narrow).toMatchFileSnapshot(`golden/${name}.narrow.txt`);
  });

  it('reads as agreed as Markdown', async () => {
    await expect(markdownReport(run)).toMatchFileSnapshot(`golden/${name}.md.txt`);
  });

  it('reads as agreed for CI', async () => {
    await expect(junitReport([run])).toMatchFileSnapshot(`golden/${name}.xml`);
  });
});

describe('the text report', () => {
  it.each([40, 60, 72, 80, 120])('keeps to %i columns, but for names that have no gap', (columns) => {
    for (const run of Object.values(runs)) {
      const lines = textReport(run, { columns, color: false }).split('\n');
      const long = lines.filter(
        (line) =>
          line.length > columns &&
          line
            .trim()
            .split(' ')
            .some((word) => word.length < 40),
      );
      expect(long.filter((line) => !line.includes('firedrill ') && !line.includes('arn:'))).toEqual([]);
    }
  });

  it('says everything in 40 columns that it says in 120', () => {
    const words = (columns: number) =>
      textReport(runs.passed, { columns, color: false })
        .split(/[\s·]+/)
        .toSorted();
    expect(words(40)).toEqual(words(120));
  });

  it('says the same with colours as without', () => {
    const plain = textReport(runs.failed, { columns: 100, color: false });
    const coloured = textReport(runs.failed, { columns: 100, color: true });
    expect(coloured).toContain('\u001b[31m');
    // oxlint-disable-next-line no-control-regex -- colours are control sequences
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    const narrow = (color: boolean) => textReport(runs.failed, { columns: 40, color });
    // oxlint-disable-next-line no-control-regex -- the same
    expect(narrow(true).replace(/\u001b\[\d+m/g, '')).toBe(narrow(false));
  });

  it('lets no text from outside steer the terminal', () => {
    const text = textReport(hostile(runs.stuck), { columns: 100, color: false });
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('the words of every report', () => {
  const awsPassed = record(passedRun({ environment: 'aws' }));

  it('calls a rehearsal a rehearsal, in every format that people read', () => {
    for (const text of [textReport(runs.passed, { columns: 200, color: false }), markdownReport(runs.passed)]) {
      expect(text).toContain('it is no evidence about AWS');
    }
    expect(textReport(awsPassed, { columns: 200, color: false })).not.toContain('no evidence');
  });

  it('keeps measured and declared time apart', () => {
    expect(summary(runs.passed)[0]).toBe(
      'The service was unavailable for 6.2 to 6.7 s. With the 10 min declared for people, who had no part in this run, ' +
        'recovery takes 10 min 6 s to 10 min 7 s; promised: at most 20 min.',
    );
    expect(notProven(runs.passed)).toContain('The time people need: 10 min to decide is declared, not measured.');
  });

  it('never claims that nothing was lost when loss was not tested', () => {
    const rpo = { exercised: false, lostWrites: 0, ackedWrites: 9, indeterminateWrites: 0, why: 'replication went on' };
    const run = { ...runs.passed, recovery: { ...runs.passed.recovery, rpo } };
    const text = textReport(run, { columns: 200, color: false });
    expect(text).toContain('Whether writes would be lost was not tested: replication went on.');
    expect(text).not.toContain('None of 9');
    expect(text).toMatch(/\? RPO +not measured/);
  });

  it('says that nothing was lost only with the number of acknowledged writes behind it', () => {
    const rpo = { exercised: true, upperMs: 0, lostWrites: 0, ackedWrites: 1_412, indeterminateWrites: 0 };
    const run = { ...runs.passed, recovery: { ...runs.passed.recovery, rpo } };
    expect(summary(run)[1]).toBe('None of 1,412 acknowledged writes was lost; promised: at most 1 min.');
  });

  it('tells a person what to do exactly when the way back is incomplete', () => {
    expect(mustDo(runs.stuck).join('\n')).toContain('Give it back its network ACL acl-1 by hand.');
    expect(mustDo(runs.stuck).join('\n')).toContain('Delete arn:aws:ec2:eu-central-1:000000000000:instance/i-0f');
    for (const run of [runs.passed, runs.failed, runs.aborted]) expect(mustDo(run)).toEqual([]);
  });

  it('puts the need for a person before the verdict', () => {
    expect(textReport(runs.stuck, { columns: 100, color: false })).toMatch(/^NEEDS A PERSON/);
  });
});

describe('what was taken back', () => {
  const wordsOf = (run: RunRecord, id: string) =>
    new RegExp(`[✓↩] ${id} .*`).exec(textReport(run, { columns: 100, color: false }))![0];

  it('by a step of the drill names it, and is no undo', () => {
    expect(runs.passed.steps.find(({ id }) => id === 'flip')).toMatchObject({ state: 'undone', undoneBy: 'flip-back' });
    expect(wordsOf(runs.passed, 'flip')).toContain('taken back by flip-back');
  });

  it('was deleted where the step had created it, in every format', () => {
    const run = toRecord(restoreRun(), { published: 0, pending: 0 });
    expect(run.steps.find(({ id }) => id === 'launch')).toMatchObject({ state: 'undone', deleted: true });
    expect(wordsOf(run, 'launch')).toMatch(/deleted again$/);
    expect(markdownReport(run)).toContain('↩ deleted again');
    expect(htmlReport({ record: run, entries: restoreRun(), samples: [] }).replaceAll('\u00a0', ' ')).toContain(
      '↩ deleted again',
    );
  });

  it('was not deleted where it never came into being', () => {
    const steps = [{ id: 'copy', uses: 'rds/restore-snapshot', phase: 'recover', effect: 'creates' }] as const;
    const log = new LogBuilder(planOf({ runId: 'r9', name: 'copy', title: 'A copy stands', steps }));
    log.begin(100, 'copy', { touches: 'orders-copy' }).undo(200, 300, 'copy');
    const [copy] = toView(log.entries, { published: 0, pending: 0 }).steps;
    expect(copy).toMatchObject({ state: 'undone' });
    expect(copy).not.toHaveProperty('deleted');
  });

  it('by the run because it was stopped is undone', () => {
    expect(runs.aborted.steps.find(({ id }) => id === 'lose')).not.toHaveProperty('undoneBy', expect.anything());
    expect(wordsOf(runs.aborted, 'lose')).toMatch(/undone$/);
  });
});

it('says of the settle phase that it holds the wait for good to last, and only where there is one', () => {
  for (const text of [textReport(runs.passed, { columns: 100, color: false }), markdownReport(runs.passed)]) {
    expect(text).toContain('Settle holds the time');
  }
  expect(textReport(runs.aborted, { columns: 100, color: false })).not.toContain('Settle');
});

describe('what is left', () => {
  it('is told in words to cost something until somebody deletes it, and only where it does', () => {
    const aws = textReport(runs.stuck, { columns: 100, color: false });
    expect(aws).toContain('left behind: it stays, with what it costs, until somebody deletes it');
    expect(markdownReport(record(passedRun({ environment: 'aws' })))).toContain(
      'kept on purpose: it stays, with what it costs',
    );
    expect(textReport(runs.passed, { columns: 100, color: false })).not.toContain('costs');
  });
});

describe('the report for CI', () => {
  it('is red for every verdict but pass: a drill that proved nothing is an error, not a skipped test', () => {
    const inconclusive: RunRecord = { ...runs.passed, verdict: 'inconclusive', reasons: ['no target'], exitCode: 3 };
    expect(junitReport([inconclusive])).toMatch(/name="verdict"[^>]*><error type="inconclusive" message="no target">/);
    expect(junitReport([runs.passed])).toContain('failures="0" errors="0"');
    expect(junitReport([runs.failed])).toMatch(/name="RTO"[^>]*><failure/);
    expect(junitReport([runs.stuck])).toMatch(/name="way back"[^>]*><error type="undo-incomplete"/);
  });

  it('fails an objective that was not measured', () => {
    const { rpo: _, ...recovery } = runs.passed.recovery;
    expect(junitReport([{ ...runs.passed, recovery }])).toMatch(/name="RPO"[^>]*><error type="not-measured"/);
  });

  it('stays well-formed whatever the text', () => {
    const xml = junitReport([hostile(runs.stuck)]);
    expect(xml).not.toContain('<script');
    // oxlint-disable-next-line no-control-regex -- XML forbids them
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    expect(xml.match(/<testcase /g)!.length).toBe(Number(/tests="(\d+)"/.exec(xml)![1]));
  });
});

describe('the table of runs', () => {
  it('has one row a run under a heading, with empty cells for what was not measured', () => {
    const rows = csvReport([runs.passed, runs.aborted]).trimEnd().split('\r\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('rto_upper_ms');
    expect(rows[1]).toContain('"Orders survive losing a region within 20 min, at most 1 min of writes lost"');
    const column = rows[0]!.split(',').indexOf('rto_upper_ms') + 1; // the title holds a comma
    expect([rows[1]!.split(',')[column], rows[2]!.split(',')[column]]).toEqual(['606620', '']);
  });

  it('gives a spreadsheet nothing to compute', () => {
    const csv = csvReport([{ ...runs.passed, title: '=HYPERLINK("http://evil")', startedBy: '@SUM(A1)' }]);
    expect(csv).toContain(`"'=HYPERLINK(""http://evil"")"`);
    expect(csv).toContain("'@SUM(A1)");
  });

  it.each([
    ['a tab', '\t=1+1', "' =1+1"],
    ['a line end', '\r\n+1', "' +1"],
    ['a space without a break', '\u00A0-1', "'\u00A0-1"],
    ['nothing, in full width', '\uFF1D1+1', "'\uFF1D1+1"],
    ['a semicolon, which ends a cell in half of Europe', 'off;=1+1; @x', `"off;'=1+1;' @x"`],
  ])('gives it nothing to compute behind %s', (_, title, cell) => {
    expect(csvReport([{ ...runs.passed, title }])).toContain(`,${cell},`);
  });

  it('leaves alone what only holds such a sign', () => {
    const title = 'RPO <= 1m; a-b @ home = good';
    expect(csvReport([{ ...runs.passed, title }])).toContain(`"${title}"`);
  });

  it('has one line a run, whatever its texts would do to one', () => {
    const csv = csvReport([{ ...runs.passed, title: 'a\r\nb\u0000\u001B[2Jc\u0085d\u2028e\u202Ef' }]);
    expect(csv).toContain('a b [2Jc d e f,');
    expect(csv.split(/\r\n|[\r\n\u0085\u2028]/)).toHaveLength(3);
  });
});

describe('the JSON report', () => {
  it('is the record itself, and an array for several', () => {
    expect(JSON.parse(jsonReport([runs.passed]))).toEqual(JSON.parse(JSON.stringify(runs.passed)));
    expect(JSON.parse(jsonReport([runs.passed, runs.failed]))).toHaveLength(2);
  });
});

describe('Markdown', () => {
  it('shows text from outside as text', () => {
    const markdown = markdownReport(hostile(runs.stuck));
    const outsideCode = markdown.replace(/(?<!\\)`[^`\n]*`/g, 'CODE');
    expect(outsideCode).not.toMatch(/<script|<img/);
    expect(outsideCode).not.toMatch(/[^\\]\[click/);
    const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
    for (const row of rows) expect(row.endsWith(' |')).toBe(true);
  });
});
