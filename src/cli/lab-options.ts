/** What can be asked of `lab up`. */
export interface LabUpOptions {
  estate: 'multi-region';
  profile: 'fast' | 'realistic';
  json?: boolean;
}
