/**
 * `rds/await-lag`: how far a replica is behind. "Nothing is missing" (`max: 0s`) can't be read from the ReplicaLag metric: an
 * idle source lets it rise although nothing is missing. It is proven by positions: the replica has replayed at least what the
 * source has flushed, and the source stands still. That needs a login and a source that is fenced, yet answers.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import type { Place } from '../../aws/aws.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { duration, target } from '../../domain/fields.ts';
import type { Attempt, Progress } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { lookBySql, speaksSql } from '../sql.ts';
import { databaseArn, endpointOf, findDatabase, theDatabase } from './databases.ts';

const params = z.strictObject({
  replica: target('rds/instance', 'the read replica'),
  max: duration('greatest lag that is good enough; 0s: everything that the source has is replayed (needs a login)'),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/await-lag',
  describes: 'Waits until a read replica is no further behind its source than `max`',
  params,
  effect: 'observes',
  outputs: { lagSeconds: { describes: 'the lag that was seen last, in seconds' } },
  permissions: ['cloudwatch:GetMetricStatistics', 'rds:DescribeDBInstances'],
  timeoutMs: 900_000,
} satisfies ActionSpec<typeof params>;

/** A datapoint that is older says nothing of the lag now. */
const freshMs = 5 * 60_000;
const periodSeconds = 60;

export const awaitLag = defineAction<typeof params>({
  spec,
  parts(input) {
    const replica = input.target(input.params.replica);
    const positions = new Positions(input, replica);
    return [
      {
        shape: 'observe',
        name: 'lag',
        touches: databaseArn(replica, onlyItem(replica).id),
        pollMs: input.pollMs,
        async poll(attempt) {
          if (input.params.max > 0) return lagMetric(input, replica, attempt);
          if (!speaksSql(replica)) throw needsLogin(replica);
          return positions.compare(attempt);
        },
      },
    ];
  },
  preview(input) {
    const replica = input.target(input.params.replica);
    const arn = databaseArn(replica, onlyItem(replica).id);
    const unprovable = input.params.max === 0 && !speaksSql(replica);
    return {
      touches: [arn],
      permissions: [
        ...permissions(replica, ['rds:DescribeDBInstances'], [arn]),
        ...permissions(replica, ['cloudwatch:GetMetricStatistics'], ['*']),
      ],
      findings: unprovable
        ? [
            {
              severity: 'refuse',
              code: 'lag-unprovable',
              message: `That ${replica.name} misses nothing can only be proven by SQL, for PostgreSQL, with a login`,
              remedy: `Give ${replica.name} a login, or accept a lag: max: 30s.`,
            },
          ]
        : [],
    };
  },
});

/** RDS's own figure, the newest. -1 is RDS's word for "not replicating". */
async function lagMetric(input: ActionInput<Params>, replica: ResolvedTarget, { signal }: Attempt): Promise<Progress> {
  const { id } = onlyItem(replica);
  const now = input.clock.wall().getTime();
  const { Datapoints = [] } = await input.aws.in(placeOf(replica)).cloudwatch.getMetricStatistics(
    {
      Namespace: 'AWS/RDS',
      MetricName: 'ReplicaLag',
      Dimensions: [{ Name: 'DBInstanceIdentifier', Value: id }],
      StartTime: new Date(now - freshMs),
      EndTime: new Date(now + periodSeconds * 1000),
      Period: periodSeconds,
      Statistics: ['Maximum'],
    },
    { signal },
  );
  const newest = Datapoints.toSorted((a, b) => b.Timestamp!.getTime() - a.Timestamp!.getTime())[0];
  const lagSeconds = newest?.Maximum;
  if (lagSeconds === undefined) return { done: false, saw: `no ReplicaLag of ${id} in the last 5 minutes` };
  if (lagSeconds < 0) return { done: false, saw: `${id} is not replicating` };
  if (lagSeconds * 1000 > input.params.max) return { done: false, saw: `${id} is ${lagSeconds} s behind` };
  return { done: true, outputs: { lagSeconds } };
}

/** Positions of a replica and its source in the write-ahead log. */
class Positions {
  readonly #input: ActionInput<Params>;
  readonly #replica: ResolvedTarget;
  #before: bigint | undefined;

  constructor(input: ActionInput<Params>, replica: ResolvedTarget) {
    this.#input = input;
    this.#replica = replica;
  }

  /** Done when the source has stood still between two looks and the replica has replayed all of it. */
  async compare(attempt: Attempt): Promise<Progress> {
    const { id } = onlyItem(this.#replica);
    const replica = await theDatabase(this.#input, this.#replica, attempt);
    const sourceId = replica.ReadReplicaSourceDBInstanceIdentifier;
    if (!sourceId) throw noSource(id);
    const { place, name } = placeOfSource(placeOf(this.#replica), sourceId);
    const source = await findDatabase(this.#input, place, name, attempt);
    const [at, from] = [endpointOf(replica), source && endpointOf(source)];
    if (!at || !from) return { done: false, saw: `${at ? name : id} has no endpoint` };

    const look = async (endpoint: typeof at, sql: string): Promise<bigint | Progress> => {
      let position: bigint | undefined;
      const seen = await lookBySql(this.#input, this.#replica, endpoint, async (session) => {
        position = parsePosition(String((await session.query(sql))[0]?.['lsn']));
        return { done: true };
      });
      return position ?? seen;
    };
    // A replica has its source's users and passwords: one login serves both.
    const flushed = await look(from, 'select pg_current_wal_flush_lsn()::text as lsn');
    if (typeof flushed !== 'bigint') return flushed;
    const replayed = await look(at, 'select pg_last_wal_replay_lsn()::text as lsn');
    if (typeof replayed !== 'bigint') return replayed;

    const stoodStill = this.#before === flushed;
    this.#before = flushed;
    if (replayed < flushed) return { done: false, saw: `${id} has ${flushed - replayed} bytes left to replay` };
    if (!stoodStill) return { done: false, saw: `making sure that ${name} stands still` };
    return { done: true, outputs: { lagSeconds: 0 } };
  }
}

/** `16/B374D848`: two halves of a 64-bit position, in hexadecimal. */
export function parsePosition(lsn: string): bigint {
  const [high = '', low = ''] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** A source in another region is given as an ARN, one in the same region by its identifier. */
function placeOfSource(replica: Place, source: string): { place: Place; name: string } {
  if (!source.startsWith('arn:')) return { place: replica, name: source };
  const [, , , region = replica.region, , , name = source] = source.split(':');
  return { place: { ...replica, region }, name };
}

const needsLogin = (replica: ResolvedTarget): FiredrillError =>
  new FiredrillError('lag-unprovable', `that ${replica.name} misses nothing can't be proven without SQL`, {
    expected: 'a PostgreSQL database with a login',
    found: replica.login ? textOf(onlyItem(replica).facts['engine']) : 'no login',
    remedy: `Give ${replica.name} a login, or accept a lag: max: 30s.`,
  });

const noSource = (id: string): FiredrillError =>
  new FiredrillError('not-a-replica', `${id} is no read replica`, {
    expected: 'a read replica',
    found: 'an instance without a source',
    remedy: 'It may have been promoted before. See its events in RDS.',
  });
