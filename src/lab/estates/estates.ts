/** The estates that a lab can be. */
import type { Estate } from './estate.ts';
import { multiRegion } from './multi-region.ts';
import { singleInstance } from './single-instance.ts';

export const estates: readonly Estate[] = [multiRegion, singleInstance];
