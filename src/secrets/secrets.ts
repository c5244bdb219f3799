/**
 * Reads secrets by reference (`env:NAME`, `file:/PATH`, `secretsmanager:NAME_OR_ARN#KEY`, `ssm:/PARAMETER`), as late as possible.
 * A value read here is never stored or logged.
 */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../domain/errors.ts';

/** AWS's own stores of secrets, for those who have a way to AWS. Both throw what the call throws. */
export interface SecretStores {
  /** By name or ARN. Undefined when it holds no text. */
  secretsManager(id: string): Promise<string | undefined>;
  /** Decrypted. */
  parameter(name: string): Promise<string | undefined>;
}

/**
 * @throws UsageError `secret-missing` when nothing is there; `secret-unreachable` for one that AWS keeps, without a way to AWS
 */
export async function readSecret(
  reference: string,
  env: NodeJS.ProcessEnv = process.env,
  stores?: SecretStores,
): Promise<string> {
  const colon = reference.indexOf(':');
  const place = reference.slice(colon + 1);
  switch (reference.slice(0, colon)) {
    case 'env': {
      const value = env[place];
      if (!value) throw missing(reference, `Set the environment variable ${place}.`);
      return value;
    }
    case 'secretsmanager': {
      const [id = '', key] = place.split('#');
      const value = await storesOr(stores, reference).secretsManager(id);
      if (!value) throw missing(reference, `Store text in the secret ${id}.`);
      return key === undefined ? value : memberOf(value, key, reference);
    }
    case 'ssm': {
      const value = await storesOr(stores, reference).parameter(place);
      if (!value) throw missing(reference, `Store a value in the parameter ${place}.`);
      return value;
    }
    default: {
      const value = await readFile(place, 'utf8').catch((cause: unknown) => {
        throw missing(reference, `Make ${place} readable for this user.`, cause);
      });
      return value.trimEnd();
    }
  }
}

function memberOf(value: string, key: string, reference: string): string {
  const member = parseObject(value)[key];
  if (typeof member === 'string' && member !== '') return member;
  throw new UsageError('secret-shape', `the secret behind ${reference} has no ${key}`, {
    expected: `JSON with a text ${key}`,
    remedy: 'Name a member that it has, or leave #KEY away.',
  });
}

function storesOr(stores: SecretStores | undefined, reference: string): SecretStores {
  if (stores) return stores;
  throw new UsageError('secret-unreachable', `${reference} lies in AWS, which nothing here can ask`, {
    expected: 'env:NAME or file:/PATH',
    remedy: 'Let the environment of this process hold the secret.',
  });
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
