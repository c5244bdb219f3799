/** A reason why a run isn't a pass, with the exit code that it asks for. */
export interface Finding {
  exit: 1 | 3 | 4 | 5;
  /** A plain sentence that names the figures and, where somebody can do something, what. */
  reason: string;
}

/** Strongest first: a human is needed, aborted, failed, inconclusive. */
const strength = [5, 4, 1, 3] as const;

export const byStrength = (a: Finding, b: Finding): number => strength.indexOf(a.exit) - strength.indexOf(b.exit);
