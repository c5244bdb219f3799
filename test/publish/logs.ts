/** Logs for the tests of publishing: any events, chained as a log chains them. */
import type { EventBody, LogEntry } from '../../src/domain/event.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { nextEntry } from '../../src/log/chain.ts';

export const emptyHead = { seq: 0, hash: '0'.repeat(64) };

export const eventOf = (body: EventBody) => ({
  ...body,
  mark: { clockId: 'boot', ns: '1', at: '2026-01-01T00:00:00.000Z' },
});

export function logOf(runId: string, bodies: readonly EventBody[]): LogEntry[] {
  let head: { seq: number; hash: string } = emptyHead;
  return bodies.map((body) => {
    const entry = nextEntry(runId, head, eventOf(body));
    head = entry;
    return entry;
  });
}

/** As much of a plan as is published, and something that isn't. */
export const plan = {
  runId: 'r1',
  drill: { name: 'regional failover', title: 'Orders survive losing a region', definitionHash: 'd' },
  environment: 'lab',
  targets: { db: { name: 'db', login: 'env:LOGIN', items: [{ id: 'db-1', arn: 'arn:db', facts: {} }] } },
  steps: [
    { id: 'lose', phase: 'inject', uses: 'ec2/isolate-subnets', with: { subnets: 'arn:db' } },
    { id: 'go', phase: 'decide', uses: 'approval', with: {} },
  ],
  probes: [{ name: 'read' }],
  planHash: 'p',
} as unknown as Plan;
