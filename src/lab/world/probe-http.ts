/**
 * How Route 53's health checkers reach what they check. The checkers stand outside every subnet, so a cut subnet is not
 * reached. A port: real checkers use sockets, sweeps answer from the world.
 */
export interface HttpProbe {
  address: string;
  port: number;
  path: string;
  /** Host header: the fully qualified name of the check, where it has one. */
  host?: string;
  timeoutMs: number;
  /** The body is wanted too (HTTP_STR_MATCH looks at its first 5,120 bytes). */
  wantsBody: boolean;
}

export type HttpProbeResult = { status: number; body?: string } | { error: string };

/** Never rejects: what goes wrong is the result. */
export type ProbeHttp = (probe: HttpProbe) => Promise<HttpProbeResult>;
