/**
 * The main promise, as a black box: a region is lost and failed over while independent clients watch, and the record says what
 * they saw.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Home } from './cli.ts';
import { Estate } from './estate.ts';
import { failoverDrill, watchFailover, widestMs } from './failover.ts';
import type { Watched } from './failover.ts';
import { labUp, listeners, stillListening } from './lab.ts';
import { leftOnPurpose, recordShape } from './record.ts';
import { activePrimary } from './sql.ts';

interface CloudEvent {
  specversion: string;
  type: string;
  subject: string;
  data: { runId: string; seq: number; hash: string; prevHash: string };
}

let home: Home;
let estate: Estate;
let before: unknown;
let primaryBefore: string;
let watched: Watched;

beforeAll(async () => {
  home = await Home.make();
  const [lab, drill] = await Promise.all([labUp(home), failoverDrill(home)]);
  estate = new Estate(lab);
  before = await estate.describe();
  primaryBefore = (await activePrimary(lab)).id;
  watched = await watchFailover(home, lab, drill);
}, 600_000);

afterAll(() => home.remove());

describe('a regional failover, run and approved by a person', () => {
  test('passes, and its record is what the contract promises', () => {
    const { outcome, record } = watched;
    expect(outcome.code, outcome.stderr).toBe(0);
    recordShape.parse(record);
    expect(record).toMatchObject({
      verdict: 'pass',
      undo: 'rolled-forward',
      recoveryLabel: 'aided',
      environment: 'other',
    });
    expect(record.approvals).toMatchObject([{ comment: 'traffic is low', automatic: false }]);
    expect(record.steps.map(({ state }) => state).filter((state) => state !== 'settled' && state !== 'undone')).toEqual(
      [],
    );
    expect(record.probes.every(({ kept }) => kept)).toBe(true);
  });

  test.each(['read', 'write'] as const)('measures the outage of %s that an independent client saw', (probe) => {
    const measured = watched.record.recovery.measured!.perProbe[probe]!;
    const truth = watched.truth[probe]!;
    expect(truth.atMostMs).toBeGreaterThan(1_000);
    expect(measured.lowerMs).toBeLessThanOrEqual(truth.atMostMs);
    expect(measured.upperMs).toBeGreaterThanOrEqual(truth.atLeastMs);
    const own = watched.samples.filter((sample) => sample.probe === probe);
    expect(measured.upperMs - measured.lowerMs).toBeLessThanOrEqual(widestMs(own));
  });

  test('measures the outage of the whole as one interval that holds the truth', () => {
    const { measured, rto } = watched.record.recovery;
    const truth = watched.truth.any!;
    expect(measured!.lowerMs).toBeLessThanOrEqual(truth.atMostMs);
    expect(measured!.upperMs).toBeGreaterThanOrEqual(truth.atLeastMs);
    const widest = ['read', 'write'].map((probe) => widestMs(watched.samples.filter((each) => each.probe === probe)));
    expect(measured!.upperMs - measured!.lowerMs).toBeLessThanOrEqual(Math.max(...widest));
    expect(measured).toMatchObject({ episodes: 1, clock: 'monotonic' });
    // A person decided, so nothing is declared on top.
    expect(rto).toEqual({ lowerMs: measured!.lowerMs, upperMs: measured!.upperMs });
  });

  test('reports exactly the acknowledged writes that are missing in the database', () => {
    const { record, probeWrites, truthWrites } = watched;
    const { rpo, failback } = record.recovery;
    expect(rpo!.exercised).toBe(true);
    expect(rpo!.lostWrites! + failback!.rpo!.lostWrites!).toBe(probeWrites.lost.length);
    // Writes that are acknowledged while the run closes belong to neither direction.
    const whileClosing = probeWrites.acked - rpo!.ackedWrites! - failback!.rpo!.ackedWrites!;
    expect(whileClosing).toBeGreaterThanOrEqual(0);
    expect(whileClosing).toBeLessThan(probeWrites.acked / 4);
    expect(probeWrites.acked).toBeGreaterThan(20);
    expect(failback!.rpo!.lostWrites).toBe(0);
    expect(truthWrites.acked).toBeGreaterThan(100);
  });

  test('never lets two databases take writes', () => {
    expect(watched.splits).toEqual([]);
    // The watch saw the failover and the failback: old primary, promoted replica, new primary.
    expect(watched.writable).toHaveLength(3);
    expect(watched.writable[0]).toContain(primaryBefore);
  });

  test('publishes every event once, in order, without a gap', async () => {
    const { stdout, code } = await home.run('events', 'tail', '--json', '--until-empty');
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CloudEvent);
    const { runId, events: counted, recordHash } = watched.record;
    expect(events.map(({ data }) => data.seq)).toEqual(events.map((_, n) => n + 1));
    expect(counted).toEqual({ published: events.length, pending: 0 });
    expect(events.every(({ data, specversion }) => data.runId === runId && specversion === '1.0')).toBe(true);
    for (const [n, { data }] of events.entries())
      expect(data.prevHash).toBe(events[n - 1]?.data.hash ?? '0'.repeat(64));
    expect(events.at(-1)).toMatchObject({ type: 'firedrill.run.finished', data: { hash: recordHash } });
    const types = new Set(events.map(({ type }) => type));
    for (const name of ['run.started', 'step.started', 'step.succeeded', 'step.undone', 'approval.requested'])
      expect(types).toContain(`firedrill.${name}`);
    expect(stdout).not.toMatch(/lab-drills|"before"|"after"/);
  });

  test('leaves the estate as before, and says what it left on purpose', async () => {
    const { record, lab } = watched;
    expect(record.resources.filter(({ state }) => state === 'leaked')).toEqual([]);
    const extra = leftOnPurpose(record);
    await expect.poll(() => estate.describe(extra), { interval: 1_000 }).toEqual(before);
    expect((await activePrimary(lab)).id).not.toBe(primaryBefore);
  });

  test('can be verified and reported afterwards', async () => {
    const { runId } = watched.record;
    const verified = await home.run('verify', runId, '--json');
    expect(verified.code, verified.stdout).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ runId, ok: true });
    for (const format of ['text', 'json', 'html', 'md', 'csv', 'junit']) {
      const out = join(home.dir, `report.${format}`);
      const { code, stderr } = await home.run('report', runId, '--format', format, '--out', out);
      expect(code, stderr).toBe(0);
      expect(await readFile(out, 'utf8')).toContain(runId);
    }
  });

  test('leaves no process, port or file when the lab goes down', async () => {
    const listening = await listeners(watched.lab);
    expect(listening.map(({ address }) => address)).toContain(`${watched.lab.dns.host}:${watched.lab.dns.port}`);
    expect(await home.run('lab', 'down')).toMatchObject({ code: 0 });
    expect(await home.leftovers()).toEqual([]);
    expect(await stillListening(watched.lab, listening)).toEqual([]);
  });
});
