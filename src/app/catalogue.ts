/** Everything that can stand in a drill, without the code behind it: quick to load, no SDK. */
import { actionSpecs } from '../actions/specs.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { targetSpecs } from '../plan/targets/specs.ts';
import { probeSpecs } from '../probes/specs.ts';

export const catalogue: Catalogue = {
  actions: new Map(actionSpecs.map((spec) => [spec.name, spec])),
  probes: new Map(probeSpecs.map((spec) => [spec.name, spec])),
  targets: new Map(targetSpecs.map((spec) => [spec.type, spec])),
};
