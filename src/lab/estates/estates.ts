/** The estates that a lab can be. */
import type { Estate } from './estate.ts';
import { multiRegion } from './multi-region.ts';

export const estates: readonly Estate[] = [multiRegion];
