/** Drills that would prove nothing, and limits that contradict each other. */
import { mistake } from './mistake.ts';
import type { Malformed } from './mistake.ts';

/** What the verification of the sample asks. */
const verification = `    with:
      database: $(steps.restored.outputs.database)
      user: verifier
      password: $(login)
      version: 18
      schema: scripts/schema.json
      tables:
        orders: { minRows: 1000 }
        returns: { empty: true }
      freshness: { table: canary, column: written_at }
      queries:
        - { sql: select count(*) from orders where total < 0, answer: 0 }
`;

export const proof: readonly Malformed[] = [
  mistake(
    'a fault that no probe watches',
    'throwaway',
    [
      [
        'recover:\n',
        'inject:\n  - { id: reboot, uses: rds/reboot-with-failover, with: { database: primary } }\nrecover:\n',
      ],
      ['objectives: { rto: 3h }\n', ''],
    ],
    'fault-without-probe',
    'reboot,',
    'no probe',
  ),
  mistake(
    'probes that all hold',
    'az-kill',
    [
      ['threshold: {', 'expect: holds\n    threshold: {'],
      ['ttl: ignore }', 'ttl: ignore, expect: any }'],
      ['expect: breaks', 'expect: holds'],
      ['rto: 2m, rpo', 'rpo'],
    ],
    'nothing-shows-fault',
    'peak:\n    uses',
    'all probes hold',
  ),
  mistake(
    'an rto that no probe can show',
    'switchover',
    [['every: 200ms }', 'every: 200ms, expect: holds }']],
    'rto-needs-probe',
    'rto: 5m, rpo',
    'probe that recovers',
  ),
  mistake(
    'an rpo without a canary',
    'az-kill',
    [
      [
        '  write: { uses: http/canary, with: { url: $(site)/canary }',
        '  write: { uses: http/get, with: { url: $(site)/canary }',
      ],
    ],
    'rpo-needs-canary',
    'rpo: 0s',
    'canary',
  ),
  mistake(
    'a probe that breaks without a fault',
    'switchover',
    [['expect: holds', 'expect: breaks']],
    'breaks-needs-fault',
    'breaks }',
    'nothing is injected',
  ),
  mistake(
    'a restore that nobody looks into',
    'restore',
    [
      ['uses: postgres/verify\n', 'uses: wait\n    for: 1m\n'],
      [verification, ''],
      [', login: login by reference', ''],
      [', login: env:FIREDRILL_LAB_VERIFIER', ''],
      [', login: file:/run/secrets/verifier', ''],
    ],
    'restore-without-verify',
    'restored, uses',
    'verify its output',
  ),
  mistake(
    'a second restore that nobody looks into',
    'restore',
    [
      [
        'timeout: 30m }',
        'timeout: 30m }\n  - { id: again, uses: ec2/await-ready, with: { instance: $(steps.launch.outputs.instance) } }',
      ],
    ],
    'restore-without-verify',
    'again, uses',
    'verify its output',
  ),
  mistake(
    'a restore beside which something else is looked into',
    'restore',
    [
      ['signals/ }', 'signals/ }\n  live: { type: rds/instance, id: orders }'],
      ['database: $(steps.restored.outputs.database)', 'database: live'],
    ],
    'restore-without-verify',
    'restored, uses',
    'verify its output',
  ),
  mistake(
    'a promise of failback in a restore',
    'restore',
    [['rpo: 26h,', 'rpo: 26h, failback: { rto: 5m },']],
    'failback-not-drilled',
    'failback:',
    'nothing here shows',
  ),
  mistake(
    'an rto beyond the duration',
    'failover',
    [['rto: 20m', 'rto: 3h']],
    'rto-beyond-duration',
    '3h',
    'stopped after 2h',
  ),
  mistake(
    'a window that ends before it starts',
    'az-kill',
    [['to: 15:00', 'to: 08:00']],
    'window-ends-before-start',
    '08:00',
    'before it starts',
  ),
  mistake(
    'a blackout that ends before it starts',
    'az-kill',
    [['to: 2026-11-30', 'to: 2026-11-20']],
    'window-ends-before-start',
    '2026-11-20',
    'before it starts',
  ),
  mistake(
    'a scheduled fault in production that nobody approves',
    'az-kill',
    [
      ['region: eu-central-1', 'region: eu-central-1, production: true'],
      ['  - { id: go, uses: approval, with: { ask: May one zone go? }, timeout: 1h }\n', ''],
      ['baseline:', 'schedule: [{ cron: 0 9 * * 2, values: [prod] }]\nbaseline:'],
    ],
    'production-needs-approval',
    'schedule:',
    'add an approval',
  ),
  mistake(
    'a scheduled fault in production that is approved when it is done',
    'failover',
    [
      ['region: eu-central-1, role: firedrill', 'region: eu-central-1, role: firedrill, production: true'],
      ['baseline:', 'schedule: [{ cron: 0 9 * * 2, values: [prod] }]\nbaseline:'],
    ],
    'production-needs-approval',
    'schedule:',
    "'lose' hits production on a schedule, and nobody is asked before: add an approval to baseline",
  ),
  mistake(
    'a scheduled promotion in production that nobody approves',
    'switchover',
    [
      ['region: eu-west-1', 'region: eu-west-1, production: true'],
      [
        '  - { id: go, uses: approval, with: { ask: Move to the passive region now?, fourEyes: true }, timeout: 30m }\n',
        '  - { id: go, uses: wait, for: 1s }\n',
      ],
      ['baseline:', 'schedule: [{ cron: 0 9 * * 2, values: [prod] }]\nbaseline:'],
    ],
    'production-needs-approval',
    'schedule:',
    'baseline or decide',
  ),
  mistake(
    'a schedule with the values of the lab',
    'restore',
    [['values: [prod]', 'values: [lab]']],
    'schedule-with-lab-values',
    'lab],',
    'rehearsals',
  ),
  mistake(
    'a schedule for services that are not there',
    'restore',
    [['values: [prod]', 'values: [prod], forEach: { app: toys }']],
    'for-each-selects-nothing',
    'forEach',
    'no value set',
  ),
  mistake(
    'a probe too coarse for its objective',
    'failover',
    [['/1 }, every: 200ms', '/1 }, every: 10m']],
    'coarse-probe',
    '10m }',
    'coarse',
  ),
  mistake(
    'a flip before the promotion',
    'failover',
    [
      [
        '  - { id: fence, uses',
        '  - { id: early, uses: route53/change-record, with: { record: www, to: passive-alb } }\n  - { id: fence, uses',
      ],
      ['  - { id: flip, uses: route53/change-record, with: { record: www, to: passive-alb } }\n', ''],
      ['step: flip', 'step: early'],
    ],
    'flip-before-promote',
    'early,',
    'writes fail',
  ),
];
