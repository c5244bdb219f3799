/**
 * Servers that take no connection without TLS, as RDS does since PostgreSQL 15: what verifications and canaries make of their
 * certificates. Real servers; MariaDB where it is installed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../../../src/actions/action.ts';
import { verifyMysql } from '../../../src/actions/mysql/verify.ts';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import type { Mark } from '../../../src/domain/clock.ts';
import { openProbe } from '../../../src/probes/index.ts';
import { clock, planOf, probeOf, runId } from '../../probes/support/run.ts';
import { makeAuthority } from '../../support/certificates.ts';
import type { Certificate } from '../../support/certificates.ts';
import { climb, databaseAt, env, now } from './support/climb.ts';
import type { Climbed } from './support/climb.ts';
import { serverBinary, startMariadb } from './support/mariadb.ts';
import { startPostgres } from './support/postgres.ts';

interface Demanding {
  port: number;
  close(): Promise<void>;
}

interface Engine {
  title: string;
  engine: string;
  verify: Action;
  canary: string;
  /** Database `shop` with a table of one row; `owner` and `verifier` are let in by TLS alone. */
  start(certificate: Certificate): Promise<Demanding>;
  /** The same without TLS. */
  startPlain(): Promise<Demanding>;
  /** What comes of a connection without TLS: the error's code, words in it and in its remedy; and what a canary says. */
  withoutTls: { code: string; found: RegExp; remedy: RegExp; canary: string };
  /** The same for a certificate of another name. */
  misnamed: { code: string; found: RegExp };
}

const contents = ['create table orders (id int primary key)', 'insert into orders values (1)'];
const files = ({ certificate, key }: Certificate) => ({ 'server.crt': certificate, 'server.key': key });

async function postgresWith(options: Parameters<typeof startPostgres>[0]): Promise<Demanding> {
  const server = await startPostgres(options);
  await server.sql('postgres', 'create database shop');
  await server.sql('shop', ...contents);
  return server;
}

async function mariadbWith(...options: Parameters<typeof startMariadb>): ReturnType<typeof startMariadb> {
  const server = await startMariadb(...options);
  await server.sql('mysql', 'create database shop');
  await server.sql('shop', ...contents);
  return server;
}

const postgres: Engine = {
  title: 'PostgreSQL',
  engine: 'postgres',
  verify: verifyPostgres,
  canary: 'postgres/canary',
  withoutTls: {
    code: 'tls-refused',
    found: /no encryption/,
    remedy: /^Say tls: verify, or tls: encrypt/,
    canary: 'sqlstate 28000',
  },
  misnamed: { code: 'tls-refused', found: /127\.0\.0\.1 is not in the cert/ },
  startPlain: () => postgresWith({}),
  async start(certificate) {
    // The setting up comes without TLS, to another database than shop.
    const access = ['hostssl shop all 127.0.0.0/8 scram-sha-256', 'host postgres all 127.0.0.0/8 scram-sha-256'];
    const server = await startPostgres({
      settings: { ssl: 'on' },
      files: {
        ...files(certificate),
        'pg_hba.conf': [...access, 'host setup all 127.0.0.0/8 scram-sha-256', ''].join('\n'),
      },
    });
    await server.sql('postgres', 'create database setup');
    await server.sql('setup', ...contents);
    await server.sql('postgres', 'create database shop template setup');
    return server;
  },
};

const mariadb: Engine = {
  title: 'MariaDB',
  engine: 'mysql',
  verify: verifyMysql,
  canary: 'mysql/canary',
  // MySQL says ER_SECURE_TRANSPORT_REQUIRED.
  withoutTls: {
    code: 'login-refused',
    found: /Access denied/,
    remedy: /comes without TLS/,
    canary: 'ER_ACCESS_DENIED_ERROR',
  },
  misnamed: { code: 'tls-needs-name', found: /127\.0\.0\.1/ },
  startPlain: () => mariadbWith({}, ['--skip-ssl']),
  async start(certificate) {
    const server = await mariadbWith(files(certificate), ['--ssl-cert=server.crt', '--ssl-key=server.key']);
    await server.sql('mysql', 'set global require_secure_transport = on');
    return server;
  },
};

const authority = makeAuthority('Drill authority');
const stranger = makeAuthority('Another authority');
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firedrill-tls-'));
  await writeFile(join(dir, 'authority.pem'), authority.certificate);
  await writeFile(join(dir, 'stranger.pem'), stranger.certificate);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

