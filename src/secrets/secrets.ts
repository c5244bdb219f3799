/** Reads secrets by reference (`env:NAME`, `file:/PATH`), as late as possible. A value read here is never stored or logged. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../domain/errors.ts';

/**
 * @throws UsageError `secret-missing` when the variable or file isn't there
 */
export async function readSecret(reference: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const colon = reference.indexOf(':');
  const place = reference.slice(colon + 1);
  if (reference.slice(0, colon) === 'env') {
    const value = env[place];
    if (!value) throw missing(reference, `Set the environment variable ${place}.`);
    return value;
  }
  const value = await readFile(place, 'utf8').catch((cause: unknown) => {
    throw missing(reference, `Make ${place} readable for this user.`, cause);
  });
  return value.trimEnd();
}

/** A database login as it lies behind a reference. */
export interface Login {
  user: string;
  password: string;
  database?: string;
}

/** `user:password`, or JSON as Secrets Manager keeps it (`username`, `password`, `dbname`). */
export function parseLogin(value: string, reference: string): Login {
  if (value.startsWith('{')) {
    const { username, password, dbname } = parseObject(value);
    if (username && password) return { user: username, password, database: dbname };
  } else {
    const colon = value.indexOf(':');
    if (colon > 0) return { user: value.slice(0, colon), password: value.slice(colon + 1) };
  }
  throw new UsageError('secret-shape', `the login behind ${reference} is not of a known shape`, {
    expected: 'user:password, or JSON with username and password',
    remedy: `Store the secret behind ${reference} in one of these shapes.`,
  });
}

/** A password alone: the `password` of a JSON object as Secrets Manager keeps it, else the text as it is. */
export const parsePassword = (value: string): string =>
  (value.startsWith('{') ? parseObject(value)['password'] : undefined) ?? value;

/** An object of texts; empty when it isn't JSON. The parser's own message would show a piece of the secret. */
function parseObject(value: string): Record<string, string | undefined> {
  try {
    return JSON.parse(value) as Record<string, string | undefined>;
  } catch {
    return {};
  }
}

const missing = (reference: string, remedy: string, cause?: unknown): UsageError =>
  new UsageError('secret-missing', `no secret behind ${reference}`, { remedy, cause });
