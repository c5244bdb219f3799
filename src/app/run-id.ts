/** Ids of runs: sortable by time, short enough for AWS names, valid as a part of them (lower case, begins with a letter). */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';

/** `r20260131-142501-k3x9` */
export function newRunId(clock: Clock): string {
  const stamp = clock.wall().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const suffix = [...randomBytes(4)].map((byte) => alphabet[byte % alphabet.length]).join('');
  return `r${stamp}-${suffix}`;
}

/** Without letters and digits that are mistaken for each other. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