if (serverBinary === undefined) {
  test('MariaDB is not tried here: neither mariadbd nor mysqld is installed', () => {
    process.stderr.write('TLS to MariaDB was not tried on a real server: install mariadb-server to do so.\n');
    expect(serverBinary).toBeUndefined();
  });
}

describe.each(serverBinary === undefined ? [postgres] : [postgres, mariadb])('$title', (kind) => {
  const { engine, verify, canary } = kind;
  let began: Mark;
  let server: Demanding;
  let plain: Demanding;
  beforeAll(async () => {
    began = now();
    server = await kind.start(authority.issue('localhost', '127.0.0.2'));
    plain = await kind.startPlain();
  });
  afterAll(() => Promise.all([server, plain].map((each) => each?.close())));

  interface Asked {
    at?: Demanding;
    host?: string;
    tls?: 'verify' | 'encrypt' | 'off';
    /** File in which authorities are, as NODE_EXTRA_CA_CERTS names it. */
    trusted?: string | undefined;
  }
  function look({
    at = server,
    host = 'localhost',
    tls = 'verify',
    trusted = 'authority.pem',
  }: Asked): Promise<Climbed> {
    const facts = { endpoint: host, port: at.port, database: 'shop', engine };
    const db = databaseAt(at.port, 'shop', engine, { items: [{ id: 'shop', facts }] });
    const more = { env: { ...env, ...(trusted === '' ? {} : { NODE_EXTRA_CA_CERTS: join(dir, trusted) }) } };
    return climb(verify, { params: { tls, tables: { orders: { minRows: '1' } } }, targets: { db }, began, more });
  }

  test('whose certificate is of a trusted authority is verified by TLS, and says so', async () => {
    const { checks, broken } = await look({});
    expect(broken).toEqual({});
    expect(checks['connects']!.said).toMatch(/lets verifier in, read only, by TLS with its certificate checked\.$/);
  });

  test('whose certificate nobody was to check is verified too, and that is said', async () => {
    const { checks, broken } = await look({ tls: 'encrypt', trusted: '' });
    expect(broken).toEqual({});
    expect(checks['connects']!.said).toMatch(/read only, by TLS without a look at its certificate\.$/);
  });

  const trusts = /^Trust its authority \(NODE_EXTRA_CA_CERTS\)/;
  const unknown = { code: 'tls-refused', found: /certificate/, remedy: trusts };
  test.each<[string, () => Asked, { code: string; found: RegExp; remedy?: RegExp }]>([
    ['is of nobody that Node knows', () => ({ trusted: '' }), unknown],
    ['is of another authority', () => ({ trusted: 'stranger.pem' }), unknown],
    ['names other hosts', () => ({ host: '127.0.0.1' }), kind.misnamed],
    ['is not there', () => ({ at: plain }), { ...unknown, found: /SSL|secure connection/i }],
    ['is not asked for', () => ({ tls: 'off' }), kind.withoutTls],
  ])('whose certificate %s proves nothing of the restore, with the reason', async (_what, asked, expected) => {
    const { code, found, remedy = /tls: encrypt/ } = expected;
    await expect(look(asked())).rejects.toMatchObject({
      code,
      provesNothing: true,
      found: expect.stringMatching(found) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
  });

  test('is not asked with authorities that nobody can read', async () => {
    await expect(look({ trusted: 'absent.pem' })).rejects.toMatchObject({
      code: 'authorities-missing',
      provesNothing: true,
    });
  });

  let written = 0;
  const write = async (tls: 'on' | 'off', host = 'localhost') => {
    const probe = probeOf('write', canary, {
      host,
      port: `${server.port}`,
      name: 'shop',
      login: 'env:OWNER',
      tls,
    });
    const live = openProbe(probe, { runId, plan: planOf([probe]), clock, env });
    try {
      return await live.ask((written += 1), AbortSignal.timeout(120_000));
    } finally {
      live.close();
    }
  };

  test('takes the writes of a canary that comes with TLS, and refuses others', async () => {
    expect(await write('on')).toEqual({ outcome: 'good' });
    expect(await write('off')).toEqual({ outcome: 'bad', why: kind.withoutTls.canary });
  });

  test('takes them by its address, too, and Node warns of nothing', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', note);
    expect(await write('on', '127.0.0.1')).toEqual({ outcome: 'good' });
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});
