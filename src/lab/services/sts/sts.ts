/** AWS STS in the lab: identities and assumed roles. Which account credentials belong to is said by `accountOf` in state.ts. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { assumeRole } from './assume-role.ts';
import { getCallerIdentity } from './get-caller-identity.ts';

export const sts = (world: World): ServiceEmulation => ({
  client: 'sts',
  operations: { AssumeRole: assumeRole(world), GetCallerIdentity: getCallerIdentity(world) },
});
