/** A definition as it was read under one value set, mistakes included: what the rules look at. */
import type { Report } from './diagnostic.ts';
import type { LocationInfo, TargetInfo } from './places.ts';
import type { ProbeInfo } from './probes.ts';
import type { Sections } from './sections.ts';
import type { StepInfo } from './steps.ts';
import type { MapNode } from './tree.ts';
import type { Parameters, Part } from './values.ts';

export interface Model {
  report: Report;
  root: MapNode;
  parts: readonly Part[];
  parameters: Parameters;
  locations: ReadonlyMap<string, LocationInfo>;
  targets: ReadonlyMap<string, TargetInfo>;
  probes: ReadonlyMap<string, ProbeInfo>;
  steps: readonly StepInfo[];
  /** Contents of the project's files that are named, by path. */
  files: ReadonlyMap<string, string>;
  sections: Sections;
  /** Whether a schedule starts the drill with the values in force. */
  scheduled: boolean;
  /** Types of the targets that were named in a way that means nothing. */
  unresolvedTypes: ReadonlySet<string>;
  /** Something in the steps is not understood: nothing is said about what the drill lacks. */
  stepsUncertain: boolean;
  probesUncertain: boolean;
}

export const changesEstate = ({ spec }: StepInfo): boolean => spec?.effect === 'changes' || spec?.effect === 'creates';

/** What is injected: the steps of `inject` that change something. */
export const injected = (steps: readonly StepInfo[]): StepInfo[] =>
  steps.filter((step) => step.phase === 'inject' && changesEstate(step));
