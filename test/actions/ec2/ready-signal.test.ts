import { describe, expect, test } from 'vitest';
import { readSignal } from '../../../src/actions/ec2/ready-signal.ts';
import type { FiredrillError } from '../../../src/domain/errors.ts';

const database = { engine: 'postgres', port: 5432, name: 'orders' };

function refusalOf(content: string): FiredrillError {
  try {
    readSignal(content);
  } catch (error) {
    return error as FiredrillError;
  }
  throw new Error('it was taken');
}

test('a script that is ready says where its database is, and more if it likes', () => {
  expect(readSignal(JSON.stringify({ status: 'ready', database }))).toEqual({ database });
  const more = { status: 'ready', message: ' 12 s ', database: { ...database, host: 'db' }, took: 12 };
  expect(readSignal(JSON.stringify(more))).toEqual({ database: { ...database, host: 'db' }, message: '12 s' });
});

describe('a script that failed', () => {
  test('is heard in its own words, without secrets and not at any length', () => {
    const message = `dump of postgres://app:hunter2@db/orders is damaged ${'x'.repeat(9_000)}`;
    const failed = refusalOf(JSON.stringify({ status: 'failed', message }));
    expect(failed.code).toBe('restore-failed');
    expect(failed.message).toMatch(/^the restore failed: dump of postgres:\/\/app:\[redacted\]@db\/orders is damaged/);
    expect(failed.message.length).toBeLessThan(2_400);
    expect(failed.provesNothing).toBeUndefined();
  });

  test('is heard to its last line, which says why', () => {
    const output = Array.from({ length: 300 }, (_, n) => `line ${n} of what it wrote`).join('\n');
    const message = `it ended with status 1: starting\n${output}\npg_restore: error: no such role`;
    const failed = refusalOf(JSON.stringify({ status: 'failed', message }));
    expect(failed.message).toMatch(/^the restore failed: it ended with status 1: starting \.\.\.\n/);
    expect(failed.message).toMatch(/line 299 of what it wrote\npg_restore: error: no such role$/);
    expect(failed.message.length).toBeLessThan(2_400);
  });

  test('may give no reason', () => {
    expect(refusalOf('{"status":"failed"}').message).toBe('the restore failed: its script gives no reason');
  });
});

test.each([
  ['no JSON', 'ready', 'it is no JSON'],
  ['an unknown status', '{"status":"done"}', 'status'],
  ['no database', '{"status":"ready"}', 'database'],
  ['a port that is text', '{"status":"ready","database":{"engine":"mysql","port":"1","name":"x"}}', 'database.port'],
  [
    'an engine that nobody speaks',
    '{"status":"ready","database":{"engine":"db2","port":1,"name":"x"}}',
    'database.engine',
  ],
])('a report with %s proves nothing of the backup, and is shown', (_, content, where) => {
  const malformed = refusalOf(content);
  expect(malformed).toMatchObject({ code: 'signal-malformed', provesNothing: true, found: content });
  expect(malformed.message).toContain(where);
});

test('what can not be read is shown without secrets', () => {
  expect(refusalOf('PGPASSWORD=hunter2 psql: error').found).toBe('PGPASSWORD=[redacted] psql: error');
});
