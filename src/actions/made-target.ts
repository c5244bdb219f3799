/** What a step made or found, as later steps take it: as an output that is like a target of the drill. */
import type { Location } from '../domain/drill.ts';
import type { JsonObject } from '../domain/json.ts';
import type { ResolvedItem, ResolvedTarget } from '../domain/plan.ts';

/** Where something stands: a target's place, or a location. */
export type Standing = Pick<ResolvedTarget, 'location' | 'account' | 'region' | 'role' | 'externalId'>;

export const standingIn = ({ name, account, region, role, externalId }: Location): Standing => ({
  location: name,
  account,
  region,
  role,
  externalId,
});

/** @param stepId names it, as no target of the drill does */
export function madeTarget(
  stepId: string,
  { location, account, region, role, externalId }: Standing,
  type: string,
  item: ResolvedItem,
  select: ResolvedTarget['select'] = { id: item.id },
): JsonObject {
  const target: ResolvedTarget = {
    name: stepId,
    type,
    location,
    account,
    region,
    role,
    externalId,
    select,
    items: [item],
  };
  return target as unknown as JsonObject;
}
