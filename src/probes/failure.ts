/** Why a connection or request failed, in one or two words that stand in samples and reports. */
import { FiredrillError } from '../domain/errors.ts';

/** An error that already has such words, e.g. `dns NXDOMAIN`. */
export class ProbeFailure extends Error {
  override name = 'ProbeFailure';
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'dns not found',
  ENODATA: 'dns no answer',
  EAI_AGAIN: 'dns timeout',
  ESERVFAIL: 'dns SERVFAIL',
};

/** @param signal when it has aborted, the failure is that time was over, whatever the error says */
export function whyOf(error: unknown, signal?: AbortSignal): string {
  if (error instanceof ProbeFailure || error instanceof FiredrillError) return error.message;
  if (signal?.aborted) return 'timeout';
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return words[code] ?? code;
  return typeof message === 'string' ? message : String(error);
}
