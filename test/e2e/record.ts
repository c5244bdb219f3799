/** The run record as the contract promises it to the outside: which fields there are, and of which kind. */
import { z } from 'zod';
import type { RunRecord } from '../../src/domain/record.ts';

const interval = z
  .looseObject({ lowerMs: z.number().nonnegative(), upperMs: z.number().nonnegative() })
  .refine(({ lowerMs, upperMs }) => lowerMs <= upperMs, 'the lower bound is above the upper one');
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ precision: 3 });
const count = z.number().int().nonnegative();

const rpo = z.looseObject({
  exercised: z.boolean(),
  upperMs: z.number().nonnegative().optional(),
  lostWrites: count,
  ackedWrites: count,
  indeterminateWrites: count,
});

/** Of a run that went to its end and measured everything that a failover drill can measure. */
export const recordShape = z.looseObject({
  schemaVersion: z.literal(1),
  runId: z.string(),
  drill: z.string(),
  title: z.string(),
  environment: z.enum(['lab', 'aws', 'other']),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'aborted']),
  undo: z.enum(['complete', 'rolled-forward', 'incomplete', 'none']),
  recoveryLabel: z.enum(['unaided', 'simulated-provider', 'aided']),
  reasons: z.array(z.string()).min(1),
  startedAt: time,
  endedAt: time,
  accounts: z.array(z.string().regex(/^\d{12}$/)).min(1),
  regions: z.array(z.string()).min(1),
  definitionHash: hash,
  planHash: hash,
  recordHash: hash,
  toolVersion: z.string(),
  startedBy: z.string(),
  approvals: z.array(
    z.looseObject({ by: z.string(), at: time, comment: z.string().optional(), automatic: z.boolean() }),
  ),
  objectives: z.looseObject({ rtoMs: z.number(), rpoMs: z.number(), failbackMs: z.number() }),
  recovery: z.looseObject({
    measured: interval.and(
      z.looseObject({
        clock: z.enum(['monotonic', 'wall']),
        episodes: count,
        perProbe: z.record(z.string(), interval),
      }),
    ),
    declared: z.looseObject({ detectionMs: z.number().optional(), decisionMs: z.number().optional() }),
    rto: interval,
    rpo,
    phases: z.array(z.looseObject({ name: z.string(), startMs: z.number(), endMs: z.number() })).min(4),
    failback: z.looseObject({ rto: interval, rpo }),
  }),
  steps: z
    .array(
      z.looseObject({
        id: z.string(),
        phase: z.string(),
        uses: z.string(),
        state: z.enum(['none', 'begun', 'applied', 'settled', 'failed', 'undoing', 'undone', 'undo-failed', 'skipped']),
        attempts: count,
        startedAt: time,
        durationMs: z.number().nonnegative(),
        awsCalls: count,
      }),
    )
    .min(1),
  resources: z.array(
    z.looseObject({
      arn: z.string().startsWith('arn:aws:'),
      createdBy: z.string(),
      state: z.enum(['deleted', 'adopted', 'kept', 'leaked']),
    }),
  ),
  events: z.object({ published: count, pending: count }),
});

/** Ids of security groups and names of parameter groups that a run says it left for good reason. */
export const leftOnPurpose = ({ resources }: RunRecord): string[] =>
  resources
    .filter(({ arn, state }) => (state === 'kept' || state === 'adopted') && /:security-group\/|:pg:/.test(arn))
    .map(({ arn }) => arn.split(/[:/]/).at(-1)!);
