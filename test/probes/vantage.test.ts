/** Two probers of one run at once, as on two hosts: each has its own spool and its own chain, and both are kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import { markNow } from '../../src/domain/clock.ts';
import type { Sample } from '../../src/domain/sample.ts';
import { samplesIn, unpack } from '../../src/domain/sample-chain.ts';
import { axisOf } from '../../src/measure/axis.ts';
import { intervalOf, outageOf } from '../../src/measure/outage.ts';
import { seriesOf } from '../../src/measure/series.ts';
import { probe } from '../../src/probes/prober.ts';
import { Run, clock, keptBy, planOf, probeOf, runId, until } from './support/run.ts';
import { Service } from './support/service.ts';

/** Another host of this machine: its monotonic clock began at another time and has another name. */
const elsewhere: Clock = {
  clockId: 'another-host',
  monoNs: () => clock.monoNs() + 86_400_000_000_000n,
  wall: () => clock.wall(),
  sleep: (ms, signal) => clock.sleep(ms, signal),
};

/** Nothing here is silent: a machine that is slow makes no failure. */
const page = (url: string) => probeOf('read', 'http/get', { url }, { timeoutMs: 10_000 });
/** Good again for so long counts as recovered. */
const steadyMs = 100;

let service: Service;
let run: Run;
let otherDir: string;
beforeEach(async () => {
  service = new Service();
  await service.up();
  run = await new Run(planOf([page(service.url)])).start();
  otherDir = await mkdtemp(join(tmpdir(), 'firedrill-vantage-'));
});
afterEach(async () => {
  await service.close();
  await run.end();
  await rm(otherDir, { recursive: true, force: true });
});

const hosts = async (): Promise<Set<string>> =>
  new Set((await run.samples.chunks()).flatMap(samplesIn).map(({ clockId }) => clockId));

test('what both saw is kept and sealed, and the outage is measured from both', async () => {
  const watching = [probe(run.run), probe({ ...run.run, clock: elsewhere, spoolDir: otherDir })];
  while ((await hosts()).size < 2) await clock.sleep(20);
  /** When each of the two was told so since then, by the wall's clock. */
  const toldBoth = (outcome: Sample['outcome'], sinceMs: number): number[][] =>
    [clock.clockId, elsewhere.clockId].map((host) =>
      keptBy(run)
        .filter((sample) => sample.clockId === host && sample.outcome === outcome)
        .map(({ at }) => Date.parse(at))
        .filter((ms) => ms > sinceMs),
    );
  const [downMs, beforeNs] = [Date.now(), clock.monoNs()];
  await service.down('refuse');
  const downNs = clock.monoNs();
  await until(() => toldBoth('bad', downMs).every((told) => told.length > 0));
  const upNs = clock.monoNs();
  await service.up();
  const [upMs, afterNs] = [Date.now(), clock.monoNs()];
  await until(() => toldBoth('good', upMs).every((told) => Math.max(...told) - Math.min(...told) > 2 * steadyMs));
  await run.tell({ type: 'run.closing' });
  await Promise.all(watching);

  expect(run.samples.sealed).toHaveLength(2);
  const { samples } = unpack(await run.samples.chunks(), run.samples.sealed);
  const seenBy = (host: string): Sample[] => samples.filter(({ clockId }) => clockId === host);
  for (const host of [clock.clockId, elsewhere.clockId]) {
    expect(seenBy(host).some(({ outcome }) => outcome === 'bad')).toBe(true);
    expect(seenBy(host).findLast(({ outcome }) => outcome !== 'unknown')!.outcome).toBe('good');
  }

  const axis = axisOf(await run.log.read(runId), samples);
  const stretch = { fromMs: 0, toMs: axis.ofMark(markNow(clock)).ms };
  const read = run.plan.probes[0]!;
  const interval = intervalOf(outageOf(seriesOf(samples, axis, read), stretch, read, steadyMs))!;
  // Hosts are put on one axis by their wall clocks, which say milliseconds.
  const clocksMs = 2;
  // What was under way when the service went away has failed from its start.
  const underWayMs = Math.max(...samples.map(({ sentNs, doneNs }) => Number(BigInt(doneNs) - BigInt(sentNs)) / 1e6));
  expect(interval.lowerMs).toBeLessThanOrEqual(Number(afterNs - beforeNs) / 1e6 + underWayMs + clocksMs);
  expect(interval.upperMs).toBeGreaterThanOrEqual(Number(upNs - downNs) / 1e6 - clocksMs);
});

test('a chunk of either that was changed is noticed', async () => {
  const watching = [probe(run.run), probe({ ...run.run, clock: elsewhere, spoolDir: otherDir })];
  while ((await hosts()).size < 2) await clock.sleep(20);
  await run.tell({ type: 'run.closing' });
  await Promise.all(watching);
  const chunks = await run.samples.chunks();
  for (const prober of new Set(chunks.map((chunk) => chunk.prober))) {
    const changed = chunks.map((chunk) => (chunk.prober === prober ? { ...chunk, gz: gzipSync('{}\n') } : chunk));
    expect(() => unpack(changed, run.samples.sealed)).toThrow(prober);
    expect(() =>
      unpack(
        chunks.filter((chunk) => chunk.prober !== prober),
        run.samples.sealed,
      ),
    ).toThrow(prober);
  }
});
