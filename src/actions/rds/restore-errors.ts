/** Why a restore was refused or came to nothing, for the person who must act. Waiting mends none of it. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { FiredrillError } from '../../domain/errors.ts';

/** Answers of the restore calls that say too little, by RDS's code. Source: RDS API reference. */
const remedies: Readonly<Record<string, string>> = {
  InvalidRestore:
    'This backup does not fit this place: compare subnet group, security group, option group and class with those of its source.',
  KMSKeyNotAccessible:
    'The backup is encrypted, and its key is disabled, scheduled for deletion, or not granted to this role: then it is no backup.',
  PointInTimeRestoreNotEnabled: 'Give the source a backup retention period of at least a day.',
  DBSubnetGroupDoesNotCoverEnoughAZs: 'Name a DB subnet group with subnets in two zones at least.',
  InvalidVPCNetworkState: 'Name a subnet group and a security group of the same VPC, and a zone that the first covers.',
  StorageTypeNotSupported: 'Name an instance class that supports the storage of the source.',
};

/** @throws FiredrillError `restore-refused` for what RDS names too briefly, else what it was given */
export function explainRestore(error: unknown): never {
  const refusal = error instanceof FiredrillError && error.code === 'aws-refused' ? error : undefined;
  const code = refusal?.found?.split(',')[0] ?? '';
  const remedy = remedies[code];
  if (!refusal || remedy === undefined) throw error;
  const { message, found } = refusal;
  throw new FiredrillError('restore-refused', message, { found, remedy, cause: error });
}

/** Statuses that a restored instance ends in. Source: RDS user guide, "Viewing Amazon RDS DB instance status". */
const ends: Readonly<Record<string, string>> = {
  'incompatible-restore':
    'RDS could not restore this backup. Restore another, and open a case with AWS about this one.',
  'restore-error': 'RDS could not restore this backup. Restore another, and open a case with AWS about this one.',
  'incompatible-parameters':
    'The parameter group asks for more than this instance class or engine version has. Give restores a group of their own.',
  'incompatible-option-group': 'Name an option group that fits the engine version of the backup.',
  'incompatible-network': 'Free addresses in the subnets of the subnet group, or name another one.',
  'insufficient-capacity': 'Name another instance class or zone: AWS has none of this kind there now.',
  'storage-full': 'The backup was taken of a database that had no room left. Give the source more.',
};

/** @returns the error that a restored instance has ended in, if it has and something can be said of it */
export function whatBroke({
  DBInstanceStatus: status = '',
  DBInstanceIdentifier: id,
}: DBInstance): FiredrillError | undefined {
  const remedy = ends[status];
  if (remedy === undefined) return undefined;
  return new FiredrillError('restore-failed', `the restore of ${id} ended as ${status}`, {
    expected: 'available',
    found: status,
    remedy,
  });
}
