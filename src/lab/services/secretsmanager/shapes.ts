/** A secret as DescribeSecret and ListSecrets tell it. */
import { tagsOf, type Secret } from './state.ts';

const dateOf = (iso: string | undefined): Date | undefined => (iso === undefined ? undefined : new Date(iso));

export const described = (secret: Secret) => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description,
  KmsKeyId: secret.kmsKeyId,
  CreatedDate: new Date(secret.createdAt),
  LastChangedDate: new Date(secret.changedAt),
  LastAccessedDate: dateOf(secret.accessedAt),
  DeletedDate: dateOf(secret.deletesAt),
  Tags: tagsOf(secret),
});
