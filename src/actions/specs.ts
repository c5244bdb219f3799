/** The specs of all actions, for the catalogue that drills are checked against. Importing them loads no SDK. */
import type { ActionSpec } from '../domain/catalogue.ts';
import { actions } from './index.ts';
import { spec as undo } from './undo.ts';

export const actionSpecs: readonly ActionSpec[] = [...[...actions.values()].map((action) => action.spec), undo];
