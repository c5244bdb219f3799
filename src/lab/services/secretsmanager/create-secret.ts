import type { CreateSecretCommandInput, CreateSecretCommandOutput } from '@aws-sdk/client-secrets-manager';
import { required } from '../../wire/constraints.ts';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { addSecret, addVersion, invalidRequest, secretsOf } from './state.ts';
import { valueOf } from './value.ts';

/** CreateSecret, with a value or without. The same request twice gives the same secret. */
export const createSecret =
  (world: World): Handler<CreateSecretCommandInput, CreateSecretCommandOutput> =>
  (input, call) => {
    const { ClientRequestToken: token, Description, KmsKeyId, Tags = [], AddReplicaRegions } = input;
    const name = required('name', input.Name);
    if (!/^[\w/+=.@!-]{1,512}$/.test(name)) {
      const message =
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';
      throw new AwsError('ValidationException', message);
    }
    if (AddReplicaRegions?.length) throw new AwsError('NotImplemented', 'The lab replicates no secrets.', 501);
    const value = valueOf(input);
    const existing = secretsOf(world, call)[name];
    if (existing?.deletesAt !== undefined) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    const made = token === undefined ? undefined : existing?.versions[token];
    if (existing && made && made.text === value?.text && made.bytes === value?.bytes) {
      return { ARN: existing.arn, Name: name, VersionId: made.id };
    }
    if (existing) {
      throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
    }
    const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    const secret = addSecret(world, call, { name, description: Description, kmsKeyId: KmsKeyId, tags });
    const version = value && addVersion(world, secret, value, { id: token });
    return { ARN: secret.arn, Name: name, VersionId: version?.id };
  };
