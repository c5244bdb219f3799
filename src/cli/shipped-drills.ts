/** The drills that come with firedrill: what was probably meant by a file that is not there. */
import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../domain/errors.ts';

const shipped = fileURLToPath(new URL('../../drills', import.meta.url));

/** The error with a drill to name instead, where the file is missing and nothing beside it has a name like that. */
export function pointToDrills(error: unknown, file: string): unknown {
  if (!(error instanceof UsageError) || (error.cause as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT')
    return error;
  if (error.remedy?.startsWith('Did you mean')) return error;
  const { code, message, cause } = error;
  if (!existsSync(shipped)) return error;
  const meant = join(shipped, `${basename(file).replace(/\.ya?ml$/, '')}.yaml`);
  const remedy = existsSync(meant)
    ? `Did you mean ${fromHere(meant)}?`
    : `Name a file with a drill definition. Those that come with firedrill lie in ${fromHere(shipped)}.`;
  return new UsageError(code, message, { remedy, cause });
}

/** As the user would write it: relative below the working directory, else from the root. */
function fromHere(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}
