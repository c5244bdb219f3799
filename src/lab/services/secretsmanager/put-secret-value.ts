import type { PutSecretValueCommandInput, PutSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { addVersion, current, invalidRequest, refuseDeleted, secretAt } from './state.ts';
import { valueOf } from './value.ts';

/** PutSecretValue: a new version, current unless other labels are given. The same request twice makes one version. */
export const putSecretValue =
  (world: World): Handler<PutSecretValueCommandInput, PutSecretValueCommandOutput> =>
  (input, call) => {
    const { SecretId, ClientRequestToken: token, VersionStages: stages = [current] } = input;
    const secret = secretAt(world, call, SecretId);
    refuseDeleted(secret);
    const value = valueOf(input);
    if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const made = token === undefined ? undefined : secret.versions[token];
    if (made && (made.text !== value.text || made.bytes !== value.bytes)) {
      const message = `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`;
      throw new AwsError('ResourceExistsException', message);
    }
    const version = made ?? addVersion(world, secret, value, { id: token, stages });
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
  };
