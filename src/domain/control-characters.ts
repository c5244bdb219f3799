/**
 * Control characters: those that steer whatever shows a text in place of being shown. A cursor moves, a line ends, or the
 * direction of writing turns, so that one reads something else than what stands there. Each place that takes or shows text from
 * outside has its own manner with them; which they are is said here alone.
 *
 * Of the marks of direction those count that hold for all that follows (embeddings, overrides, isolates). Those that only say
 * where one punctuation mark belongs (U+200E, U+200F, U+061C) are part of well-written Arabic and Hebrew.
 * Source: Unicode, general categories Cc, Zl and Zp; Unicode Bidirectional Algorithm (UAX 9), explicit formatting characters.
 */
const control = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu;
const controls = new RegExp(`${control.source}+`, 'gu');

/** In order. Each is one UTF-16 unit. */
export const controlsIn = (text: string): readonly string[] => text.match(control) ?? [];

/** Tabs and line ends: what a text of several lines is made of. */
export const isLayout = (character: string): boolean => character === '\t' || character === '\n' || character === '\r';

/** The text with each of its control characters replaced. */
export const replaceControls = (text: string, manner: (character: string) => string): string =>
  text.replace(control, (character) => manner(character));

/** The text on one line: a space for every run of control characters. */
export const onOneLine = (text: string): string => text.replace(controls, ' ');
