/**
 * A table seen in part: an engine for which its name stands for some of its rows, in statements that read. So the same code looks
 * at the part and at the whole, and what it says of one it says of the other.
 */
import type { Engine } from './engine.ts';

/** @param select the query that the name stands for, over the table under its SQL name */
export function withView(engine: Engine, table: string, select: (from: string) => string): Engine {
  const seen = `(${select(engine.table(table))}) seen`;
  return { ...engine, table: (name) => (name === table ? seen : engine.table(name)) };
}
