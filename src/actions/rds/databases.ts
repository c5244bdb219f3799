/** What the RDS actions share: looking at one DB instance, and the words for it. */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Place } from '../../aws/aws.ts';
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import { ifThere } from '../absent.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf } from '../places.ts';
import type { SqlEndpoint } from '../sql-port.ts';

/** The instance of that identifier, if there is one. */
export async function findDatabase(
  { aws }: Pick<ActionInput, 'aws'>,
  place: Place,
  id: string,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<DBInstance | undefined> {
  const { rds } = aws.in(place);
  const found = await ifThere(() => rds.describeDBInstances({ DBInstanceIdentifier: id }, { signal }));
  return found?.DBInstances?.[0];
}

/** @throws FiredrillError `database-gone` */
export async function theDatabase(
  input: Pick<ActionInput, 'aws'>,
  target: ResolvedTarget,
  attempt: Pick<Attempt, 'signal'>,
): Promise<DBInstance> {
  const { id } = onlyItem(target);
  const database = await findDatabase(input, placeOf(target), id, attempt);
  if (database) return database;
  throw new FiredrillError('database-gone', `there is no DB instance ${id} in ${target.region} any more`, {
    expected: id,
    found: 'none',
    remedy: 'Find out in CloudTrail who deleted or renamed it.',
  });
}

export function endpointOf({ Endpoint, DBName }: DBInstance): SqlEndpoint | undefined {
  if (!Endpoint?.Address) return undefined;
  return { host: Endpoint.Address, port: Endpoint.Port ?? 5432, database: DBName || undefined };
}

export const databaseArn = ({ account, region }: Place, id: string): string =>
  `arn:aws:rds:${region}:${account}:db:${id}`;

/** Statuses from which a DB instance does not come back by itself. */
const broken = /^(failed|inaccessible-|incompatible-|storage-full|restore-error|insufficient-capacity)/;

/** @throws FiredrillError `database-broken` when waiting is no use */
export function mustNotBeBroken(database: DBInstance): void {
  const { DBInstanceStatus: status = '', DBInstanceIdentifier: id } = database;
  if (!broken.test(status)) return;
  throw new FiredrillError('database-broken', `${id} is ${status}`, {
    expected: 'available',
    found: status,
    remedy: `See the events of ${id} in RDS.`,
  });
}
