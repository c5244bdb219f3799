/** AWS Secrets Manager in the lab: secrets and their versions; no rotation, policies or replicas. Source: its API reference. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { createSecret } from './create-secret.ts';
import { deleteSecret } from './delete-secret.ts';
import { describeSecret } from './describe-secret.ts';
import { getSecretValue } from './get-secret-value.ts';
import { listSecrets } from './list-secrets.ts';
import { putSecretValue } from './put-secret-value.ts';

export const secretsmanager = (world: World): ServiceEmulation => ({
  client: 'secrets-manager',
  operations: {
    CreateSecret: createSecret(world),
    DeleteSecret: deleteSecret(world),
    DescribeSecret: describeSecret(world),
    GetSecretValue: getSecretValue(world),
    ListSecrets: listSecrets(world),
    PutSecretValue: putSecretValue(world),
  },
});
