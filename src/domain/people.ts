/**
 * Names of people as the log has them: `ada`, `ada@host` of whoever started a run from a shell, `ada@example.com`. Nothing here
 * proves who somebody is.
 */

/** Whether two names may stand for one person. In doubt they do: four eyes must not be two names of the same pair. */
export const samePerson = (a: string, b: string): boolean => a === b || a === loginOf(b) || loginOf(a) === b;

const loginOf = (name: string): string => name.split('@')[0]!;

/** The names without those that may stand for somebody named before. */
export const differentPeople = (names: readonly string[]): string[] =>
  names.filter((name, n) => !names.slice(0, n).some((earlier) => samePerson(name, earlier)));
