import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { authoritiesFor } from '../../src/actions/trust.ts';

const yearMs = 365 * 86_400_000;

test('certificates of RDS are held against Amazon’s authorities for it, in whatever region', async () => {
  for (const region of ['eu-central-1', 'us-east-1', 'ap-southeast-2']) {
    const trusted = await authoritiesFor(`orders.c0ffee.${region}.rds.amazonaws.com`, {});
    const authorities = trusted!.map((pem) => new X509Certificate(pem));
    const current = authorities.filter(
      ({ subject, validTo }) =>
        subject.includes(`Amazon RDS ${region} Root CA`) && Date.parse(validTo) > Date.now() + 5 * yearMs,
    );
    // One for each kind of key that RDS offers.
    expect(current.length, region).toBeGreaterThanOrEqual(3);
  }
});

test('elsewhere Node’s own count, and a name that only looks like RDS is elsewhere', async () => {
  for (const host of ['db.example.org', '10.0.0.7', 'rds.amazonaws.com.example.org', 'xrds.amazonaws.com']) {
    expect(await authoritiesFor(host, {}), host).toBeUndefined();
  }
});
