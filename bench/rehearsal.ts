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

function rows(record: RunRecord, tookS: number, peakKb: number): Row[] {
  const took = (id: string): number => record.steps.find((step: StepRecord) => step.id === id)?.durationMs ?? 0;
  const span = (name: string): number => {
    const phase = record.recovery.phases.find((each) => each.name === name);
    return phase ? phase.endMs - phase.startMs : 0;
  };
  const recoveryMs = record.recovery.measured?.upperMs ?? Number.NaN;
  const estateMs = span('detect') + took('fence') + took('promote') + took('flip');
  const ownMs = recoveryMs - estateMs;
  return [
    { what: 'verdict', figure: record.verdict },
    { what: 'whole rehearsal, with failback', figure: `${tookS.toFixed(1)} s`, aim: '< 40 s' },
    { what: 'recovery as users saw it', figure: `<= ${recoveryMs.toFixed(0)} ms` },
    { what: 'of it detection, fence, promotion, record change', figure: `${estateMs.toFixed(0)} ms` },
    { what: 'the rest: orchestrator and the last TTL', figure: `${ownMs.toFixed(0)} ms`, aim: '< 250 ms' },
    { what: 'the rest against recovery', figure: `${((ownMs / recoveryMs) * 100).toFixed(1)} %`, aim: '< 5 %' },
    { what: 'peak memory of the command', figure: `${(peakKb / 1024).toFixed(0)} MB` },
  ];
}
