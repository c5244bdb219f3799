import { describe, expect, it } from 'vitest';
import { htmlReport } from '../../src/report/html.ts';
import { periodHtml } from '../../src/report/html-period.ts';
import { escapeHtml, html } from '../../src/report/markup.ts';
import { toRecord } from '../../src/report/record.ts';
import { attack, hostile } from './hostile.ts';
import { LogBuilder, planOf, probeNamed, samplesOf } from './log-builder.ts';
import type { Run } from './runs.ts';
import { abortedRun, failedRun, passedRun, retried, stuckRun } from './runs.ts';

const recordOf = ({ entries }: Run) => toRecord(entries, { published: 60, pending: 0 });
const pageOf = (run: Run): string => htmlReport({ record: recordOf(run), ...run });

/** Every element in the page, with its attributes. */
const elements = (page: string): string[] => [...page.matchAll(/<([a-z!/][^>]*)>/gi)].map(([, inside]) => inside!);

describe('the page of a run', () => {
  it('is one file: nothing is loaded from anywhere and nothing runs', () => {
    const page = pageOf(passedRun());
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain(`content="default-src &#39;none&#39;`.replaceAll('&#39;', "'"));
    expect(elements(page).filter((element) => /^(script|link|iframe|object|img|image|use)\b/i.test(element))).toEqual(
      [],
    );
    expect(page).not.toMatch(/\b(src|href|srcset)=|url\(|@import/);
  });

  it('says in plain sentences what users felt and what was promised', () => {
    const text = pageOf(failedRun()).replaceAll('\u00a0', ' ');
    expect(text).toContain('The service was unavailable for 6.2 to 6.7 s; promised: at most 5 s.');
    expect(text).toContain('3 of 412 acknowledged writes were lost, 240 ms worth of data; promised: at most 100 ms.');
  });

  it('marks a rehearsal as one, and never a run on AWS', () => {
    expect(pageOf(passedRun())).toContain('it is no evidence about AWS');
    expect(pageOf(passedRun({ environment: 'aws' }))).not.toContain('no evidence about AWS');
  });

  it('draws the outage with its interval, the fault, the promotion and the flip', () => {
    const page = pageOf(passedRun());
    const [focus, whole] = page.split('<svg viewBox="0 0 1000').slice(1);
    for (const label of ['unavailable 6.2 to 6.7 s', 'fault: lose', '>promote<', '>flip<', '>read<', '>write<']) {
      expect(focus).toContain(label);
    }
    expect(focus).not.toContain('promote-back');
    expect(whole).toContain('promote-back');
  });

  it('draws only figures: no NaN and nothing outside the drawing', () => {
    for (const run of [passedRun(), failedRun(), abortedRun(), stuckRun(), { ...passedRun(), samples: [] }]) {
      const page = pageOf(run);
      expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
      for (const [, x] of page.matchAll(/ x="([-\d.]+)"/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(1_000);
      }
    }
  });

  it('tells a person what to do when the way back is incomplete, and shows hashes and approvals as evidence', () => {
    const stuck = pageOf(stuckRun());
    expect(stuck).toContain('What a person must do now');
    expect(stuck).toContain('Give it back its network ACL acl-1 by hand.');
    const record = recordOf(passedRun({ environment: 'aws' }));
    const page = htmlReport({ record });
    for (const hash of [record.definitionHash, record.planHash, record.recordHash]) expect(page).toContain(hash);
    expect(page).toContain('grace@example.com, 2026-03-14 09:00:08 UTC: Alarm confirmed with network team');
  });

  it('does without log and samples', () => {
    const page = htmlReport({ record: recordOf(passedRun()) });
    expect(page).not.toContain('What users saw');
    expect(page).toContain('Promised and measured');
  });

  it('tells what was taken back after the run', () => {
    const { entries, samples } = stuckRun();
    expect(htmlReport({ record: recordOf({ entries, samples }), entries })).toContain('What a person must do now');
    const page = htmlReport({ record: recordOf({ entries: retried({ entries }), samples }), entries });
    expect(page).toContain('an undo that grace asked for took copy/main and cut/main back. Nothing is left.');
    expect(page).not.toContain('What a person must do now');
  });
});

describe('text from outside', () => {
  const hostileRun = (): Run => {
    const steps = [{ id: attack, uses: attack, phase: 'inject', effect: 'changes', fault: true } as const];
    const probes = [probeNamed(attack)];
    const log = new LogBuilder(
      planOf({ runId: 'h', name: attack, title: attack, steps, probes, regions: [attack] }),
      attack,
    );
    log.phase(0, 'inject').step(1_000, 1_100, attack, { touches: attack });
    const entries = log.add(5_000, { type: 'run.closing' }).finish(6_000, {
      verdict: 'fail',
      undo: 'incomplete',
      recoveryLabel: 'aided',
      exitCode: 5,
      reasons: [attack],
      recovery: { declared: {}, phases: [] },
      probes: [{ probe: attack, kept: false, why: attack }],
    });
    return {
      entries,
      samples: samplesOf(attack, 5_000, [{ fromMs: 1_000, toMs: 2_000, outcome: 'bad', why: attack }]),
    };
  };

  it.each([
    ['the run page', () => htmlReport({ record: hostile(recordOf(hostileRun())), ...hostileRun() })],
    ['the period page', () => periodHtml([hostile(recordOf(hostileRun())), hostile(recordOf(passedRun()))])],
  ])('becomes no element and no attribute of %s', (_, make) => {
    const page = make();
    const friendly = new Set(elements(htmlReport({ record: recordOf(passedRun()), ...passedRun() })).map(nameOf));
    const own = new Set([...friendly, 'path', 'small', 'div', 'b', '/b', '/small', 'line', 'p', '/p', 'pre', '/pre']);
    expect(
      elements(page)
        .map(nameOf)
        .filter((name) => !own.has(name)),
    ).toEqual([]);
    expect(elements(page).filter((element) => /\son\w+/i.test(element.replace(/"[^"]*"/g, '')))).toEqual([]);
    expect(page).not.toContain('<script');
    // oxlint-disable-next-line no-control-regex -- HTML forbids them
    expect(page).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  });

  it('is escaped in templates unless it is markup already', () => {
    expect(html`<p title="${'"'}">${'<b>'}${html`<i>${'&'}</i>`}${['<', 1]}${undefined}${false}</p>`.text).toBe(
      '<p title="&quot;">&lt;b&gt;<i>&amp;</i>&lt;1</p>',
    );
    expect(escapeHtml(`<>&"'\u0007`)).toBe('&lt;&gt;&amp;&quot;&#39;');
    expect(escapeHtml('a\u202E\u2028\tb\n')).toBe('a\tb\n');
  });
});

const nameOf = (element: string): string => element.split(/[\s>]/)[0]!.toLowerCase();
