/** What the pages on restores promise to those who write scripts and backup jobs by them: examples, bounds, codes. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { awaitReady } from '../../src/actions/ec2/await-ready.ts';
import { launchInstance } from '../../src/actions/ec2/launch-instance.ts';
import {
  largestBytes,
  scriptRefusal,
  signalVariable,
  userDataOf,
} from '../../src/actions/ec2/launch-instance-user-data.ts';
import { largestSignalBytes, readSignal } from '../../src/actions/ec2/ready-signal.ts';
import { verifyMysql } from '../../src/actions/mysql/verify.ts';
import { verifyPostgres } from '../../src/actions/postgres/verify.ts';
import { largestManifestBytes, parseManifest } from '../../src/actions/verify/manifest.ts';

const restoring = readFileSync('docs/restoring-onto-an-instance.md', 'utf8');
const verifying = readFileSync('docs/restore-verification.md', 'utf8');
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!);
const grouped = (bytes: number): string => bytes.toLocaleString('en-US');

describe('the page on restoring onto an instance', () => {
  it('shows reports that are taken as what they say', () => {
    const [ready, failed] = blocks(restoring, 'json');
    expect(readSignal(ready!)).toEqual({
      message: 'restored orders',
      database: { engine: 'postgres', port: 5432, name: 'orders' },
    });
    expect(() => readSignal(failed!)).toThrow('the restore failed: pg_restore: error: could not read from input file');
  });

  it('gives the bounds that hold', () => {
    expect(restoring).toContain(`at most ${grouped(largestBytes)} bytes`);
    expect(restoring).toContain(`at most ${grouped(largestSignalBytes)} bytes`);
    expect(restoring).toContain(`\`${signalVariable}\``);
    expect(awaitReady.spec.timeoutMs).toBe(3_600_000);
    const long = { message: `first\n${'x'.repeat(2_500)}`, database: { engine: 'postgres', port: 1, name: 'x' } };
    expect(readSignal(JSON.stringify({ ...long, status: 'ready' })).message).toHaveLength(500 + ' ...'.length);
    expect(() => readSignal(JSON.stringify({ ...long, status: 'failed' }))).toThrow(/: first \.\.\.\n\.\.\. x{2000}$/);
  });

  it('says truly what user data looks like', () => {
    const userData = userDataOf('a.sh', '#!/bin/sh\nset -eu\n', { DUMP_URL: "it's", [signalVariable]: 'u' });
    expect(userData).toBe(`#!/bin/sh\nexport DUMP_URL='it'\\''s'\nexport ${signalVariable}='u'\nset -eu\n`);
    expect(scriptRefusal('a.sh', '#!/bin/sh\r\n')).toBeDefined();
    const { params } = launchInstance.spec;
    const given = { template: 't', subnet: 's', securityGroup: 'g', userData: 'f', signal: 's' };
    expect(params.safeParse({ ...given, environment: { DUMP_URL: 's3://a/b' } }).success).toBe(true);
    for (const word of ['PASS', 'SECRET', 'TOKEN', 'CREDENTIAL']) {
      expect(params.safeParse({ ...given, environment: { [`DB_${word}`]: 'x' } }).success, word).toBe(false);
      expect(restoring).toContain(word);
    }
  });

  it('explains codes that there are', () => {
    const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join('src', file), 'utf8'))
      .join('\n');
    const [, table] = restoring.split('## How it can end');
    const codes = [...table!.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(5);
    for (const code of [...codes, 'urls-end-early']) expect(source).toContain(`'${code}'`);
  });
});

describe('the page on verifying a restore', () => {
  it('shows a verification that both engines take', () => {
    const [example] = blocks(verifying, 'yaml');
    const { verify } = parse(example!, { schema: 'failsafe' }) as { verify: { uses: string; with: object }[] };
    for (const { spec } of [verifyPostgres, verifyMysql]) {
      expect(spec.params.safeParse(verify[0]!.with).error?.issues).toBeUndefined();
    }
  });

  it('shows a manifest that can be read, and names the bound of its size', () => {
    const [manifest] = blocks(verifying, 'json');
    expect(parseManifest(manifest!, 'it').tables).toMatchObject({ orders: { rows: 2000 }, returns: { rows: 0 } });
    expect(verifying).toContain(`at most ${grouped(largestManifestBytes)} bytes`);
  });
});
