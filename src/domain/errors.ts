/**
 * Errors for the person who must act. Each says what was expected, what was found and what to do next, and carries a code
 * that scripts can match. Anything else that is thrown is a defect of firedrill and is reported as `internal`.
 */
export interface Remedy {
  /** What the person can do about it, as an imperative sentence. */
  remedy?: string;
  expected?: string;
  found?: string;
  cause?: unknown;
  /** A step that fails with it says nothing about the estate: the drill itself could not be carried out as it was meant. */
  provesNothing?: boolean;
}

export class FiredrillError extends Error {
  override name = 'FiredrillError';
  readonly code: string;
  readonly expected?: string;
  readonly found?: string;
  readonly remedy?: string;
  readonly provesNothing?: boolean;

  /** @param code kebab-case, stable, e.g. `target-not-found` */
  constructor(code: string, message: string, { remedy, expected, found, cause, provesNothing }: Remedy = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
    this.expected = expected;
    this.found = found;
    this.provesNothing = provesNothing;
  }
}

/** Input that can't be used; nothing was touched (exit code 2). */
export class UsageError extends FiredrillError {
  override name = 'UsageError';
}

/**
 * Another process owns the run now. Whoever meets this stops at once and undoes nothing: the new owner carries on.
 */
export class LostError extends FiredrillError {
  override name = 'LostError';
  constructor(runId: string) {
    super('lost', `run ${runId} is driven by another process now`, {
      remedy: 'Nothing to do here: the other process carries the run on. Follow it with "firedrill runs show".',
    });
  }
}

/** The form in which an error stands in the log, the record and reports. */
export interface ErrorReport {
  code: string;
  message: string;
  remedy?: string;
  /** Absent: the failure counts against the estate. */
  provesNothing?: true;
}

/** Any thrown value as an {@link ErrorReport}; unknown ones become `internal` and keep their message. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof FiredrillError) {
    const { code, message, remedy, provesNothing } = error;
    return { code, message, remedy, ...(provesNothing && { provesNothing }) };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'internal', message };
}

export const isLost = (error: unknown): error is LostError => error instanceof LostError;
