import { expect, test } from 'vitest';
import { withoutSecrets } from '../../src/domain/secrets-in-text.ts';

test.each([
  ['an access key', 'key AKIAABCDEFGHIJKLMNOP is unknown', 'key [access key] is unknown'],
  ['a signature', 'got /k?X-Amz-Signature=abc&x=1', 'got /k?X-Amz-Signature=[redacted]&x=1'],
  ['a token in quotes', 'curl "/k?X-Amz-Security-Token=a%2Fb"', 'curl "/k?X-Amz-Security-Token=[redacted]"'],
  ['a password in an address', 'postgres://app:s3cret@db/orders', 'postgres://app:[redacted]@db/orders'],
  ['a password in the environment', 'PGPASSWORD=s3cret psql', 'PGPASSWORD=[redacted] psql'],
  ['a password in quotes', "password='s3 cret', host", 'password=[redacted], host'],
  ['a password in JSON', '{"password": "s3 cret"}', '{"password": [redacted]}'],
  ['a private key', 'x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y', 'x [private key] y'],
  ['a private key that was cut off', 'x -----BEGIN PRIVATE KEY-----\nMIIE', 'x [private key]'],
])('%s is taken out', (_, text, said) => {
  expect(withoutSecrets(text)).toBe(said);
});

test('what only speaks of secrets is left as it is', () => {
  const text = 'FATAL: password authentication failed for user "drill_verifier" (secret rotated)';
  expect(withoutSecrets(text)).toBe(text);
});
