/** Why an instance that is needed isn't there any more. */
import type { Instance } from '@aws-sdk/client-ec2';
import { FiredrillError } from '../../domain/errors.ts';

/** States from which an instance doesn't come to run by itself. */
const ended: ReadonlySet<string> = new Set(['shutting-down', 'terminated', 'stopping', 'stopped']);

export const hasEnded = (state: string | undefined): boolean => ended.has(state ?? '');

/** @throws FiredrillError `instance-ended` with EC2's reason */
export function mustBeAlive({ InstanceId: id, State, StateReason, StateTransitionReason }: Instance): void {
  if (!hasEnded(State?.Name)) return;
  const why = StateReason?.Message ?? (StateTransitionReason || 'EC2 gives no reason');
  throw new FiredrillError('instance-ended', `instance ${id} is ${State!.Name}: ${why}`, {
    expected: 'pending or running',
    found: `${State!.Name} (${StateReason?.Code ?? 'no code'})`,
    remedy:
      'A shutdown was the script’s own or a person’s. Client.InternalError is mostly a key that its volumes are encrypted with and that may not be used.',
  });
}
