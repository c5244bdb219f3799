/**
 * The drills that are shipped, for machines that are busy: their probes wait longer for an answer than the 500 ms which they have by
 * default. It changes no figure, because outages are about when requests start; it keeps a slow second from becoming an outage.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Home } from './cli.ts';

export const patienceMs = 6_000;
/** As it stands in the copies. */
export const patience = `every: 200ms, timeout: ${patienceMs}ms`;

/** Restores are looked at with the same patience: a busy machine answers a query late, and is no slow copy. */
export const patientQueries = (text: string): string => text.replaceAll('warm: 1s', 'warm: 1m');

export const shippedDrill = (name: string): string =>
  fileURLToPath(new URL(`../../drills/${name}.yaml`, import.meta.url));

/** @returns path of a copy in the home */
export async function patientDrill(
  home: Home,
  name: string,
  edit: (text: string) => string = (text) => text,
): Promise<string> {
  const shipped = await readFile(shippedDrill(name), 'utf8');
  const file = join(home.dir, `${name}.yaml`);
  await writeFile(file, edit(shipped.replaceAll('every: 200ms', patience)));
  return file;
}
