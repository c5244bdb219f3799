import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAws } from '../../src/aws/funnel.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { active, openTestLab } from '../actions/support/lab.ts';
import type { FakeEndpoint } from './endpoint.ts';
import { fakeEndpoint, here, optionsFor, xml } from './endpoint.ts';

describe('a signed URL', () => {
  let lab: TestLab;
  beforeEach(async () => {
    lab = await openTestLab(async () => {});
    await lab.aws.in(active).s3.createBucket({ Bucket: 'dumps' });
  });
  afterEach(() => lab.close());

  test('lets somebody without credentials put any body and get it, and nothing else', async () => {
    const object = { bucket: 'dumps', key: 'nightly/a b+c.json' };
    const put = await lab.aws.presign(active, { method: 'PUT', ...object, forMs: 60_000 });
    expect((await fetch(put.url, { method: 'PUT', body: '{"status":"ready"}' })).status).toBe(200);
    const got = await lab.aws.presign(active, { method: 'GET', ...object, forMs: 60_000 });
    expect(await (await fetch(got.url)).text()).toBe('{"status":"ready"}');
    expect(Object.keys(Object.fromEntries(new URL(put.url).searchParams)).join(' ')).not.toMatch(/checksum/i);
  });

  test('of a version gives that version, however many came after it', async () => {
    const { s3 } = lab.aws.in(active);
    await s3.putBucketVersioning({ Bucket: 'dumps', VersioningConfiguration: { Status: 'Enabled' } });
    const { VersionId: versionId } = await s3.putObject({ Bucket: 'dumps', Key: 'k', Body: 'old' });
    await s3.putObject({ Bucket: 'dumps', Key: 'k', Body: 'new' });
    const { url } = await lab.aws.presign(active, {
      method: 'GET',
      bucket: 'dumps',
      key: 'k',
      versionId,
      forMs: 60_000,
    });
    expect(await (await fetch(url)).text()).toBe('old');
  });

  test('is not made with credentials of another account', async () => {
    const other = { ...active, account: '999988887777' };
    const signing = lab.aws.presign(other, { method: 'GET', bucket: 'dumps', key: 'k', forMs: 1 });
    await expect(signing).rejects.toMatchObject({ code: 'account-mismatch', expected: 'account 999988887777' });
  });
});

describe('how long a signed URL is good', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const opened of open.splice(0)) await opened.close();
  });

  /** Assumes roles with sessions of an hour, the first one with `firstS` seconds left. */
  async function funnel(firstS: number) {
    let assumed = 0;
    const endpoint: FakeEndpoint = await fakeEndpoint((request, response) => {
      assumed += 1;
      const expiration = new Date(Date.now() + (assumed === 1 ? firstS : 3600) * 1000).toISOString();
      xml(
        response,
        request.operation,
        `<Credentials><AccessKeyId>ASIASESSION${assumed}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
      );
    });
    const aws = createAws(optionsFor(endpoint.url));
    open.push(aws, endpoint);
    return { aws, endpoint };
  }
  const request = { method: 'GET', bucket: 'b', key: 'k' } as const;
  const minutes = (ms: number): number => Math.round(ms / 60_000);

  test('it ends with the session that signed it, and a session that would end too soon is renewed first', async () => {
    const { aws, endpoint } = await funnel(1800);
    const place = { ...here, role: 'firedrill' };
    await aws.presign(place, { ...request, forMs: 600_000 });
    expect(endpoint.operations()).toEqual(['AssumeRole']);
    const { url, goodForMs } = await aws.presign(place, { ...request, forMs: 4 * 3_600_000 });
    expect(endpoint.operations()).toEqual(['AssumeRole', 'AssumeRole']);
    expect(new URL(url).searchParams.get('X-Amz-Credential')).toMatch(/^ASIASESSION2\//);
    expect(minutes(goodForMs)).toBe(60);
    await aws.presign(place, { ...request, forMs: 4 * 3_600_000 });
    expect(endpoint.operations()).toHaveLength(2);
  });

  test('credentials without an end sign for as long as is asked, and never beyond seven days', async () => {
    const { aws } = await funnel(3600);
    const short = await aws.presign(here, { ...request, forMs: 4 * 3_600_000 });
    expect(minutes(short.goodForMs)).toBe(240);
    const long = await aws.presign(here, { ...request, forMs: 30 * 86_400_000 });
    expect(new URL(long.url).searchParams.get('X-Amz-Expires')).toBe('604800');
  });
});
