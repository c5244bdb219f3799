import { expect, test } from 'vitest';
import { hostsOf, mustBeOwn } from '../../../src/actions/ec2/ready-host.ts';

const instance = {
  PrivateIpAddress: '10.0.0.5',
  PublicIpAddress: '203.0.113.5',
  PrivateDnsName: 'ip-10-0-0-5.eu-central-1.compute.internal',
  PublicDnsName: '',
  NetworkInterfaces: [
    {
      Association: { PublicIp: '203.0.113.5' },
      Ipv6Addresses: [{ Ipv6Address: '2001:DB8::5' }],
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.0.5' },
        { PrivateIpAddress: '10.0.0.6', Association: { PublicDnsName: 'ec2-6.example.org' } },
      ],
    },
  ],
};

test('an instance is known by the addresses and names of all its interfaces, once each', () => {
  expect(hostsOf(instance).sort()).toEqual([
    '10.0.0.5',
    '10.0.0.6',
    '2001:db8::5',
    '203.0.113.5',
    'ec2-6.example.org',
    'ip-10-0-0-5.eu-central-1.compute.internal',
  ]);
});

test('names are alike in any case, and with the dot at their end', () => {
  const own = hostsOf(instance);
  expect(() => mustBeOwn('IP-10-0-0-5.eu-central-1.compute.internal.', 'i-1', own)).not.toThrow();
  expect(() => mustBeOwn('10.0.0.50', 'i-1', own)).toThrow(/not an address of i-1 \(10\.0\.0\.5, /);
  expect(() => mustBeOwn('10.0.0.5', 'i-1', hostsOf({}))).toThrow(/which is not an address of i-1$/);
});
