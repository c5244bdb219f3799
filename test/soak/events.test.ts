/** Events reach the queue in order and complete, although the queue was down for a while and the sender was killed meanwhile. */
import { expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { runIdIn } from '../e2e/cli.ts';
import { clearFaults, post } from '../e2e/lab.ts';
import { approveWhenAsked, onFreshLab, report } from './rounds.ts';

test('events survive an outage of SQS and the death of the command', async () => {
  await onFreshLab(async ({ home, lab, drill }) => {
    const run = home.start('run', drill, '--values', 'lab', '--json');
    const approving = approveWhenAsked(home, run);
    await run.says(/→ lose/);
    const fault = { kind: 'error', code: 'ServiceUnavailable', status: 503 };
    await post(lab, 'faults', { service: 'sqs', fault });
    await run.says(/→ promote:/);
    run.child.kill('SIGKILL');
    await Promise.all([run.ended, approving]);

    const resumed = home.start('resume', runIdIn(run.said()), '--json');
    // Recovery goes on without the queue.
    await resumed.says(/→ heal/);
    await clearFaults(lab);
    const { code, stdout, stderr } = await resumed.ended;
    expect(code, stderr).toBe(0);
    const { runId, recordHash } = JSON.parse(stdout) as RunRecord;

    const tail = await home.run('events', 'tail', '--json', '--until-empty');
    const events = tail.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { data: { runId: string; seq: number; hash: string } });
    report(`${events.length} events`);
    expect(events.map(({ data }) => data.seq)).toEqual(events.map((_, n) => n + 1));
    expect(new Set(events.map(({ data }) => data.runId))).toEqual(new Set([runId]));
    expect(events.at(-1)!.data.hash).toBe(recordHash);
  });
});
