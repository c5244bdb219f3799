/**
 * Whether a secret stands behind a reference, found out without reading it where that can be: a drill that lacks one shall not
 * begin. What can only be seen in the value itself (a `#KEY`, the shape of a login) shows when it is read.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/** AWS's own stores of secrets, asked whether there is something to read, by those who have a way to AWS. */
export interface SecretIndex {
  /** By name or ARN. Why it can't be read; undefined when nothing speaks against it. Throws what the call throws. */
  secretsManager(id: string): Promise<string | undefined>;
  parameter(name: string): Promise<string | undefined>;
}

export interface Absence {
  /** What stands in the way, to follow the reference: `is not set`. */
  said: string;
  remedy: string;
}

/** @returns undefined when the secret is there, as far as can be told */
export async function absenceOf(
  reference: string,
  env: NodeJS.ProcessEnv,
  index?: SecretIndex,
): Promise<Absence | undefined> {
  const colon = reference.indexOf(':');
  const place = reference.slice(colon + 1);
  switch (reference.slice(0, colon)) {
    case 'env':
      if (env[place]) return undefined;
      return {
        said: env[place] === undefined ? 'is not set' : 'is empty',
        remedy: `Set the environment variable ${place} for the process that runs the drill.`,
      };
    case 'file': {
      const why = await unreadable(place);
      return why === undefined
        ? undefined
        : { said: why, remedy: `Put the secret into ${place}, readable for the user that runs the drill.` };
    }
    case 'secretsmanager': {
      const [id = ''] = place.split('#');
      const why = await index?.secretsManager(id);
      return why === undefined ? undefined : { said: why, remedy: `Store the secret as ${id} in Secrets Manager.` };
    }
    default: {
      const why = await index?.parameter(place);
      return why === undefined ? undefined : { said: why, remedy: `Store the secret as ${place} in Parameter Store.` };
    }
  }
}

async function unreadable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    if (found.isDirectory()) return 'is a directory';
    // A pipe has no size.
    return found.isFile() && found.size === 0 ? 'is empty' : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : "can't be read by this user";
  }
}
