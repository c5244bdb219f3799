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

test('user data does not get into logs: signed URLs stand in it', () => {
  expect(redacted({ UserData: 'IyEv', ImageId: 'ami-1' })).toEqual({ UserData: '[redacted]', ImageId: 'ami-1' });
});

test('a signed URL keeps its address and loses what makes it one', () => {
  const said = scrub(
    "GET 'https://b.s3.amazonaws.com/k?X-Amz-Credential=ASIA1%2Fx&X-Amz-Security-Token=T%2Bt&X-Amz-Signature=5f&x-id=GetObject' failed",
  );
  expect(said).toContain("'https://b.s3.amazonaws.com/k?");
  expect(said).toMatch(/&x-id=GetObject' failed$/);
  expect(said).not.toMatch(/ASIA1|T%2Bt|5f/);
});
