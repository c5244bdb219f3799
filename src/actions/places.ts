/** What all actions say about targets in the same words: where calls go, permissions, and the tags of what a drill makes. */
import type { Place } from '../aws/aws.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { canonical } from '../domain/json.ts';
import type { Condition, Permission, ResolvedItem, ResolvedTarget } from '../domain/plan.ts';
import type { ActionInput } from './action.ts';

export const placeOf = ({ account, region, role, externalId }: Place): Place => ({
  account,
  region,
  role,
  externalId,
});

/**
 * The one resource of a target whose type has only one. A target that was empty when the plan was made gets here when a step
 * creates it; then nothing is known of it but the name.
 */
export const onlyItem = (target: ResolvedTarget): ResolvedItem =>
  target.items[0] ?? { id: textOf(target.select['id']), facts: {} };

export const arnOf = (target: ResolvedTarget, item: ResolvedItem = onlyItem(target)): string => item.arn ?? item.id;

export const permissions = (
  target: Pick<ResolvedTarget, 'location'>,
  actions: readonly string[],
  resources: readonly string[],
  when?: Condition,
): Permission[] =>
  actions.map((action) => ({ action, resources, location: target.location, ...(when !== undefined && { when }) }));

/** A fact or captured value as text; nothing for one that isn't there. */
export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : canonical(value);
}

/** Time after which something that a drill made and left behind is nobody's, milliseconds. */
const leftoverAfterMs = 24 * 3_600_000;

export const runTag = 'firedrill:run';
export const stepTag = 'firedrill:step';
export const expiresTag = 'firedrill:expires';

/** Whether something carries the tags of this very step. */
export function isTaggedBy(
  { runId, stepId }: Pick<ActionInput, 'runId' | 'stepId'>,
  tags: readonly { Key?: string; Value?: string }[] | undefined = [],
): boolean {
  const value = (key: string): string | undefined => tags.find(({ Key }) => Key === key)?.Value;
  return value(runTag) === runId && value(stepTag) === stepId;
}

/** Something that a step made is there without the step's tags. Deleting it could take away what somebody means to keep. */
export const tagsLost = ({ runId, stepId }: Pick<ActionInput, 'runId' | 'stepId'>): FiredrillError =>
  new FiredrillError('tags-lost', 'it is there, and has lost the tags of the step that made it', {
    expected: `the tags of run ${runId} and step ${stepId}`,
    found: 'none, or others',
    remedy: 'Somebody took the tags off, perhaps to keep it. Delete it by hand if nobody needs it.',
  });

/** Tags by which leftovers of drills are found. */
export const drillTags = ({ runId, stepId, clock }: ActionInput): { Key: string; Value: string }[] => [
  { Key: runTag, Value: runId },
  { Key: stepTag, Value: stepId },
  { Key: expiresTag, Value: new Date(clock.wall().getTime() + leftoverAfterMs).toISOString() },
];

/** Only on what this very step has made: nothing else carries its tags. */
export const ifOwn = (step: Pick<ActionInput, 'runId' | 'stepId'>): Condition => tagged('aws:ResourceTag', step);

/** Only for making something that carries the tags of this very step. */
export const ifTaggedAsOwn = (step: Pick<ActionInput, 'runId' | 'stepId'>): Condition => tagged('aws:RequestTag', step);

const tagged = (key: string, { runId, stepId }: Pick<ActionInput, 'runId' | 'stepId'>): Condition => ({
  StringLike: { [`${key}/${runTag}`]: runId, [`${key}/${stepTag}`]: stepId },
});
