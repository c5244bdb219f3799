/** That nothing of the user's own AWS settings reaches what happens in a lab. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { labEnvironment, leadingOut } from '../../src/app/lab-env.ts';
import { createAws } from '../../src/aws/funnel.ts';
import { account, active, openTestLab } from '../actions/support/lab.ts';

const users = {
  PATH: '/bin',
  FIREDRILL_EVENTS_QUEUE_URL: 'https://queue.example',
  AWS_PROFILE: 'production',
  AWS_ENDPOINT_URL_RDS: 'http://127.0.0.1:9',
  AWS_SESSION_TOKEN: 'real',
  AWS_PAGER: 'less',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
const lab = { AWS_ENDPOINT_URL: 'http://127.2.0.1:4566', AWS_ACCESS_KEY_ID: account };

afterEach(() => vi.unstubAllEnvs());

describe('the environment of a rehearsal', () => {
  it("is the user's without any AWS setting, and the lab's over it", () => {
    const env = labEnvironment(users, { ...lab, FIREDRILL_EVENTS_QUEUE_URL: lab.AWS_ENDPOINT_URL });
    expect(env).toMatchObject({ PATH: '/bin', ...lab, FIREDRILL_EVENTS_QUEUE_URL: lab.AWS_ENDPOINT_URL });
    for (const name of ['AWS_PROFILE', 'AWS_ENDPOINT_URL_RDS', 'AWS_SESSION_TOKEN'])
      expect(env).not.toHaveProperty(name);
  });

  it('leads every call to the lab, whatever the process itself was started with', async () => {
    const endpoint = await openTestLab(() => Promise.resolve());
    const ambient = {
      ...users,
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
      AWS_DEFAULTS_MODE: 'auto',
    };
    for (const [name, value] of Object.entries(ambient)) vi.stubEnv(name, value);
    const aws = createAws({
      env: labEnvironment(process.env, endpoint.env as Record<string, string>),
      logger: { debug: () => {}, trace: () => {} },
      runId: 'r1',
      retry: { retries: 0, minTimeoutMs: 1, maxTimeoutMs: 1 },
    });
    const { rds, sts, s3 } = aws.in(active);
    expect(await sts.getCallerIdentity({})).toMatchObject({ Account: account });
    expect(await rds.describeDBInstances({})).toMatchObject({ DBInstances: [] });
    expect(await s3.listBuckets({})).toBeDefined();
    aws.close();
    await endpoint.close();
  });
});

describe('what must be unset in a shell that is pointed at a lab', () => {
  it('is what would lead an AWS client past it, and nothing else', () => {
    expect(leadingOut(users, lab)).toEqual(['AWS_ENDPOINT_URL_RDS', 'AWS_PROFILE', 'AWS_SESSION_TOKEN']);
  });

  it('is nothing where the lab sets the variable itself', () => {
    expect(leadingOut(users, { ...lab, AWS_SESSION_TOKEN: 'lab' })).not.toContain('AWS_SESSION_TOKEN');
  });
});
