/**
 * The lab's databases by SQL, behind the back of application and drill: which of them take writes, and which of the written rows
 * are really there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { databases } from './lab.ts';
import type { LabDatabase, LabUp } from './lab.ts';

/** As the estate was made: the owner of the tables, and the login of the application. */
const owner = { user: 'orders_admin', password: 'lab-admin' };
const application = { user: 'orders_app', password: 'lab-app' };

/** Of whoever tries a database that may be gone, and of whoever needs an answer. */
const trialMs = 2_000;
const patienceMs = 60_000;
const cadenceMs = 50;
/** Databases come and go more slowly. */
const lookMs = 200;

const clientOf = ({ address: host }: LabDatabase, login: typeof owner, waitMs: number): Client => {
  const client = new Client({
    host,
    port: 5432,
    database: 'orders',
    ...login,
    connectionTimeoutMillis: waitMs,
    query_timeout: waitMs,
  });
  client.on('error', () => undefined); // A connection that breaks shows at the next query.
  return client;
};

/** The active region's database, which everything starts from and comes back to. */
export const activePrimary = async (lab: LabUp): Promise<LabDatabase> =>
  (await databases(lab)).find(({ region, identifier }) => region === 'eu-central-1' && identifier === 'orders-db')!;

async function asOwner<T>(database: LabDatabase, work: (client: Client) => Promise<T>): Promise<T> {
  const client = clientOf(database, owner, patienceMs);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** From now on the database remembers which canary rows were there when they were cleaned up; replicas inherit it. */
export async function rememberCleanedUp(lab: LabUp): Promise<void> {
  await asOwner(await activePrimary(lab), (client) =>
    client.query(`
      CREATE TABLE IF NOT EXISTS cleaned_up (run text NOT NULL, n bigint NOT NULL);
      CREATE OR REPLACE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN INSERT INTO public.cleaned_up VALUES (OLD.run, OLD.n); RETURN OLD; END';
      CREATE OR REPLACE TRIGGER remember AFTER DELETE ON canary FOR EACH ROW EXECUTE FUNCTION remember();`),
  );
}

/** Numbers of a run's rows that are there, or were when they were cleaned up. */
export async function survivors(lab: LabUp, run: string): Promise<Set<number>> {
  const rows = await asOwner(await activePrimary(lab), (client) =>
    client.query<{ n: string }>('SELECT n FROM cleaned_up WHERE run = $1 UNION SELECT n FROM canary WHERE run = $1', [
      run,
    ]),
  );
  return new Set(rows.rows.map(({ n }) => Number(n)));
}

interface Took {
  id: string;
  name: string;
  startMs: number;
  endMs: number;
}

/**
 * Tries again and again, as the application would, to write to every database there is. Two databases that take writes in turn
 * are a split brain; the writes are rolled back.
 */
export function watchPrimaries(lab: LabUp): { stop(): Promise<{ splits: string[]; writable: string[] }> } {
  const took: Took[] = [];
  const watching = new Map<string, Promise<void>>();
  let stopped = false;

  const looking = (async () => {
    while (!stopped) {
      for (const database of await databases(lab)) {
        if (!watching.has(database.id)) watching.set(database.id, tryOn(database));
      }
      await sleep(lookMs);
    }
  })();
  looking.catch(() => undefined); // Told by stop().

  async function tryOn(database: LabDatabase): Promise<void> {
    let client: Client | undefined;
    for (let n = 0; !stopped; n += 1) {
      const startMs = performance.now();
      try {
        client ??= await connected(database);
        await client.query('BEGIN');
        await client.query('INSERT INTO canary (run, n) VALUES ($1, $2)', [`watch-${database.id}`, n]);
        await client.query('ROLLBACK');
        took.push({ id: database.id, name: nameOf(database), startMs, endMs: performance.now() });
      } catch {
        void client?.end().catch(() => undefined);
        client = undefined;
      }
      await sleep(cadenceMs);
    }
    await client?.end().catch(() => undefined);
  }

  return {
    async stop() {
      stopped = true;
      await looking;
      await Promise.all(watching.values());
      return { splits: splitsIn(took), writable: [...new Set(took.map(({ name }) => name))] };
    },
  };
}

const nameOf = ({ region, identifier, id }: LabDatabase): string => `${region}/${identifier} (${id})`;

async function connected(database: LabDatabase): Promise<Client> {
  const client = clientOf(database, application, trialMs);
  await client.connect();
  return client;
}

/** A database that took a write after another one, which came later, had taken one already. */
function splitsIn(took: readonly Took[]): string[] {
  const firsts = new Map<string, Took>();
  for (const each of took.toSorted((a, b) => a.endMs - b.endMs)) if (!firsts.has(each.id)) firsts.set(each.id, each);
  const splits = new Set<string>();
  for (const newer of firsts.values()) {
    for (const write of took) {
      const older = firsts.get(write.id)!;
      if (older.endMs < newer.endMs && write.startMs > newer.endMs)
        splits.add(`${write.name} took a write after ${newer.name} had taken one`);
    }
  }
  return [...splits];
}
