/** The database of the order service: its tables, some history, and who may do what. */
import { Client } from 'pg';
import type { DbInstance } from '../world/rds.ts';

/** Loopback only, invented data: nothing that a password would have to protect. */
export const ordersLogins = {
  master: { user: 'orders_admin', password: 'lab-admin' },
  application: { user: 'orders_app', password: 'lab-app' },
  /** Reads replication positions, writes canaries of its own. */
  drills: { user: 'firedrill', password: 'lab-drills' },
  /** Reads what a restore brought back, and can do nothing else. */
  verifier: { user: 'drill_verifier', password: 'lab-verifier' },
};

export const ordersDatabase = 'orders';

const customers = 200;
const orders = 2_000;

const schema = `
  CREATE TABLE customers (
    id int PRIMARY KEY,
    name text NOT NULL
  );
  CREATE TABLE orders (
    id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers,
    item text NOT NULL,
    quantity int NOT NULL CHECK (quantity > 0),
    cents int NOT NULL,
    placed_at timestamptz NOT NULL
  );
  CREATE TABLE canary (
    run text NOT NULL,
    n bigint NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, n)
  );
  INSERT INTO customers SELECT n, 'Customer ' || n FROM generate_series(1, ${customers}) n;
  INSERT INTO orders
    SELECT n, 1 + n % ${customers}, (ARRAY['coffee', 'tea', 'cocoa', 'honey', 'sugar'])[1 + n % 5], 1 + n % 3,
           250 + n % 700, now() - (${orders} - n) * interval '7 minutes'
    FROM generate_series(1, ${orders}) n;
`;

const access = `
  CREATE ROLE ${ordersLogins.application.user} LOGIN PASSWORD '${ordersLogins.application.password}';
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${ordersLogins.application.user};
  CREATE ROLE ${ordersLogins.drills.user} LOGIN PASSWORD '${ordersLogins.drills.password}';
  GRANT CREATE ON SCHEMA public TO ${ordersLogins.drills.user};
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${ordersLogins.drills.user};
  GRANT pg_monitor TO ${ordersLogins.drills.user};
  CREATE ROLE ${ordersLogins.verifier.user} LOGIN PASSWORD '${ordersLogins.verifier.password}';
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${ordersLogins.verifier.user};
`;

/** Fills a new database, as its master user. */
export async function fillOrders({ address, port }: Pick<DbInstance, 'address' | 'port'>): Promise<void> {
  const client = new Client({ host: address, port, database: ordersDatabase, ...ordersLogins.master });
  await client.connect();
  try {
    await client.query(schema);
    await client.query(access);
  } finally {
    await client.end();
  }
}

/** What the application is told about its database. */
export const applicationEnv = (host: string): Record<string, string> => ({
  DB_HOST: host,
  DB_PORT: '5432',
  DB_NAME: ordersDatabase,
  DB_USER: ordersLogins.application.user,
  DB_PASSWORD: ordersLogins.application.password,
});
