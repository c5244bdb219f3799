/**
 * The HTTP interface of the order service.
 *
 *   GET    /health            200 while the process runs. Not the database: all instances share it, and a balancer that took all of
 *                             them out would turn a slow database into a site that is gone.
 *   GET    /orders/{id}       the order, from the database
 *   PUT    /canary/{run}/{n}  200 after write n of a run was committed
 *   GET    /canary/{run}      the writes of a run that are there
 *   DELETE /canary/{run}      removes them
 *
 * 503 with a reason whenever the database doesn't do what was asked in time, e.g. because it is a replica.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the service needs of a database. */
export interface Database {
  query(text: string, values: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

interface Reply {
  status: number;
  body: unknown;
}

interface Route {
  method: string;
  path: RegExp;
  serve(database: Database, ...parts: string[]): Promise<Reply> | Reply;
}

const routes: readonly Route[] = [
  { method: 'GET', path: /^\/health$/, serve: () => ({ status: 200, body: { status: 'up' } }) },
  {
    method: 'GET',
    path: /^\/orders\/(\d{1,9})$/,
    async serve(database, id) {
      const { rows } = await database.query(
        `SELECT o.id, o.item, o.quantity, o.cents, o.placed_at AS "placedAt", c.name AS customer
         FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1`,
        [id],
      );
      return rows[0] ? { status: 200, body: rows[0] } : { status: 404, body: { error: `there is no order ${id}` } };
    },
  },
  {
    method: 'PUT',
    path: /^\/canary\/([\w.-]{1,128})\/(\d{1,15})$/,
    async serve(database, run, n) {
      await database.query('INSERT INTO canary (run, n) VALUES ($1, $2) ON CONFLICT DO NOTHING', [run, n]);
      return { status: 200, body: { run, n: Number(n) } };
    },
  },
  {
    method: 'GET',
    path: /^\/canary\/([\w.-]{1,128})$/,
    async serve(database, run) {
      const { rows } = await database.query('SELECT n FROM canary WHERE run = $1 ORDER BY n', [run]);
      return { status: 200, body: rows.map(({ n }) => Number(n)) };
    },
  },
  {
    method: 'DELETE',
    path: /^\/canary\/([\w.-]{1,128})$/,
    async serve(database, run) {
      await database.query('DELETE FROM canary WHERE run = $1', [run]);
      return { status: 200, body: { run } };
    },
  },
];

/** Longer than a balancer keeps its connections for reuse, so that it never sends a request into one that just closed. */
const keepAliveMs = 75_000;

export function ordersServer(database: Database): Server {
  return createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    request.resume();
    void serve(database, request, response);
  });
}

async function serve(database: Database, { method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await answer(database, method ?? 'GET', url ?? '/');
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Never rejects: what the database refuses or fails to do is an answer too. */
async function answer(database: Database, method: string, url: string): Promise<Reply> {
  const path = url.split('?')[0] ?? '/';
  const matching = routes.filter((route) => route.path.test(path));
  const route = matching.find((each) => each.method === method);
  if (matching.length === 0) return { status: 404, body: { error: `there is nothing at ${path}` } };
  if (route === undefined) return { status: 405, body: { error: `${method} is not for ${path}` } };
  try {
    return await route.serve(database, ...(route.path.exec(path)?.slice(1) ?? []));
  } catch (error) {
    return { status: 503, body: { error: `the database: ${(error as Error).message}` } };
  }
}
