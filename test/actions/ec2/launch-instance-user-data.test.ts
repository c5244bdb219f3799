import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseS3Url, userDataOf } from '../../../src/actions/ec2/launch-instance-user-data.ts';

const run = promisify(execFile);

test('whatever stands in variables, the shell hands it to the script as it is', async () => {
  const anything = fc.string({ unit: 'binary', maxLength: 60 }).filter((value) => !value.includes('\0'));
  const values = [`it's $HOME \`id\` \\ "\n%s`, "'", '', ...fc.sample(anything, 100)];
  const variables = Object.fromEntries(values.map((value, n) => [`V${n}`, value]));
  const prints = values.map((_, n) => `printf '%s\\000' "$V${n}"`).join('\n');
  const { stdout } = await run('/bin/sh', ['-c', userDataOf('x.sh', `#!/bin/sh\n${prints}`, variables)]);
  expect(stdout.split('\0').slice(0, -1)).toEqual(values);
});

test.each(['#!/bin/sh\n', '#!/bin/bash -eu\n', '#! /usr/bin/env bash\n', '#!/usr/local/bin/zsh\n'])(
  'the variables stand behind %j',
  (first) => {
    expect(userDataOf('x.sh', `${first}rest`, { A: '1', B: '2' })).toBe(`${first}export A='1'\nexport B='2'\nrest`);
  },
);

test('sixteen kilobytes with the variables is all that an instance takes, counted in bytes', () => {
  const script = (letters: number) => `#!/bin/sh\n#${'ü'.repeat(letters)}`;
  expect(userDataOf('x.sh', script(8_186), {})).toHaveLength(8_197);
  expect(() => userDataOf('x.sh', script(8_187), {})).toThrow('has 16385 bytes');
  expect(() => userDataOf('x.sh', script(8_186), { A: '' })).toThrow('has 16395 bytes');
});

describe('an s3:// URL', () => {
  test('names bucket, key, version and region', () => {
    expect(parseS3Url('s3://a.b-c/nightly/a%20b%2Bc.dump?versionId=v%2F1&region=eu-west-1')).toEqual({
      bucket: 'a.b-c',
      key: 'nightly/a b+c.dump',
      versionId: 'v/1',
      region: 'eu-west-1',
    });
    expect(parseS3Url('s3://bucket/k')).toEqual({ bucket: 'bucket', key: 'k' });
  });

  test.each(['s3://', 's3://bucket', 's3://bucket/', 's3:///key', 's3://bucket/%zz'])('%s names no object', (url) => {
    expect(() => parseS3Url(url)).toThrow(`${url} names no object in S3`);
  });
});
