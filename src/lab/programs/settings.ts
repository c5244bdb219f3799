/** What the environment tells the program of an instance. */

export interface ProgramSettings {
  /** Where it listens: behind the network, at an address that only the lab uses. */
  listen: { host: string; port: number };
  /** The instance's own address, from which it calls others. */
  address: string;
  /** DNS server of the instance's network, `host:port`. */
  resolver: string;
  database: { host: string; port: number; user: string; password: string; name: string };
  /** Whom to run as, when started as root. */
  user?: { uid: number; gid: number };
}

/** @throws Error that names a missing variable */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

/** Whom to run as, when started as root. */
export function userOf(env: NodeJS.ProcessEnv): { uid: number; gid: number } | undefined {
  const [uid, gid] = (env['RUN_AS'] ?? '').split(':').map(Number);
  return uid && gid ? { uid, gid } : undefined;
}

/** @throws Error that names a missing variable */
export function settingsOf(env: NodeJS.ProcessEnv): ProgramSettings {
  const read = (name: string): string => required(env, name);
  return {
    listen: { host: read('LISTEN_HOST'), port: Number(read('LISTEN_PORT')) },
    address: read('ADDRESS'),
    resolver: read('RESOLVER'),
    database: {
      host: read('DB_HOST'),
      port: Number(read('DB_PORT')),
      user: read('DB_USER'),
      password: read('DB_PASSWORD'),
      name: read('DB_NAME'),
    },
    user: userOf(env),
  };
}

/** Gives up root for good. */
export function becomeUser(user: ProgramSettings['user']): void {
  if (user === undefined) return;
  process.setgroups?.([]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
}
