import { request } from 'node:http';
import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sample } from '../../src/domain/sample.ts';
import { unpack } from '../../src/domain/sample-chain.ts';
import { axisOf } from '../../src/measure/axis.ts';
import { intervalOf, outageOf } from '../../src/measure/outage.ts';
import { seriesOf } from '../../src/measure/series.ts';
import { probe } from '../../src/probes/prober.ts';
import { lateLimitMs } from '../../src/probes/stalls.ts';
import { Run, clock, keptBy, planOf, probeOf, runId, until } from './support/run.ts';
import { Service } from './support/service.ts';

let service: Service;
const runs: Run[] = [];
let stop: AbortController;

beforeEach(async () => {
  service = new Service();
  stop = new AbortController();
  await service.up();
});

afterEach(async () => {
  stop.abort();
  await service.close();
  for (const run of runs.splice(0)) await run.end();
});

const started = async (...probes: Parameters<typeof planOf>[0]): Promise<Run> => {
  const run = new Run(planOf(probes));
  runs.push(run);
  return run.start();
};

const page = () => probeOf('read', 'http/get', { url: service.url }, { timeoutMs: 400 });
const canary = () => probeOf('write', 'http/canary', { url: `${service.url}/canary` });
const nowMs = (): number => Number(clock.monoNs()) / 1e6;

describe('the prober against the truth', () => {
  interface Asked {
    sentMs: number;
    good: boolean;
    tookMs: number;
  }

  /**
   * Asks 200 times a second and keeps nothing but when and whether: as independent as a client can be. It waits as long as it
   * takes, so that a machine that is slow makes nothing fail.
   */
  const independentClient = (signal: AbortSignal): Asked[] => {
    const seen: Asked[] = [];
    const timer = setInterval(() => {
      const one = { sentMs: nowMs(), good: false, tookMs: 0 };
      seen.push(one);
      const asked = request(service.url, { agent: false }, (response) => {
        one.good = response.statusCode === 200;
        one.tookMs = nowMs() - one.sentMs;
        response.resume();
      });
      asked.on('error', () => undefined);
      asked.end();
    }, 5);
    signal.addEventListener('abort', () => clearInterval(timer));
    return seen;
  };

  test('gives intervals that hold every true outage and are two periods wide', async () => {
    const run = await started(page());
    const watching = probe(run.run);
    const truth = independentClient(stop.signal);
    // Not since when: what was asked just before the service came up may still have been answered by it.
    const stands = (state: string): boolean => run.samples.statuses[0]?.state === state;
    const saw = (good: boolean, sinceMs: number): boolean =>
      truth.filter((one) => one.good === good && one.sentMs > sinceMs && (good || nowMs() - one.sentMs > 100)).length >
      3;
    await until(() => stands('good') && saw(true, 0));

    const stretches: { fromMs: number; toMs: number }[] = [];
    for (const how of ['error', 'refuse', 'hang', 'refuse'] as const) {
      const fromMs = nowMs();
      await clock.sleep(300);
      await service.down(how);
      const downMs = nowMs();
      await clock.sleep(150 + 150 * Math.random());
      await until(() => stands('bad') && saw(false, downMs));
      await service.up();
      const upMs = nowMs();
      await until(() => stands('good') && lastingMs(run) > 200 && saw(true, upMs));
      stretches.push({ fromMs, toMs: nowMs() });
    }
    stop.abort();
    await until(() => truth.at(-1)!.good);
    await run.tell({ type: 'run.closing' });
    await watching;

    const { samples } = unpack(await run.samples.chunks(), run.samples.sealed);
    const origin: Sample = { ...samples[0]!, sentNs: '0', seq: -1, outcome: 'unknown' };
    const { everyMs } = page();
    const unknown = samples.filter(({ outcome }) => outcome === 'unknown').length;
    // A question may start late, and be overtaken by a later one.
    const jitterMs = 2 * lateLimitMs(everyMs);
    const overtakenMs = Math.max(...truth.map(({ tookMs }) => tookMs));
    const axis = axisOf([], [origin, ...samples]);
    const points = seriesOf(samples, axis, page());
    for (const stretch of stretches) {
      const outage = outageOf(points, stretch, page(), 200);
      const { lowerMs, upperMs } = intervalOf(outage)!;
      const bad = truth.filter(({ sentMs, good }) => !good && sentMs >= stretch.fromMs && sentMs < stretch.toMs);
      const [first, last] = [bad[0]!.sentMs, bad.at(-1)!.sentMs];
      const lastGood = truth.findLast(({ sentMs, good }) => good && sentMs < first)!.sentMs;
      const firstGood = truth.find(({ sentMs, good }) => good && sentMs > last)!.sentMs;
      expect(upperMs).toBeGreaterThanOrEqual(last - first - overtakenMs);
      expect(lowerMs).toBeLessThanOrEqual(firstGood - lastGood + overtakenMs);
      // Where the machine held the prober up for long, the outage may have begun or ended anywhere in that.
      const heldUpMs = outage.holes.length > 0 ? stretch.toMs - stretch.fromMs : 0;
      expect(upperMs - lowerMs).toBeLessThanOrEqual((2 + unknown) * everyMs + jitterMs + heldUpMs);
    }
  });

  test('asks on time whatever became of the questions before', async () => {
    const run = await started(page());
    const watching = probe(run.run);
    await until(() => run.samples.statuses[0]?.state === 'good');
    await service.down('hang');
    await until(() => keptBy(run).filter(({ why }) => why === 'timeout').length > 2);
    await service.up();
    await run.tell({ type: 'run.closing' });
    await watching;
    const { samples } = unpack(await run.samples.chunks());
    const sentMs = samples.map(({ sentNs }) => Number(sentNs) / 1e6).sort((a, b) => a - b);
    const periods = (sentMs.at(-1)! - sentMs[0]!) / 50;
    expect(Math.abs(samples.length - 1 - periods)).toBeLessThan(1);
  });
});

