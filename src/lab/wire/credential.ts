/**
 * Who calls, and which service and region is meant: read from the SigV4 credential scope, in the header or in a presigned URL.
 * The signature itself isn't checked: the lab knows no secret keys.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './handler.ts';

export interface Credential {
  accessKeyId: string;
  sessionToken?: string;
  region: string;
  /** Signing name. */
  service: string;
}

/** @returns undefined for a request that isn't signed */
export function credentialOf(headers: IncomingHttpHeaders, query: URLSearchParams): Credential | undefined {
  const header = /\bCredential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1];
  const scope = header ?? query.get('X-Amz-Credential');
  if (scope === null) return undefined;
  const [accessKeyId, , region, service] = scope.split('/');
  if (!accessKeyId || !region || !service) {
    throw new AwsError(
      'IncompleteSignature',
      `The credential scope '${scope}' is not of the form KEY/DATE/REGION/SERVICE.`,
    );
  }
  const token = headers['x-amz-security-token'] ?? query.get('X-Amz-Security-Token') ?? undefined;
  return { accessKeyId, region, service, ...(token === undefined ? {} : { sessionToken: String(token) }) };
}

/** @throws AwsError AccessDenied when a presigned URL is older than it allows */
export function checkExpiry(query: URLSearchParams, now: Date): void {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (!date || Number.isNaN(seconds)) return;
  const [, year, month, day, hour, minute, second] = date.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const expires = Date.UTC(year, month - 1, day, hour, minute, second) + seconds * 1000;
  if (now.getTime() > expires) throw new AwsError('AccessDenied', 'Request has expired', 403);
}
