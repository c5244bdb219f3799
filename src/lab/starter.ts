/**
 * Whose lab it is: that of whoever holds the other end of its standard input. It ends when that closes, however its starter ended,
 * unless it was told to stay before.
 */
import type { Readable } from 'node:stream';

/** What a starter says that lets its lab live on without it. */
export const stay = 'stay\n';

/** Resolves when the starter has gone without that word; never, when it said it. */
export async function leftAlone(input: Readable): Promise<void> {
  let said = '';
  input.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-stay.length);
  });
  // A starter that was killed may leave an error instead of an end.
  await new Promise<void>((resolve) => input.once('close', resolve).on('error', () => undefined));
  if (said === stay) await new Promise<never>(() => {});
}
