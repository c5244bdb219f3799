import type { GetSecretValueCommandInput, GetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { current, notFound, refuseDeleted, secretAt, versionAt } from './state.ts';

/** GetSecretValue: the current version, or the one that an id or a label names. */
export const getSecretValue =
  (world: World): Handler<GetSecretValueCommandInput, GetSecretValueCommandOutput> =>
  ({ SecretId, VersionId, VersionStage }, call) => {
    const secret = secretAt(world, call, SecretId);
    refuseDeleted(secret);
    const stage = VersionStage ?? current;
    const version = VersionId === undefined ? versionAt(secret, stage) : secret.versions[VersionId];
    // An id and a label together must mean the same version.
    if (!version || (VersionStage !== undefined && !version.stages.includes(VersionStage))) {
      const which = VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${VersionId}`;
      throw notFound(`Secrets Manager can't find the specified secret value for ${which}`);
    }
    secret.accessedAt = `${world.nowIso().slice(0, 10)}T00:00:00.000Z`;
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: version.text,
      SecretBinary: version.bytes === undefined ? undefined : Buffer.from(version.bytes, 'base64'),
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.createdAt),
    };
  };
