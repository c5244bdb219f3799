/** The specs of all target types, for the catalogue that drills are checked against. */
import type { TargetSpec } from '../../domain/catalogue.ts';
import { targetTypes } from './index.ts';

export const targetSpecs: readonly TargetSpec[] = targetTypes.map(({ spec, reads }) => ({ ...spec, reads }));
