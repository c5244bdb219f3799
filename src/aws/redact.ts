/** Keeps secrets out of logs and errors: what calls carry in, and what AWS's answers carry back. */
import { withoutSecrets } from '../domain/secrets-in-text.ts';

/** User data carries signed URLs. */
const secretKeys = /password|secret|sessiontoken|credential|accesskey|privatekey|authtoken|userdata/i;

/** A call's input for the log: the values of secret-bearing members are left out, at any depth. */
export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (value === null || typeof value !== 'object') return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return `[${value.constructor?.name ?? 'object'}]`;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, secretKeys.test(key) ? '[redacted]' : redacted(member)]),
  );
}

/** Values of secret-bearing members of a call's input. */
export function secretsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return secretKeys.test(key) && value.length > 0 ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((member) => secretsIn(member, key));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => secretsIn(member, name));
}

/**
 * AWS's message for people. Access key ids, signatures and encoded authorisation contexts say nothing to them, and don't
 * belong in a log that is kept for years.
 */
export function scrub(message: string, secrets: readonly string[] = []): string {
  let text = message;
  for (const secret of secrets) text = text.replaceAll(secret, '[redacted]');
  return withoutSecrets(text.replaceAll(/Encoded authorization failure message: \S+/gi, '')).trim();
}
