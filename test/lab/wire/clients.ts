/** SDK clients for tests, loaded and built by package name. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

interface AnyClient {
  send(command: unknown): Promise<{ $metadata: unknown } & Record<string, unknown>>;
  destroy(): void;
}

interface ClientPackage {
  client(config: object): AnyClient;
  command(operation: string, input: unknown): unknown;
  /** The class with which a modelled error arrives. */
  errorClass(name: string): new (...args: never[]) => Error;
}

export async function packageOf(name: string): Promise<ClientPackage> {
  const exports = (await import(`@aws-sdk/client-${name}`)) as Record<string, new (...args: unknown[]) => unknown>;
  const exported = (key: string | undefined) => {
    const found = key === undefined ? undefined : exports[key];
    if (!found) throw new Error(`@aws-sdk/client-${name} exports no ${key}`);
    return found;
  };
  const clientClass = exported(Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key)));
  return {
    client: (config) => new clientClass(config) as AnyClient,
    command: (operation, input) => new (exported(`${operation}Command`))(input),
    errorClass: (key) => exported(key) as new (...args: never[]) => Error,
  };
}

export const credentials = { accessKeyId: 'AKIALAB', secretAccessKey: 'secret' };

/** Streams read, bytes as text of one kind, absent members gone: two values that mean the same are equal. */
export async function comparable(value: unknown): Promise<unknown> {
  if (value instanceof Readable) return comparable(await buffer(value));
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return Promise.all(value.map(comparable));
  const entries: [string, unknown][] = [];
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) entries.push([key, await comparable(entry)]);
  }
  return Object.fromEntries(entries);
}