const lastingMs = (run: Run): number => {
  const { asOfNs, sinceNs } = run.samples.statuses[0]!;
  return Number(BigInt(asOfNs) - BigInt(sinceNs)) / 1e6;
};

describe('how a probe stands', () => {
  test('is told while it watches, with the first failure and its reason', async () => {
    // Nothing is silent here: a machine that is slow makes no failure of its own.
    const run = await started({ ...page(), timeoutMs: 10_000 });
    const watching = probe(run.run);
    await until(() => run.samples.statuses[0]?.state === 'good');
    await service.down('refuse');
    // From then on nothing that was asked before the first failure is open any more. What was under way was broken off, not refused.
    const refused = () => run.samples.statuses[0]?.why === 'refused' && lastingMs(run) > 0;
    await until(() => run.samples.statuses[0]?.state === 'bad' && refused());
    const [status] = run.samples.statuses;
    expect(status).toMatchObject({ probe: 'read', why: 'refused' });
    await service.up();
    await until(() => run.samples.statuses[0]?.state === 'good');
    await until(() => lastingMs(run) > 200);
    await run.tell({ type: 'run.finished', judgement: {} as never });
    await watching;
    const failures = keptBy(run).filter(({ outcome }) => outcome === 'bad');
    const first = failures.toSorted((a, b) => Number(BigInt(a.sentNs) - BigInt(b.sentNs)))[0]!;
    expect(status!.sinceNs).toBe(first.sentNs);
  });
});

describe('canaries', () => {
  test('are read back and sealed, and only then removed', async () => {
    const run = await started(canary());
    const watching = probe(run.run);
    const acknowledged = () => keptBy(run).filter(({ outcome }) => outcome === 'good');
    await until(() => acknowledged().length > 6);
    const lost = acknowledged()[3]!.seq;
    service.canaries.get(runId)!.delete(lost);
    let thereAtSeal = 0;
    run.samples.onSeal = () => (thereAtSeal = service.canaries.get(runId)!.size);
    await run.tell({ type: 'run.closing' });
    await watching;
    expect(thereAtSeal).toBeGreaterThan(5);

    const { samples, readbacks } = unpack(await run.samples.chunks(), run.samples.sealed);
    const acked = samples.filter(({ outcome }) => outcome === 'good').map(({ seq }) => seq);
    const [{ found } = { found: [] }] = readbacks;
    expect(acked).toContain(lost);
    expect(acked.filter((n) => !found.some(([from, to]) => n >= from && n <= to))).toEqual([lost]);
    expect(service.canaries.get(runId)?.size).toBe(0);
    expect(service.requests.slice(-2)).toEqual([`GET /canary/${runId}`, `DELETE /canary/${runId}`]);
    expect(await readdir(run.spoolDir)).toEqual([]);
  });

  test('of a run that was judged without them are removed, and its judgement gets no other evidence', async () => {
    const run = await started(canary());
    const watching = probe(run.run);
    await until(() => (service.canaries.get(runId)?.size ?? 0) > 2);
    await run.tell({ type: 'run.finished', judgement: {} as never });
    await watching;
    expect(service.canaries.get(runId)?.size).toBe(0);
    expect(service.requests.filter((asked) => asked.startsWith('GET'))).toEqual([]);
    expect(run.samples.sealed).toEqual([]);
  });

  test('of a rehearsal that was killed are left, as what they were written to is gone', async () => {
    const run = await started(canary());
    const watching = probe(run.run);
    await until(() => (service.canaries.get(runId)?.size ?? 0) > 2);
    await run.tell({ type: 'run.finished', judgement: { killed: true } as never });
    await watching;
    expect(service.requests.filter((asked) => !asked.startsWith('PUT'))).toEqual([]);
  });

  test('whose answer was lost are indeterminate, and those that never left are bad', async () => {
    const run = await started(canary());
    const watching = probe(run.run);
    await until(() => (service.canaries.get(runId)?.size ?? 0) > 2);
    service.loseAnswers = true;
    await until(() => run.samples.statuses[0]?.why === 'reset');
    service.loseAnswers = false;
    await service.down('refuse');
    await until(() => run.samples.statuses[0]?.why === 'refused');
    await service.up();
    await until(() => run.samples.statuses[0]?.state === 'good');
    await run.tell({ type: 'run.closing' });
    await watching;
    const { samples } = unpack(await run.samples.chunks());
    const reasons = new Set(samples.map(({ outcome, why }) => `${outcome} ${why ?? ''}`.trim()));
    expect(reasons).toContain('indeterminate reset');
    expect(reasons).toContain('bad refused');
    expect(reasons).not.toContain('indeterminate refused');
  });

  test('of a service that is still down when the run closes are waited for', async () => {
    const run = await started(canary());
    const watching = probe(run.run);
    await until(() => (service.canaries.get(runId)?.size ?? 0) > 2);
    await service.down('error');
    await run.tell({ type: 'run.closing' });
    const looks = () => service.requests.filter((request) => request === `GET /canary/${runId}`).length;
    await until(() => looks() > 1);
    expect(run.samples.sealed).toEqual([]);
    await service.up();
    await watching;
    expect(run.samples.sealed[0]!.readbacks[0]!.error).toBeUndefined();
  });

  test('of two probes on one application are kept apart', async () => {
    const run = await started(canary(), { ...canary(), name: 'write-too' });
    const watching = probe(run.run);
    await until(() => [...service.canaries.values()].filter(({ size }) => size > 1).length === 2);
    await run.tell({ type: 'run.closing' });
    await watching;
    expect([...service.canaries.keys()].sort()).toEqual([`${runId}-write`, `${runId}-write-too`]);
  });
});

