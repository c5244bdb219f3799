/** What names answer at the resolver that the environment names for probes (FIREDRILL_RESOLVER). */
import { Resolver } from 'node:dns/promises';

const timeoutMs = 2_000;

/** IPv4 addresses of a name, sorted; undefined when no resolver is named, or it has no answer. */
export async function addressesOf(name: string, env: NodeJS.ProcessEnv): Promise<string[] | undefined> {
  const server = env['FIREDRILL_RESOLVER'];
  if (!server) return undefined;
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  resolver.setServers([server]);
  try {
    return (await resolver.resolve4(name)).sort();
  } catch {
    return undefined;
  }
}
