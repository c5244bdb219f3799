import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { samplesIn, unpack } from '../../src/domain/sample-chain.ts';
import { Run, planOf, probeOf, runId, until } from './support/run.ts';
import { Service } from './support/service.ts';

const program = fileURLToPath(new URL('support/prober-process.mjs', import.meta.url));

/** What the process asks its parent for. */
interface Call {
  id: number;
  of: 'log' | 'samples';
  method: string;
  args: unknown[];
}

/** On a machine that is held up: a prober has no more questions open. */
const mostOpen = 27;
const service = new Service();
const children: ChildProcess[] = [];
let run: Run;

beforeEach(async () => {
  await service.up();
  const url = `${service.url}/canary`;
  run = await new Run(planOf([probeOf('write', 'http/canary', { url }, { everyMs: 20 })])).start();
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await service.close();
  await run.end();
});

function startProber(): ChildProcess {
  const child = fork(program, { serialization: 'advanced' });
  children.push(child);
  child.on('message', ({ id, of, method, args }: Call) => {
    const target = run[of] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const reply = (answer: { value: unknown } | { error: string }) => child.connected && child.send({ id, ...answer });
    void target[method]!(...args).then(
      (value) => reply({ value }),
      (error: unknown) => reply({ error: String(error) }),
    );
  });
  child.send({ runId, plan: run.plan, spoolDir: run.spoolDir });
  return child;
}

test('a prober that is killed loses nothing that it saw, and the next one repeats no number', async () => {
  const first = startProber();
  const written = () => service.canaries.get(runId)?.size ?? 0;
  const stored = () => run.samples.kept.flatMap(samplesIn).length;
  await until(() => stored() > 20);
  run.samples.away = true;
  const before = written();
  await until(() => written() > before + 3 * mostOpen);
  const exited = once(first, 'exit');
  first.kill('SIGKILL');
  await exited;
  const acknowledged = written();
  run.samples.away = false;

  const second = startProber();
  await until(() => written() > acknowledged + 20);
  await run.tell({ type: 'run.closing' });
  await once(second, 'exit');

  const { samples, readbacks } = unpack(await run.samples.chunks(), run.samples.sealed);
  const good = samples.filter(({ outcome }) => outcome === 'good').map(({ seq }) => seq);
  expect(new Set(good).size).toBe(good.length);
  const [{ found }] = readbacks as [(typeof readbacks)[number]];
  const survived = found.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
  const told = new Set(samples.map(({ seq }) => seq));
  // Requests that were open when the prober died are the only ones that nobody has written down.
  expect(survived.filter((n) => !told.has(n)).length).toBeLessThanOrEqual(mostOpen);
  expect(good.every((n) => found.some(([from, to]) => n >= from && n <= to))).toBe(true);
  expect(await readdir(run.spoolDir)).toEqual([]);
});
