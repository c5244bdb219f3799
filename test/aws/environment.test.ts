import { expect, test } from 'vitest';
import { credentialsOf, endpointOf } from '../../src/aws/clients.ts';

test("a service's own endpoint goes before the one for all", () => {
  const env = { AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_ROUTE_53: 'http://dns' };
  expect(endpointOf('route53', env)).toBe('http://dns');
  expect(endpointOf('rds', env)).toBe('http://all');
});

test('endpoints of the environment can be switched off, as the AWS SDKs define it', () => {
  const env = { AWS_ENDPOINT_URL: 'http://all', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
  expect(endpointOf('rds', env)).toBeUndefined();
});

test('a profile goes before keys, which are left to the SDK then', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' };
  expect(credentialsOf(keys)).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' });
  expect(credentialsOf({ ...keys, AWS_PROFILE: 'prod' })).toBeUndefined();
  expect(credentialsOf({})).toBeUndefined();
});
