/** One check of several verdicts: about tables, say, or queries. */
import type { Check } from '../../domain/part.ts';
import { sentence } from './wording.ts';

export interface Verdict {
  holds: boolean;
  said: string;
  /** Where it doesn't hold: the drill is at fault, or asks what can't be told. */
  provesNothing?: boolean;
}

/**
 * Tells those that don't hold, or else all. One that certainly fails is not made uncertain by another that proves nothing.
 * @param tell phrases of verdicts, where not all of them shall be told
 * @param aside what else a reader must know
 */
export function checkOf<V extends Verdict>(
  verdicts: readonly V[],
  tell: (verdicts: readonly V[]) => string[] = (told) => told.map(({ said }) => said),
  aside: readonly string[] = [],
): Check {
  const broken = verdicts.filter(({ holds }) => !holds);
  return {
    holds: broken.length === 0,
    said: sentence([...tell(broken.length > 0 ? broken : verdicts), ...aside]),
    ...(broken.length > 0 && broken.every(({ provesNothing }) => provesNothing) && { provesNothing: true }),
  };
}