describe('a prober', () => {
  test.each(['away', 'losesAnswers'] as const)(
    'keeps what it sees while the store is %s, and hands it in',
    async (how) => {
      const run = await started(page());
      run.samples[how] = true;
      const watching = probe(run.run);
      await until(() => run.notes.length > 0);
      run.samples[how] = false;
      await run.tell({ type: 'run.closing' });
      await watching;
      const { samples } = unpack(await run.samples.chunks(), run.samples.sealed);
      expect(samples.length).toBeGreaterThan(15);
      const numbers = samples.map(({ seq }) => seq).sort((a, b) => a - b);
      expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    },
  );

  test('stops without a seal when nobody owns the run any more, so that the run can be taken up again', async () => {
    const run = await started(canary());
    const first = probe(run.run);
    await until(() => (service.canaries.get(runId)?.size ?? 0) > 2);
    run.owned = false;
    await first;
    expect(run.samples.sealed).toEqual([]);
    expect((await run.samples.chunks()).length).toBeGreaterThan(0);
    const written = new Set(service.canaries.get(runId));
    expect(written.size).toBeGreaterThan(0);

    run.owned = true;
    const again = probe(run.run);
    await until(() => service.canaries.get(runId)!.size > written.size + 2);
    await run.tell({ type: 'run.closing' });
    await again;
    const { samples, readbacks } = unpack(await run.samples.chunks(), run.samples.sealed);
    const acked = samples.filter(({ outcome }) => outcome === 'good').map(({ seq }) => seq);
    expect(new Set(acked).size).toBe(acked.length);
    expect(acked.every((n) => readbacks[0]!.found.some(([from, to]) => n >= from && n <= to))).toBe(true);
  });

  test('that comes after a seal only removes what is left, and lets the seal stand', async () => {
    const run = await started(canary());
    service.canaries.set(runId, new Set([1, 2]));
    await run.tell({ type: 'run.closing' });
    await run.samples.seal(runId, 'before', { prober: 'before', chunks: 0, hash: '', readbacks: [] });
    await probe(run.run);
    expect(run.samples.sealed).toHaveLength(1);
    expect(service.canaries.get(runId)!.size).toBe(0);
  });

  test('says that it was stalled instead of blaming the service', async () => {
    const run = await started(page());
    const watching = probe(run.run);
    await until(() => run.samples.statuses[0]?.state === 'good');
    // Some questions are open when the loop is held up, and time out meanwhile.
    service.delayMs = 80;
    await clock.sleep(300);
    const endNs = clock.monoNs() + 600_000_000n;
    while (clock.monoNs() < endNs);
    await clock.sleep(200);
    await run.tell({ type: 'run.closing' });
    await watching;
    const { samples } = unpack(await run.samples.chunks());
    const unknown = samples.filter(({ outcome }) => outcome === 'unknown');
    expect(unknown.length).toBeGreaterThanOrEqual(8);
    expect(samples.filter(({ outcome }) => outcome === 'bad')).toEqual([]);
  });
});
