/** Where drills find the password of the role that verifies copies: in AWS's own stores, as a team would keep it. */
import { addSecret, addVersion } from '../services/secretsmanager/state.ts';
import { addSecureParameter } from '../services/ssm/state.ts';
import type { Scope, World } from '../world.ts';
import { ordersLogins } from './orders-data.ts';

const app = 'orders';

/** `secretsmanager:orders/drill-verifier#password` and `ssm:/orders/drill-verifier`, in one region. */
export function keepVerifierPassword(world: World, scope: Scope): void {
  const tags = { app };
  const { user: username, password } = ordersLogins.verifier;
  const secret = addSecret(world, scope, {
    name: `${app}/drill-verifier`,
    description: 'Reads what a restore brought back, and can do nothing else.',
    tags,
  });
  addVersion(world, secret, { text: JSON.stringify({ username, password }) });
  addSecureParameter(world, scope, { name: `/${app}/drill-verifier`, value: password, tags });
}
