/**
 * Rung 7, for PostgreSQL: sequences were restored with the rows. A copy whose sequences stand before its rows has every row, and
 * refuses the first one that is added. But numbers are written by hand, too: then the sequence stood there in the source as well,
 * and nothing was lost. A manifest that says where sequences stood decides; so does the source where it doesn't. Without either,
 * only what hands can hardly have done fails, and the rest is told. A few high numbers far beyond are let be. What the role may not
 * read is not known to stand right.
 */
import type { Sequence, UnreadSequence } from './engine.ts';
import { positionsIn } from './manifest.ts';
import type { Rung } from './rung.ts';
import { firstOf, sentence } from './wording.ts';

/** Sequences that are told by name. */
const most = 5;

/**
 * Where a sequence stands to the numbers that are there.
 *  - `clear`: the next rows can be added
 *  - `unused`: never advanced, over numbers that came from elsewhere: by hand, or from it before it was lost
 *  - `taken`: advanced, and a row has the number that it gives next
 *  - `ahead`: advanced, the next number is free, and one soon after it isn't
 */
export type Standing = 'clear' | 'unused' | 'taken' | 'ahead';

export function standingOf({ isAdvanced, next, least, following, collides }: Sequence): Standing {
  if (least === null || (!collides && BigInt(least) < BigInt(next))) return 'clear';
  if (!isAdvanced) return 'unused';
  return following === next ? 'taken' : 'ahead';
}

export const sequencesRung: Rung = async (looking, attempt) => {
  const { engine, restored, source } = looking;
  const positions = positionsIn(await looking.manifest(attempt));
  const { read, unread } = await restored.use(attempt, (session) => engine.sequences!(session, positions.keys()));
  const there = new Set([...read, ...unread].map(({ name }) => name));
  const gone = [...positions].filter(([name]) => !there.has(name));
  const all = read.length + unread.length + gone.length;
  if (all === 0) return { done: true };
  const of = (some: number): string => (all === 1 ? '1 sequence' : `${some} of ${all} sequences`);
  const unknown =
    unread.length === 0
      ? []
      : [`${of(unread.length)} may not be read by the verification role: ${firstOf(unread.map(tellUnread), most)}`];
  const wasOf = ({ name }: Sequence): bigint | undefined => positions.get(name);
  const behind = read.filter((each) => standingOf(each) !== 'clear' || isLost(each, undefined, wasOf(each)));
  const theirs =
    source && behind.some((each) => wasOf(each) === undefined)
      ? await source.use(attempt, (session) => engine.sequences!(session))
      : undefined;
  const isSame = (a: Named, b: Named): boolean => a.name === b.name && a.column === b.column;
  const twinOf = (sequence: Sequence): Sequence | undefined =>
    wasOf(sequence) === undefined ? theirs?.read.find((each) => isSame(each, sequence)) : undefined;
  const lost = behind.filter((each) => isLost(each, twinOf(each), wasOf(each)));
  const told = (some: readonly Sequence[]): string =>
    firstOf(
      some.map((each) => tell(each, twinOf(each), wasOf(each))),
      most,
    );
  if (lost.length + gone.length > 0) {
    const are = lost.length + gone.length === 1 ? 'is not where it was' : 'are not where they were';
    const missing = gone.map(([name, was]) => `${name} is missing, which gave ${was} next when the backup was taken`);
    const said = sentence([
      `${of(lost.length + gone.length)} ${are}`,
      ...(lost.length > 0 ? [told(lost)] : []),
      ...(missing.length > 0 ? [firstOf(missing, most)] : []),
      ...unknown,
    ]);
    return { done: true, check: { holds: false, said } };
  }
  if (unread.length > 0) {
    const said = sentence([...unknown, ...(behind.length > 0 ? [told(behind)] : [])]);
    return { done: true, check: { holds: false, said, provesNothing: true } };
  }
  if (behind.length === 0) {
    const stand = all === 1 ? '1 sequence stands' : `All ${all} sequences stand`;
    const compared = read.filter((each) => wasOf(each) !== undefined).length;
    const said = `${stand} where the next row can be added${noneBefore(compared, all)}.`;
    return { done: true, check: { holds: true, said } };
  }
  const open = behind.filter((each) => wasOf(each) === undefined && !twinOf(each));
  if (open.length === 0) {
    const stand = behind.length === 1 ? 'stands' : 'stand';
    const said = sentence([
      `${of(behind.length)} ${stand} before the numbers that are there, as ${whereElse(behind.map(wasOf))}`,
      told(behind),
    ]);
    return { done: true, check: { holds: true, said } };
  }
  const closed = (theirs?.unread ?? []).filter((each) => open.some((sequence) => isSame(each, sequence)));
  const said = sentence([
    `${of(open.length)} may stand before the numbers that are there by right, or may be lost: the source would tell`,
    told(behind),
    ...(closed.length > 0
      ? [`the source's may not be read by the verification role: ${firstOf(closed.map(tellUnread), most)}`]
      : []),
  ]);
  return { done: true, check: { holds: true, said, notShown: true } };
};

type Named = Pick<Sequence, 'name' | 'column'>;

/** What was held against the manifest. */
function noneBefore(compared: number, all: number): string {
  if (compared === 0) return '';
  if (all === 1) return ', and not before where the manifest has it';
  return compared === all
    ? ', none before where the manifest has it'
    : `, none of the ${compared} that the manifest knows before where it has them`;
}

/** Where else sequences stand so, by where the manifest has each. */
function whereElse(positions: readonly (bigint | undefined)[]): string {
  if (positions.every((was) => was === undefined)) return 'in the source';
  return positions.includes(undefined) ? 'in the manifest or the source' : 'in the manifest';
}

const tellUnread = ({ name, column, lacking }: UnreadSequence): string =>
  `${name}${column === undefined ? '' : ` of ${column}`} (grant it ${lacking})`;

/**
 * Whether the restore left a sequence behind. Where it stood when the backup was taken decides: what stands before that gives
 * numbers a second time. Else, of one that isn't clear, the source: rows that its sequence hasn't come to were written by hand there,
 * too; and where it would collide at once, the source lives with that. Without either: only one that was in use, and collides at once.
 */
export function isLost(sequence: Sequence, twin: Sequence | undefined, was?: bigint): boolean {
  if (was !== undefined) return BigInt(sequence.next) < was;
  if (!twin) return standingOf(sequence) === 'taken';
  const isByHand = BigInt(twin.next) <= BigInt(sequence.following!);
  return !isByHand && standingOf(twin) !== 'taken';
}

function tell({ name, column, next, greatest }: Sequence, twin: Sequence | undefined, was?: bigint): string {
  const there = was === undefined ? (twin ? `, the source's ${twin.next}` : '') : `, in the manifest ${was}`;
  const numbers = column === undefined || greatest === null ? '' : `, and ${column} has numbers up to ${greatest}`;
  return `${name} gives ${next} next${there}${numbers}`;
}
