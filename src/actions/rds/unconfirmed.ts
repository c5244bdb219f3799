/**
 * `ifUnconfirmed: proceed`: a fence that can't be put up or seen, because its region's control plane doesn't answer, doesn't
 * stop the failover. Its parts then end with `confirmed: false` instead of failing. Taking back is never lenient: what can't
 * be read then is not taken for undone.
 */
import { FiredrillError, UsageError, isLost } from '../../domain/errors.ts';
import { msBetween, markNow } from '../../domain/clock.ts';
import type { Json } from '../../domain/json.ts';
import type { Attempt, ChangePart, CreatePart, Part, Progress } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { isUndo } from './made-by-steps.ts';

/** Share of the step's time after which waiting for a confirmation ends. */
const patience = 0.5;

/** Stands for a state that could not be read. */
const unread = { unconfirmed: true } as const;
const isUnread = (state: Json | undefined): boolean =>
  typeof state === 'object' && state !== null && 'unconfirmed' in state;

export function proceedingUnconfirmed(part: Part, input: ActionInput): Part {
  if (part.shape === 'change') return change(part, input);
  return part.shape === 'create' ? create(part, input) : part;
}

function change(part: ChangePart, input: ActionInput): ChangePart {
  return {
    ...part,
    async read(attempt) {
      if (isUndo(attempt)) return part.read(attempt);
      return part.read(attempt).catch((error: unknown) => {
        orThrow(error, attempt);
        return unread;
      });
    },
    desired: (before) => (isUnread(before) ? unread : part.desired(before)),
    same: (current, wanted) =>
      isUnread(current) ||
      isUnread(wanted) ||
      (part.same?.(current, wanted) ?? JSON.stringify(current) === JSON.stringify(wanted)),
    async write(to, from, attempt) {
      await part.write(to, from, attempt).catch((error: unknown) => {
        const mayGetReady = error instanceof FiredrillError && error.code === 'not-ready' && !isOver(input);
        if (isUndo(attempt) || mayGetReady) throw error;
        orThrow(error, attempt);
      });
    },
    async settled(to, attempt) {
      if (isUndo(attempt)) return isUnread(to) ? { done: true } : part.settled(to, attempt);
      if (isUnread(to)) return unconfirmed(`the state of ${part.touches} could not be read`);
      return patiently(() => part.settled(to, attempt), input, attempt);
    },
  };
}

function create(part: CreatePart, input: ActionInput): CreatePart {
  return {
    ...part,
    find: (attempt, known) =>
      part.find(attempt, isUnread(known) ? undefined : known).catch((error: unknown) => {
        if (isUndo(attempt)) throw error;
        orThrow(error, attempt);
        return undefined;
      }),
    create: (attempt) =>
      part.create(attempt).catch(async (error: unknown) => {
        orThrow(error, attempt);
        const found = await part.find(attempt).catch(() => undefined);
        return found ?? unread;
      }),
    settled: async (found, attempt) =>
      isUnread(found)
        ? unconfirmed(`${part.touches} could not be created`)
        : patiently(() => part.settled(found, attempt), input, attempt),
    unseen: isUnread,
    arn: (found) => (isUnread(found) ? part.touches : part.arn(found)),
  };
}

/** Waits for a confirmation as long as there is patience for it, and asks for none that can't be had. */
async function patiently(look: () => Promise<Progress>, input: ActionInput, attempt: Attempt): Promise<Progress> {
  try {
    const progress = await look();
    return progress.done || !isOver(input) ? progress : unconfirmed(progress.saw);
  } catch (error) {
    orThrow(error, attempt);
    return unconfirmed((error as Error).message);
  }
}

const unconfirmed = (why: string): Progress => ({ done: true, outputs: { confirmed: false, unconfirmedBecause: why } });

const isOver = (input: ActionInput): boolean => {
  const begun = input.begunAt();
  return begun !== undefined && msBetween(begun, markNow(input.clock)).ms > input.timeoutMs * patience;
};

/** What must stop the step all the same: it isn't ours any more, it is aborted, or the drill itself is wrong. */
function orThrow(error: unknown, { signal }: Attempt): void {
  if (isLost(error) || signal.aborted || error instanceof UsageError || !(error instanceof FiredrillError)) throw error;
}
