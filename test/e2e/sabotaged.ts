/** One sabotaged restore: its run, and what must hold of its end whatever was done to it. */
import { expect } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { clearFaults, post } from './lab.ts';
import type { RestoreLab } from './restore-lab.ts';
import type { Sabotage } from './sabotage.ts';

/** @returns its reasons, for people to read */
export async function expectCaught(stage: RestoreLab, sabotage: Sabotage): Promise<string> {
  const { name, changes, meanwhile, fault, code, says, failed } = sabotage;
  const good = (await stage.backups()).at(-1)!;
  const file = await stage.prepare(name, await changes({ good, source: await stage.source() }));
  if (fault) await post(stage.lab, 'faults', fault);
  const run = stage.start(file);
  const [{ code: ended, stdout, stderr }] = await Promise.all([run.ended, meanwhile?.(stage, run)]);
  if (fault) await clearFaults(stage.lab);
  expect(ended, `${stdout}\n${stderr}`).toBe(code);
  if (failed === 'refused') {
    const { error } = JSON.parse(stdout) as { error: { message: string } };
    expect(error.message).toMatch(says);
    return error.message;
  }
  const record = JSON.parse(stdout) as RunRecord;
  const reasons = record.reasons.join('\n');
  expect(reasons).toMatch(says);
  expect(record).toMatchObject({ exitCode: code, verdict: code === 1 ? 'fail' : 'inconclusive' });
  expect(record.steps.flatMap(({ id, error }) => (error ? [id] : []))).toEqual(failed);
  await stage.expectNothingLeft(record);
  return reasons;
}
