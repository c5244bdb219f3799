/** Rehearsals: everything from nothing on one machine, and nothing left of it, however they end. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { Home, runIdIn } from './cli.ts';
import type { Outcome } from './cli.ts';
import { patientDrill } from './shipped.ts';

interface RunLine {
  runId: string;
  state: string;
  verdict?: string;
}

describe('a rehearsal of the shipped switchover', () => {
  let home: Home;
  let outcome: Outcome;
  let other: Home;
  let killedRunId: string;

  // Side by side, as two people on one machine would: each has a home and a lab of its own.
  beforeAll(async () => {
    [home, other] = await Promise.all([Home.make(), Home.make()]);
    [outcome, killedRunId] = await Promise.all([
      home.run('rehearse', await patientDrill(home, 'regional-switchover'), '--json'),
      killHalfWay(other),
    ]);
  }, 400_000);

  afterAll(() => Promise.all([home, other].map((each) => each.remove())));

  test('passes without losing a write, in one JSON document on stdout', () => {
    expect(outcome.code, outcome.stderr).toBe(0);
    const record = JSON.parse(outcome.stdout) as RunRecord;
    expect(record).toMatchObject({ verdict: 'pass', environment: 'lab', undo: 'rolled-forward' });
    const { rpo, failback } = record.recovery;
    expect(rpo).toMatchObject({ exercised: true, lostWrites: 0, upperMs: 0 });
    expect(failback!.rpo).toMatchObject({ lostWrites: 0 });
    expect(rpo!.ackedWrites).toBeGreaterThan(10);
    expect(record.probes).toEqual([
      { probe: 'read', kept: true },
      { probe: 'write', kept: true },
    ]);
  });

  test('grants approvals itself and records them as such, both of them where four eyes are asked for', () => {
    const { approvals } = JSON.parse(outcome.stdout) as RunRecord;
    expect(approvals.map(({ automatic }) => automatic)).toEqual([true, true]);
    expect(new Set(approvals.map(({ by }) => by)).size).toBe(2);
  });

  test('writes a report that says that it was the lab', async () => {
    const { code, stdout } = await home.run('report');
    expect(code).toBe(0);
    expect(stdout).toMatch(/PASSED/);
    expect(stdout).toMatch(/Anything about AWS: this ran in the local lab/);
  });

  test('leaves no process, port or file', async () => {
    expect(await home.leftovers()).toEqual([]);
  });

  test('leaves no process, port or file when it is killed half-way, and is shown as aborted', async () => {
    expect(await other.leftovers()).toEqual([]);
    const { stdout, code } = await other.run('runs', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ runId: killedRunId, verdict: 'aborted' } satisfies Partial<RunLine>]);
    const shown = await other.run('runs', 'show', killedRunId);
    expect(shown.stdout).toMatch(/killed before its end/);
    expect(await other.leftovers()).toEqual([]);
  });
});

/** Kills the command alone, as the kernel does when memory is short: nobody tells its children, also not the lab that was to stay. */
async function killHalfWay(home: Home): Promise<string> {
  const run = home.start('rehearse', await patientDrill(home, 'regional-switchover'), '--keep-lab', '--json');
  await run.says(/→ promote:/);
  run.child.kill('SIGKILL');
  await run.ended;
  return runIdIn(run.said());
}

describe('what can not be rehearsed', () => {
  let home: Home;
  beforeAll(async () => {
    home = await Home.make();
  });
  afterAll(() => home.remove());

  const drill = async (name: string, text: string): Promise<string> => {
    const file = join(home.dir, `${name}.yaml`);
    await writeFile(file, text);
    return file;
  };

  test('is a drill that names no lab: exit 2, and says so', async () => {
    const file = await drill(
      'no-lab',
      `apiVersion: firedrill/v1
name: no-lab
title: A site answers
values:
  lab: {}
probes:
  site: { uses: http/get, with: { url: http://www.orders.test:8080/orders/1 }, expect: any }
objectives: { steady: 1s }
recover:
  - { id: look, uses: wait, for: 1s }
`,
    );
    const { code, stdout, stderr } = await home.run('rehearse', file, '--json');
    expect(code, stderr).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { diagnostics: [{ code: 'rehearsal-needs-lab' }] } });
    expect(await home.leftovers(0)).toEqual([]);
  });

  test('is a drill with mistakes: exit 2, all of them at once, and nothing was started', async () => {
    const file = await drill(
      'mistakes',
      `apiVersion: firedrill/v1
name: mistakes
title: Orders survive
lab: { estate: multi-region }
values:
  lab: {}
locations:
  active: { account: 000000000000, region: eu-central-1 }
targets:
  db: { type: rds/instance, in: actve, id: orders-db }
probes:
  read: { uses: http/gett, with: { url: http://www.orders.test:8080/orders/1 } }
objectives: { rto: 20 }
inject:
  - { id: lose, uses: rds/loose, with: { database: db } }
`,
    );
    const { code, stdout, stderr } = await home.run('rehearse', file);
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    for (const [line, what] of [
      [10, /no location 'actve'.*active/],
      [12, /no probe 'http\/gett'.*http\/get/],
      [13, /needs a unit/],
      [15, /no action 'rds\/loose'/],
    ] as const) {
      const said = stderr.split('\n').filter((each) => each.includes(`mistakes.yaml:${line}:`));
      expect(said.join('\n'), stderr).toMatch(what);
    }
    expect(await home.leftovers(0)).toEqual([]);
  });
});
