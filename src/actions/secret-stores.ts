/** AWS's stores of secrets, asked where a target is and as whom its location says. What they answer is kept nowhere. */
import type { Aws } from '../aws/aws.ts';
import type { Permission, ResolvedTarget } from '../domain/plan.ts';
import type { SecretStores } from '../secrets/secrets.ts';
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

/** A secret that is named in full lies where its ARN says. */
const regionOf = (id: string): string | undefined => (id.startsWith('arn:') ? id.split(':')[3] : undefined);

/**
 * What reading a reference needs. A name in Secrets Manager is followed by six characters of AWS's in its ARN. One that is
 * encrypted with a key of one's own needs kms:Decrypt on that key, too.
 */
export function secretPermissions(target: ResolvedTarget, reference: string | undefined): Permission[] {
  const { account, region } = target;
  const [, kind, place = ''] = /^(\w+):([^#]*)/.exec(reference ?? '') ?? [];
  if (kind === 'ssm')
    return permissions(target, ['ssm:GetParameter'], [`arn:aws:ssm:${region}:${account}:parameter${place}`]);
  if (kind !== 'secretsmanager') return [];
  const arn = place.startsWith('arn:') ? place : `arn:aws:secretsmanager:${region}:${account}:secret:${place}-??????`;
  return permissions(target, ['secretsmanager:GetSecretValue'], [arn]);
}
