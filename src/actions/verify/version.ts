/** Rung 3: the engine is of the version that is expected; without an expectation, which one it is. */
import type { Rung } from './rung.ts';

export const versionRung: Rung = async ({ input, engine, restored }, attempt) => {
  const found = await restored.use(attempt, (session) => engine.version(session));
  const expected = input.params.version;
  const holds = expected === undefined || isVersion(found, expected);
  const said = holds
    ? `${engine.title} ${found}${expected === undefined ? '' : `, as expected (${expected})`}.`
    : `Expected ${engine.title} ${expected}, found ${found}: ${isNewer(found, expected) ? 'newer' : 'older'}.`;
  const check = { holds, said, ...(expected === undefined && { notShown: true }) };
  return { done: true, outputs: { engineVersion: found }, check };
};

/** `18` is any 18, `18.4` is 18.4 and no other, also with a distribution's words behind. */
export const isVersion = (found: string, expected: string): boolean =>
  found === expected || (found.startsWith(expected) && !/^\d/.test(found.slice(expected.length)));

const numbersOf = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);

function isNewer(found: string, expected: string): boolean {
  const theirs = numbersOf(expected);
  for (const [n, part] of numbersOf(found).entries()) {
    const other = theirs[n] ?? 0;
    if (part !== other) return part > other;
  }
  return false;
}
