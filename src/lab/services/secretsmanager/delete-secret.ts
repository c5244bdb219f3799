import type { DeleteSecretCommandInput, DeleteSecretCommandOutput } from '@aws-sdk/client-secrets-manager';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { invalidParameter, invalidRequest, secretAt, secretsOf, type Secret } from './state.ts';

const dayMs = 86_400_000;

/** DeleteSecret: marks it for a recovery window of 7 to 30 days, in which it can't be read; or ends it at once. */
export const deleteSecret =
  (world: World): Handler<DeleteSecretCommandInput, DeleteSecretCommandOutput> =>
  ({ SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: atOnce = false }, call) => {
    if (atOnce && days !== undefined) {
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    if (days !== undefined && (days < 7 || days > 30)) {
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
    }
    const now = world.clock.wall();
    const secret = atOnce ? secretOrNone(() => secretAt(world, call, SecretId)) : secretAt(world, call, SecretId);
    // By force, also what isn't there is deleted.
    if (secret === undefined) return { Name: SecretId, DeletionDate: now };
    if (atOnce) {
      delete secretsOf(world, call)[secret.name];
      return { ARN: secret.arn, Name: secret.name, DeletionDate: now };
    }
    if (secret.deletesAt !== undefined) {
      throw invalidRequest(
        "You can't perform this operation on the secret because it was already scheduled for deletion.",
      );
    }
    const deletes = new Date(now.getTime() + (days ?? 30) * dayMs);
    secret.deletesAt = deletes.toISOString();
    return { ARN: secret.arn, Name: secret.name, DeletionDate: deletes };
  };

function secretOrNone(find: () => Secret): Secret | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
