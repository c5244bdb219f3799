/** Figures as they stand in a judge's sentences. */
import { durationText as textOf } from '../domain/time-text.ts';

/** Rounds up, so that a bound stays one. */
export const durationText = (ms: number): string => textOf(ms, 'up');

/** Rounds down: for what is at least so much. */
export const durationDown = (ms: number): string => textOf(ms, 'down');

/** `1 write`, `3 writes`. */
export const countText = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`. */
export const listText = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** With a full stop, unless it has an end. */
export const sentenceText = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
