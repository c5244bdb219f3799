/** What can be asked of `lab up` and `lab down`. */
export interface LabUpOptions {
  estate: 'multi-region' | 'single-instance';
  profile: 'fast' | 'realistic';
  json?: boolean;
}

export interface LabDownOptions {
  json?: boolean;
  /** Also under runs that are on. */
  force?: boolean;
}
