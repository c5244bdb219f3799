/**
 * Whether the AWS of a run is on the machine that runs it: an emulator, a lab, a stub. That is a fact about the environment, read
 * off the endpoints that it names. A tunnel to AWS that begins here is taken for one too: nobody can tell from outside.
 */
import type { Plan } from '../domain/plan.ts';

/** Of one service or of all. Step events may have a queue of their own anywhere: that says nothing of the run. */
const endpoint = /^AWS_ENDPOINT_URL(?!_SQS$)(?:_|$)/;

export function localEndpointOf(env: NodeJS.ProcessEnv): Plan['localEndpoint'] {
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  const named = Object.entries(env).flatMap(([name, url]) => (endpoint.test(name) && url ? [url] : []));
  return named.some(isLoopback) ? true : undefined;
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\]|(?:.+\.)?localhost)$/.test(
    hostname,
  );
}
