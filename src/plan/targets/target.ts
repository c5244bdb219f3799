/**
 * What a target type is: its spec (how drills select it), how a selection becomes literal resources, with the facts that
 * actions need later, and what must be allowed for that. Resolving only reads.
 */
import type { z } from 'zod';
import type { Aws, Place } from '../../aws/aws.ts';
import type { Params, TargetSpec } from '../../domain/catalogue.ts';
import type { Location, Target } from '../../domain/drill.ts';
import { FiredrillError, UsageError } from '../../domain/errors.ts';
import type { Condition, ResolvedItem, ResolvedTarget } from '../../domain/plan.ts';

/** What IAM can say of the resources that a selection may find, whichever it is when a drill runs. */
export interface Pattern {
  /** ARNs with wildcards. */
  resources: readonly string[];
  when?: Condition;
  /** What it allows beyond the selection because IAM can't be told any better, and what would help. */
  wider?: string;
}

export interface TargetType {
  spec: TargetSpec;
  /** IAM actions that resolving needs, e.g. `rds:DescribeDBInstances`. All of them read. */
  reads: readonly string[];
  /** They can be allowed on the resource alone. Otherwise they are needed on everything, as what is not there has no ARN. */
  readsItself?: boolean;
  /**
   * @throws FiredrillError `target-not-found` when nothing was found (unless it may be empty), `target-too-many` when more
   * than `max` was
   */
  resolve(aws: Aws, target: Target, location: Location): Promise<ResolvedItem[]>;
  /** Set when every run may find something else than this plan did; undefined where the selection names the resource. */
  patternOf?: (target: ResolvedTarget) => Pattern | undefined;
}

interface TypedTargetType<P extends Params> {
  spec: TargetSpec<P>;
  reads: readonly string[];
  readsItself?: boolean;
  patternOf?: TargetType['patternOf'];
  /** Every resource that the selection names, in any order. Counting is done by {@link defineTarget}. */
  find(aws: Aws, select: z.output<P>, place: Place): Promise<ResolvedItem[]>;
}

/** Makes a target type of what finds its resources: reads the selection, orders what was found and counts it. */
export const defineTarget = <P extends Params>(type: TypedTargetType<P>): TargetType => ({
  spec: type.spec,
  reads: type.reads,
  readsItself: type.readsItself,
  patternOf: type.patternOf,
  async resolve(aws, target, location) {
    const select = readSelection(type.spec, target);
    const found = await type.find(aws, select, placeOf(location));
    const items = found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const { max, pick } = select as { max?: number; pick?: number };
    if (max !== undefined && items.length > max) throw tooMany(target, location, items, max);
    if (items.length === 0 && !target.mayBeEmpty) throw notFound(target, location);
    return pick === undefined ? items : items.slice(0, pick);
  },
});

/** Where calls for this location go. */
export const placeOf = ({ account, region, role, externalId }: Location): Place => ({
  account,
  region,
  role,
  externalId,
});

function readSelection<P extends Params>(spec: TargetSpec<P>, target: Target): z.output<P> {
  const parsed = spec.params.safeParse(target.select);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError('target-selection', `target ${target.name}: ${[...path, ''].join(': ')}${message}`, {
    expected: `a selection of ${spec.type}`,
    found: JSON.stringify(target.select),
    remedy: 'Correct the target in the drill; its expressions have been filled in by now.',
  });
}

const searched = (target: Target, location: Location): string =>
  `${target.type} with ${JSON.stringify(target.select)} in account ${location.account}, ${location.region}`;

const notFound = (target: Target, location: Location): FiredrillError =>
  new FiredrillError('target-not-found', `target ${target.name}: nothing found`, {
    expected: searched(target, location),
    found: 'none',
    remedy:
      'Check account, region and selection. If it may really be empty, say mayBeEmpty: true; its steps are skipped then.',
  });

const tooMany = (target: Target, location: Location, items: readonly ResolvedItem[], max: number): FiredrillError =>
  new FiredrillError('target-too-many', `target ${target.name}: ${items.length} found, at most ${max} are allowed`, {
    expected: `at most ${max} of ${searched(target, location)}`,
    found: items.map((item) => item.id).join(', '),
    remedy: 'Select more narrowly, or raise max once every one of these may be hit.',
  });
