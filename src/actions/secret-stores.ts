/** AWS's stores of secrets, asked where a target is and as whom its location says. What they answer is kept nowhere. */
import type { Aws, Place } from '../aws/aws.ts';
import type { Permission, ResolvedTarget } from '../domain/plan.ts';
import type { SecretIndex } from '../secrets/presence.ts';
import type { SecretStores } from '../secrets/secrets.ts';
import { ifThere } from './absent.ts';
import { permissions, placeOf } from './places.ts';

export function storesAt(aws: Aws, target: ResolvedTarget): SecretStores {
  const place = placeOf(target);
  return {
    async secretsManager(id) {
      const region = regionOf(id) ?? place.region;
      const { SecretString } = await aws.in({ ...place, region }).secretsmanager.getSecretValue({ SecretId: id });
      return SecretString;
    },
    async parameter(name) {
      const { Parameter } = await aws.in(place).ssm.getParameter({ Name: name, WithDecryption: true });
      return Parameter?.Value;
    },
  };
}

/**
 * The same stores, asked only whether there is something. Secrets Manager has a call for that. Parameter Store lists names only
 * to those who may see all of them, so the parameter is asked for as it is stored: without its key, which tells no secret.
 */
export function indexAt(aws: Aws, at: Place): SecretIndex {
  const place = placeOf(at);
  const missingIn = (region: string): string => `is not there in ${region} of account ${place.account}`;
  return {
    async secretsManager(id) {
      const region = regionOf(id) ?? place.region;
      const { secretsmanager } = aws.in({ ...place, region });
      const found = await ifThere(() => secretsmanager.describeSecret({ SecretId: id }));
      if (!found) return missingIn(region);
      if (found.DeletedDate) return `is to be deleted, and can't be read any more`;
      const stages = Object.values(found.VersionIdsToStages ?? {}).flat();
      return stages.includes('AWSCURRENT') ? undefined : 'has no value';
    },
    async parameter(name) {
      const found = await ifThere(() => aws.in(place).ssm.getParameter({ Name: name, WithDecryption: false }));
      return found ? undefined : missingIn(place.region);
    },
  };
}

/** A secret that is named in full lies where its ARN says. */
const regionOf = (id: string): string | undefined => (id.startsWith('arn:') ? id.split(':')[3] : undefined);

/**
 * What looking for a reference and reading it needs. A name in Secrets Manager is followed by six characters of AWS's in its ARN. One that is
 * encrypted with a key of one's own needs kms:Decrypt on that key, too.
 */
export function secretPermissions(target: ResolvedTarget, reference: string | undefined): Permission[] {
  const { account, region } = target;
  const [, kind, place = ''] = /^(\w+):([^#]*)/.exec(reference ?? '') ?? [];
  if (kind === 'ssm')
    return permissions(target, ['ssm:GetParameter'], [`arn:aws:ssm:${region}:${account}:parameter${place}`]);
  if (kind !== 'secretsmanager') return [];
  const arn = place.startsWith('arn:') ? place : `arn:aws:secretsmanager:${region}:${account}:secret:${place}-??????`;
  return permissions(target, ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], [arn]);
}
