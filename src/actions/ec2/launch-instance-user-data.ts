/**
 * User data of a restored instance: the project's own script, with what it has to know put in behind its first line. It
 * carries signed URLs, so it is made as late as possible and stands in no log. Pure.
 */
import { FiredrillError } from '../../domain/errors.ts';

/** Largest user data, bytes, before it is encoded. Source: EC2 user guide, instance user data. */
export const largestBytes = 16_384;

/** The variable in which the script finds where to report. */
export const signalVariable = 'FIREDRILL_SIGNAL_URL';

/** A script that a shell runs: variables are handed to it as shell commands. */
const shebang = /^#!.*\b(?:ba|da|k|z)?sh\b[^\r\n]*\n/;

/** What keeps a file from being user data of a restore; nothing when it can be. */
export function scriptRefusal(path: string, script: string): FiredrillError | undefined {
  if (shebang.test(script)) return undefined;
  const [first = ''] = script.split('\n', 1);
  return new FiredrillError('user-data-no-script', `${path} is no shell script that an instance would run`, {
    expected: 'a first line like #!/bin/bash, ending with a line feed alone',
    found: JSON.stringify(first.slice(0, 80)),
    remedy: 'Begin it with the line of its shell, and save it with Unix line ends.',
  });
}

/**
 * @param variables exported to the script, in this order
 * @throws FiredrillError `user-data-no-script`, `user-data-too-large`
 */
export function userDataOf(path: string, script: string, variables: Readonly<Record<string, string>>): string {
  const refusal = scriptRefusal(path, script);
  if (refusal) throw refusal;
  const end = script.indexOf('\n') + 1;
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const userData = `${script.slice(0, end)}${exports.join('')}${script.slice(end)}`;
  const bytes = Buffer.byteLength(userData);
  if (bytes > largestBytes) throw tooLarge(path, bytes);
  return userData;
}

/** One word for a shell, whatever stands in it. */
const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

export const tooLarge = (path: string, bytes: number): FiredrillError =>
  new FiredrillError('user-data-too-large', `${path} with its variables has ${bytes} bytes`, {
    expected: `at most ${largestBytes} bytes of user data`,
    found: `${bytes} bytes`,
    remedy: 'Put what is long into the image, or let the script fetch it by an s3:// URL in its environment.',
  });

/** An object by `s3://bucket/key?versionId=...&region=...`. */
export interface S3Url {
  bucket: string;
  key: string;
  versionId?: string;
  region?: string;
}

export const isS3Url = (value: string): boolean => value.startsWith('s3://');

/** @throws FiredrillError `s3-url` */
export function parseS3Url(value: string): S3Url {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const key = decoded(url?.pathname.slice(1) ?? '');
  if (!url?.hostname || !key) {
    throw new FiredrillError('s3-url', `${value} names no object in S3`, {
      expected: 's3://bucket/key, with ?versionId= and &region= where needed',
      found: value,
      remedy: 'Write it so, with special characters of the key percent-encoded.',
    });
  }
  const { searchParams: query } = url;
  return {
    bucket: url.hostname,
    key,
    versionId: query.get('versionId') ?? undefined,
    region: query.get('region') ?? undefined,
  };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
