/** A rung of the verification ladder: what it is given to look at, and what it gives back. */
import type { Attempt, Progress } from '../../domain/part.ts';
import type { Database, VerifyInput } from './database.ts';
import type { Engine } from './engine.ts';
import type { Manifest } from './manifest.ts';

export interface Looking {
  input: VerifyInput;
  engine: Engine;
  restored: Database;
  source?: Database;
  /** The manifest, read once; undefined when the step names none. */
  manifest(attempt: Attempt): Promise<Manifest | undefined>;
}

/** Looks once. Throws DatabaseTrouble for sessions that failed, FiredrillError where looking further is no use. */
export type Rung = (looking: Looking, attempt: Attempt) => Promise<Progress>;
