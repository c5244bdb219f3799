/** Messages whose later lines are what a program wrote last: the sentence is told where there is room for one, the lines beside it. */

export interface Told {
  said: string;
  /** What the program wrote, a line each; empty for most messages. */
  lines: readonly string[];
}

export function toldIn(message: string): Told {
  const [said = '', ...lines] = message.split(/\r?\n/).map((line) => line.trimEnd());
  return { said, lines: lines.filter((line) => line !== '') };
}

/** The sentence alone. */
export const saidIn = (message: string): string => toldIn(message).said;
