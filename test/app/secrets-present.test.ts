/** What a plan says of the secrets that a drill needs, before anything is begun. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/app/catalogue.ts';
import { missingSecrets } from '../../src/app/secrets-present.ts';
import type { Aws } from '../../src/aws/aws.ts';
import type { Drill, Step } from '../../src/domain/drill.ts';
import { FiredrillError } from '../../src/domain/errors.ts';
import { drillOf, probe } from '../plan/drill.ts';

/** AWS's stores: which secrets there are, by region and account; everything else is denied. */
function awsWith(...known: readonly string[]): Aws {
  const ask = (place: { region: string; account: string }, id: string): Promise<unknown> => {
    if (known.includes(`${id} in ${place.region} of ${place.account}`)) {
      return Promise.resolve({ VersionIdsToStages: { v: ['AWSCURRENT'] } });
    }
    const remedy = 'Allow secretsmanager:DescribeSecret.';
    const code = id.startsWith('closed') ? 'aws-access-denied' : 'aws-not-found';
    return Promise.reject(new FiredrillError(code, 'Access Denied', { remedy }));
  };
  const services = (place: { region: string; account: string }) => ({
    secretsmanager: { describeSecret: ({ SecretId: id }: { SecretId: string }) => ask(place, id) },
    ssm: { getParameter: ({ Name: name }: { Name: string }) => ask(place, name) },
  });
  return { in: services } as unknown as Aws;
}

const verify = (password: string, more: Partial<Step> = {}) => ({
  id: 'contents',
  uses: 'postgres/verify',
  with: { database: '$(steps.restore.outputs.database)', user: 'drill_verifier', password },
  at: { file: 'drills/restore.yaml', line: 54, column: 5 },
  ...more,
});

const restores = (...verifications: readonly ReturnType<typeof verify>[]): Drill =>
  drillOf(
    {
      recover: [
        { id: 'copy', uses: 'rds/copy-snapshot', with: { snapshot: 'newest', to: 'away' } },
        { id: 'restore', uses: 'rds/restore-snapshot', with: { snapshot: '$(steps.copy.outputs.snapshot)' } },
      ],
      verify: verifications,
    },
    {
      probes: {},
      locations: {
        home: { name: 'home', account: '111122223333', region: 'eu-central-1', production: false },
        away: { name: 'away', account: '444455556666', region: 'eu-west-1', production: false },
      },
      targets: { newest: { name: 'newest', type: 'rds/snapshot', location: 'home', select: {}, mayBeEmpty: false } },
    },
  );

const missing = (drill: Drill, env: NodeJS.ProcessEnv = {}, aws = awsWith()) =>
  missingSecrets(
    { aws, env, actionSpec: (name) => catalogue.actions.get(name)!, probeSpec: (name) => catalogue.probes.get(name)! },
    drill,
  );

describe('a secret that is not there', () => {
  it('is refused with where it is needed, and what to do; all of them at once', async () => {
    const drill = restores(
      verify('env:SHOP_PASSWORD'),
      verify('file:/nowhere/password', { id: 'again', at: { file: 'drills/restore.yaml', line: 70, column: 5 } }),
    );
    expect(await missing(drill)).toEqual([
      {
        severity: 'refuse',
        code: 'secret-missing',
        message: 'env:SHOP_PASSWORD is not set (drills/restore.yaml:54:5: password of step contents)',
        remedy: 'Set the environment variable SHOP_PASSWORD for the process that runs the drill.',
      },
      {
        severity: 'refuse',
        code: 'secret-missing',
        message: 'file:/nowhere/password is not there (drills/restore.yaml:70:5: password of step again)',
        remedy: 'Put the secret into /nowhere/password, readable for the user that runs the drill.',
      },
    ]);
    expect(await missing(restores(verify('env:SHOP_PASSWORD')), { SHOP_PASSWORD: 'x' })).toEqual([]);
  });

  it('is refused once, with all that need it', async () => {
    const drill = drillOf(
      {},
      {
        targets: {
          db: { name: 'db', type: 'rds/instance', location: 'home', select: {}, mayBeEmpty: false, login: 'env:LOGIN' },
        },
        probes: {
          writes: probe('writes', { uses: 'postgres/canary', with: { host: 'h', database: 'd', login: 'env:LOGIN' } }),
        },
      },
    );
    const [finding, ...others] = await missing(drill);
    expect(others).toEqual([]);
    expect(finding!.message).toBe(
      'env:LOGIN is not set (drill.yaml: login of target db; drill.yaml: login of probe writes)',
    );
  });

  it('of AWS is looked for where the step that reads it takes place', async () => {
    const drill = restores(verify('secretsmanager:shop/verifier#password'));
    const away = awsWith('shop/verifier in eu-west-1 of 444455556666');
    expect(await missing(drill, {}, away)).toEqual([]);
    const [finding] = await missing(drill, {}, awsWith('shop/verifier in eu-central-1 of 111122223333'));
    expect(finding!.message).toMatch(
      /^secretsmanager:shop.* is not there in eu-west-1 of account 444455556666 \(drills/,
    );
  });

  it('and one that nobody may look for are refused alike', async () => {
    const [closed, parameter] = await missing(
      restores(verify('secretsmanager:closed'), verify('ssm:/shop/none', { id: 'again' })),
    );
    expect(closed).toMatchObject({
      severity: 'refuse',
      code: 'aws-access-denied',
      message: expect.stringContaining("secretsmanager:closed can't be looked for: Access Denied") as string,
      remedy: 'Allow secretsmanager:DescribeSecret.',
    });
    expect(parameter).toMatchObject({ code: 'secret-missing' });
  });
});
