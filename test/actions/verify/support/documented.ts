/** The SQL that docs/restore-verification.md gives to people: tests run it as they would. */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../../../docs/restore-verification.md', import.meta.url), 'utf8');

/** The block of SQL that holds these words. */
export function documentedSql(...words: string[]): string {
  const blocks = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!);
  const found = blocks.filter((sql) => words.every((word) => sql.includes(word)));
  if (found.length !== 1) throw new Error(`${found.length} blocks of SQL hold ${words.join(', ')}`);
  return found[0]!;
}

/** Its statements, for clients that take one at a time. */
export const statementsOf = (sql: string): string[] =>
  sql.split(/;\s*(?:\n|$|(?=set ))/).filter((each) => each.trim() !== '');
