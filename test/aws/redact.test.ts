import { expect, test } from 'vitest';
import { redacted, scrub, secretsIn } from '../../src/aws/redact.ts';

test('secret-bearing members of an input are left out at any depth, tokens of paging and idempotency are not', () => {
  const input = {
    MasterUserPassword: 'p',
    NextToken: 'n',
    ClientToken: 'c',
    Nested: [{ SecretAccessKey: 's', Name: 'x' }],
  };
  expect(redacted(input)).toEqual({
    MasterUserPassword: '[redacted]',
    NextToken: 'n',
    ClientToken: 'c',
    Nested: [{ SecretAccessKey: '[redacted]', Name: 'x' }],
  });
  expect(secretsIn(input)).toEqual(['p', 's']);
});

test('binary bodies are named, not printed', () => {
  expect(redacted({ Body: Buffer.from('x') })).toEqual({ Body: '[Buffer]' });
});

test('encoded authorisation contexts and signatures do not get into messages', () => {
  expect(scrub('Denied. Encoded authorization failure message: AAAA-bbbb')).toBe('Denied.');
  expect(scrub('at /?X-Amz-Signature=abcd1234&x=1')).toBe('at /?X-Amz-Signature=[redacted]&x=1');
});
