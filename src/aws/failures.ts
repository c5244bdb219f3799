/**
 * What a failed request means for the next one: whether AWS answered, and if not, whether it may have got the request. Pure.
 */

/** How a request failed. */
export type Failure =
  /** AWS answered that it will not do it. */
  | 'refused'
  /** AWS answered: not now, too many calls. Nothing was done. */
  | 'throttled'
  /** AWS answered 5xx: nobody knows how far it came. */
  | 'server'
  /** The session's token is over. Nothing was done. */
  | 'expired'
  /** It never reached AWS, and may the next time. */
  | 'unsent'
  /** It never reached AWS and won't: no credentials, an untrusted certificate, input that can't be written. */
  | 'unsendable'
  /** It was sent, or may have been, and no answer came. */
  | 'lost'
  /** As `lost`: no answer within the time for one call. */
  | 'timeout';

/** What SDK errors look like, as far as they are looked at. */
export interface SdkError extends Error {
  code?: string;
  syscall?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  $response?: { statusCode?: number };
  $fault?: string;
  cause?: unknown;
}

/** Codes of "too many calls". Route 53 gives its own with HTTP 400. */
const throttling = new Set([
  'BandwidthLimitExceeded',
  'EC2Throttled',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'Throttled',
  'Throttling',
  'TooManyRequests',
  'RequestThrottledException',
]);

const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);

/** AWS has none to give: EC2 says so with HTTP 500, and nothing was done. Source: EC2 API reference, server error codes. */
const exhausted = /^Insufficient\w*Capacity$/;

/** Errors of making a connection: no byte of the request went out. */
const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/** Errors by which the SDK says that it could not even begin. */
const notBegun = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

/** The error's code as on the wire, without the suffixes that the SDK's classes add: `DBInstanceNotFound`. */
export const codeOf = (error: Error): string => error.name.replace(/(Fault|Exception)$/, '');

export function classify(error: SdkError): Failure {
  const code = codeOf(error);
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode;
  if (throttling.has(code) || status === 429) return 'throttled';
  if (expired.has(code)) return 'expired';
  if (exhausted.test(code)) return 'refused';
  if (status !== undefined && status >= 500) return status === 501 ? 'refused' : 'server';
  if (status !== undefined && status >= 400) return 'refused';
  if (error.$fault !== undefined && error.$response === undefined && status === undefined) return 'refused';
  return status === undefined ? classifySilence(error) : 'lost';
}

/** Nothing came from AWS: what does the socket say? */
function classifySilence(error: SdkError): Failure {
  if (error instanceof TypeError || error instanceof RangeError || notBegun.has(error.name)) return 'unsendable';
  const code = error.code ?? (error.cause instanceof Error ? (error.cause as SdkError).code : undefined) ?? '';
  if (unconnected.has(code)) return 'unsent';
  if (isTls(code)) return 'unsendable';
  if (error.syscall === 'connect' || /did not establish a connection/.test(error.message)) return 'unsent';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  return 'lost';
}

const isTls = (code: string): boolean =>
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_)/.test(code) || code === 'HOSTNAME_MISMATCH';

/** Operations that change nothing, by AWS's naming. Receiving hides messages for a while only. */
export const isRead = (operation: string): boolean =>
  /^(Describe|Get|List|Head|Search|Lookup|Test|Simulate|Receive|AssumeRole)/.test(operation);
