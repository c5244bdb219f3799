/** Permissions for what a step makes inside a VPC and takes away again: only with its own tags, and only what carries them. */
import type { Permission, ResolvedTarget } from '../domain/plan.ts';
import type { ActionInput } from './action.ts';
import { ifOwn, ifTaggedAsOwn, permissions } from './places.ts';

export interface Made {
  /** As in ARNs. */
  kind: string;
  /** IAM actions of the calls that make it and take it away. */
  create: string;
  remove: string;
}

/**
 * Source: Service Authorization Reference, Amazon EC2: making it is asked of the VPC, which gets no tags, and of the new thing,
 * which has none yet; tagging it in the same call is asked of CreateTags. A shared VPC is another account's.
 * @param vpcs ids; `*` for any
 */
export function madeInVpc(
  input: ActionInput,
  place: Pick<ResolvedTarget, 'location' | 'account' | 'region'>,
  { kind, create, remove }: Made,
  vpcs: readonly string[],
): Permission[] {
  const arn = (name: string): string => `arn:aws:ec2:${place.region}:${place.account}:${name}`;
  const made = [arn(`${kind}/*`)];
  return [
    ...permissions(
      place,
      [create],
      vpcs.map((vpc) => `arn:aws:ec2:${place.region}:*:vpc/${vpc}`),
    ),
    ...permissions(place, [create], made, ifTaggedAsOwn(input)),
    ...permissions(place, ['ec2:CreateTags'], made, {
      StringEquals: { 'ec2:CreateAction': create.replace('ec2:', '') },
      ...ifTaggedAsOwn(input),
    }),
    ...permissions(place, [remove], made, ifOwn(input)),
  ];
}
