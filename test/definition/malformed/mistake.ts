/**
 * One mistake each: what is changed in a good definition, and the one diagnostic that is expected of it. `at` is a piece of
 * the changed text at whose beginning the diagnostic points.
 */
import type { DiagnosticCode } from '../../../src/definition/diagnostic.ts';

export interface Malformed {
  title: string;
  base: Base;
  /** Replacements of the first occurrence, in order. */
  edits: readonly (readonly [from: string, to: string])[];
  code: DiagnosticCode;
  at: string;
  says: string;
}

export type Base = 'failover' | 'switchover' | 'throwaway' | 'az-kill' | 'restore';

export const mistake = (
  title: string,
  base: Base,
  edits: Malformed['edits'],
  code: DiagnosticCode,
  at: string,
  says: string,
): Malformed => ({ title, base, edits, code, at, says });
