import { describe, expect, it } from 'vitest';
import { localEndpointOf } from '../../src/app/local-endpoint.ts';

describe('an AWS endpoint on the machine that runs the drill', () => {
  it.each([
    ['http://127.0.0.1:4566'],
    ['http://127.3.1.1:43117/'],
    ['http://localhost:4566'],
    ['https://LOCALHOST'],
    ['http://s3.localhost:4566'],
    ['http://[::1]:4566'],
    ['http://[::ffff:127.0.0.1]:4566'],
    ['http://0.0.0.0:4566'],
  ])('is known by its address: %s', (url) => {
    expect(localEndpointOf({ AWS_ENDPOINT_URL: url })).toBe(true);
    expect(localEndpointOf({ AWS_ENDPOINT_URL_RDS: url })).toBe(true);
  });

  it.each([
    ['https://vpce-1.rds.eu-central-1.vpce.amazonaws.com'],
    ['http://10.0.0.4:4566'],
    ['https://localhost.example.com'],
    ['https://127.0.0.1.example.com'],
    ['nonsense'],
    [''],
  ])('is not seen in any other: %s', (url) => {
    expect(localEndpointOf({ AWS_ENDPOINT_URL: url })).toBeUndefined();
  });

  it('is not seen where none is named, where none is to be used, or where only step events go there', () => {
    const here = 'http://127.0.0.1:4566';
    expect(localEndpointOf({ AWS_REGION: 'eu-central-1' })).toBeUndefined();
    expect(localEndpointOf({ AWS_ENDPOINT_URL: here, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })).toBeUndefined();
    expect(localEndpointOf({ AWS_ENDPOINT_URL_SQS: here })).toBeUndefined();
  });
});
