/** Writes that are really lost: the record counts exactly those, and its RPO grows with the lag that loses them. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { Home } from '../e2e/cli.ts';
import { failoverDrill, watchFailover } from '../e2e/failover.ts';
import type { Watched } from '../e2e/failover.ts';
import { databases, post } from '../e2e/lab.ts';
import { onFreshLab, report } from './rounds.ts';

const lags = [1_500, 4_500] as const;

describe('a failover to a replica that lags', () => {
  const runs: Watched[] = [];
  beforeAll(async () => {
    for (const delayMs of lags) runs.push(await failoverWithLag(delayMs));
  }, 600_000);

  test.each([0, 1])('loses exactly the acknowledged writes that it reports (lag %i of two)', (n) => {
    const { record, probeWrites, truthWrites } = runs[n]!;
    const { rpo, failback } = record.recovery;
    report(`lag ${lags[n]} ms: RPO ${rpo!.upperMs!.toFixed(0)} ms, lost ${rpo!.lostWrites} of ${rpo!.ackedWrites}`);
    report(`  by SQL ${probeWrites.lost.length}; the independent client lost ${truthWrites.lost.length}`);
    expect(rpo!.exercised).toBe(true);
    expect(rpo!.lostWrites).toBeGreaterThan(0);
    expect(rpo!.lostWrites).toBe(probeWrites.lost.length);
    expect(truthWrites.lost.length).toBeGreaterThan(0);
    expect(failback!.rpo!.lostWrites).toBe(0);
    // Everything that was under way when the region was lost, and not much more.
    expect(rpo!.upperMs!).toBeGreaterThan(lags[n]! - 500);
    expect(rpo!.upperMs!).toBeLessThan(lags[n]! + 3_000);
  });

  test('has an RPO that grows with the lag', () => {
    const [little, much] = runs.map(({ record }) => record.recovery.rpo!);
    expect(much!.upperMs! - little!.upperMs!).toBeGreaterThan((lags[1] - lags[0]) / 2);
    expect(much!.lostWrites!).toBeGreaterThan(little!.lostWrites!);
  });

  test('never has two primaries for it', () => {
    expect(runs.flatMap(({ splits }) => splits)).toEqual([]);
  });
});

/** Longer than any lag here: of what was written before the fault, something has arrived when it comes. */
const steadyForLong = (text: string): string => text.replace('steady: 2s', 'steady: 6s');

const failoverWithLag = (delayMs: number): Promise<Watched> =>
  onFreshLab(async ({ home, lab, drill }) => {
    const replica = (await databases(lab)).find(({ region }) => region === 'eu-west-1')!;
    await post(lab, 'replication', { database: replica.id, delayMs });
    await writeFile(drill, steadyForLong(await readFile(drill, 'utf8')));
    return watchFailover(home, lab, drill);
  });

describe('a rehearsal whose estate says how replication behaves', () => {
  let home: Home;
  beforeAll(async () => {
    home = await Home.make();
  });
  afterAll(() => home.remove());

  async function rehearse(lab: string): Promise<{ code: number | null; record: RunRecord }> {
    const file = await failoverDrill(home);
    const text = steadyForLong(await readFile(file, 'utf8'));
    await writeFile(file, text.replace('lab: { estate: multi-region }', `lab: { estate: multi-region, ${lab} }`));
    const { code, stdout } = await home.run('rehearse', file, '--json');
    return { code, record: JSON.parse(stdout) as RunRecord };
  }

  test('loses writes when its replica lags', async () => {
    const { code, record } = await rehearse('replicaLag: 3s');
    expect(code).toBe(0);
    expect(record.recovery.rpo!.lostWrites).toBeGreaterThan(0);
    expect(record.recovery.rpo!.upperMs).toBeGreaterThan(2_500);
  });

  test('proves nothing about loss when replication survives the fault, and does not call that a pass', async () => {
    const { code, record } = await rehearse('replicationSurvives: true');
    expect(record.recovery.rpo).toMatchObject({ exercised: false });
    expect(record.recovery.rpo).not.toHaveProperty('upperMs');
    expect(record.verdict).toBe('inconclusive');
    expect(code).toBe(3);
    expect(record.reasons.join('\n')).toMatch(/loss of writes in failover is not known/);
  });
});
