/** One whole rehearsal of the regional failover: how long it and its parts take, and what the orchestrator itself adds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord, StepRecord } from '../src/domain/record.ts';
import type { Row } from './table.ts';

export async function rehearsal(): Promise<Row[]> {
  const home = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  const env = { ...process.env, FIREDRILL_HOME: home };
  try {
    const from = performance.now();
    const child = spawn(process.execPath, ['dist/cli/main.js', 'rehearse', 'drills/regional-failover.yaml', '--json'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let printed = '';
    let peakKb = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const timer = setInterval(() => {
      void readFile(`/proc/${child.pid}/status`, 'utf8').then(
        (status) => (peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))),
        () => undefined,
      );
    }, 250);
    await once(child, 'close');
    clearInterval(timer);
    const tookS = (performance.now() - from) / 1000;
    return rows(JSON.parse(printed) as RunRecord, tookS, peakKb);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The steps between the fault and the moment at which users are sent elsewhere. */
const path = ['alarm', 'go', 'fence', 'promote', 'flip'];
/** Those of them that wait for the estate; the rest of the time is the orchestrator's own. */
const estate = ['alarm', 'fence', 'promote', 'flip'];

function rows(record: RunRecord, tookS: number, peakKb: number): Row[] {
  const step = (id: string): StepRecord => record.steps.find((each) => each.id === id)!;
  const endOf = (id: string): number => Date.parse(step(id).startedAt!) + step(id).durationMs!;
  const recoveryMs = record.recovery.measured?.upperMs ?? Number.NaN;
  const pathMs = endOf(path.at(-1)!) - Date.parse(step(path[0]!).startedAt!);
  const ownMs = pathMs - estate.reduce((sum, id) => sum + step(id).durationMs!, 0);
  return [
    { what: 'verdict', figure: record.verdict },
    { what: 'whole rehearsal, with lab and failback', figure: `${tookS.toFixed(1)} s`, aim: '< 40 s' },
    {
      what: 'the run itself',
      figure: `${((Date.parse(record.endedAt) - Date.parse(record.startedAt)) / 1000).toFixed(1)} s`,
    },
    { what: 'recovery as users saw it', figure: `<= ${recoveryMs.toFixed(0)} ms` },
    { what: 'from alarm to changed record', figure: `${pathMs.toFixed(0)} ms` },
    { what: "of it the orchestrator's own share", figure: `${ownMs.toFixed(0)} ms`, aim: '< 250 ms' },
    { what: 'own share against recovery', figure: `${((ownMs / recoveryMs) * 100).toFixed(1)} %`, aim: '< 5 %' },
    { what: 'peak memory of the command', figure: `${(peakKb / 1024).toFixed(0)} MB` },
  ];
}
