/** A secret's value as callers send it: text or bytes, at most 64 KiB. Source: Secrets Manager API reference. */
import { violated } from '../../wire/constraints.ts';
import { invalidParameter, type SecretValue } from './state.ts';

const mostBytes = 65_536;

interface Sent {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

/**
 * @returns undefined when there is none
 * @throws AwsError InvalidParameterException for both, ValidationException for one that is too long
 */
export function valueOf({ SecretString: text, SecretBinary: bytes }: Sent): SecretValue | undefined {
  if (text !== undefined && bytes !== undefined) {
    throw invalidParameter("You can't specify both SecretString and SecretBinary in the same request.");
  }
  const [member, length] =
    text === undefined ? ['secretBinary', bytes?.length ?? 0] : ['secretString', Buffer.byteLength(text)];
  // The value itself stands in no message.
  if (length > mostBytes) throw violated(member, '***', `have length less than or equal to ${mostBytes}`);
  if (text !== undefined) return { text };
  return bytes === undefined ? undefined : { bytes: Buffer.from(bytes).toString('base64') };
}
