/** Rung 1: the restored database lets the verification role in, read only. A server that is still starting is waited for. */
import { isLoopback } from '../trust.ts';
import type { Server, Tls } from './engine.ts';
import type { Rung } from './rung.ts';

export const connectsRung: Rung = async ({ input, engine, restored }, attempt) => {
  const { host, port, database } = restored.endpoint;
  const [mayWrite, secured] = await restored.use(attempt, async (session, server) => [
    await engine.mayWrite(session),
    securedOf(server),
  ]);
  const as = input.params.user ?? 'the login of its target';
  const note = mayWrite === undefined ? '' : `; the role ${mayWrite}: one that may only read is enough`;
  return {
    done: true,
    check: { holds: true, said: `${database} at ${host}:${port} lets ${as} in, read only${secured}${note}.` },
  };
};

const words: Readonly<Record<Tls, string>> = {
  verify: ', by TLS with its certificate checked',
  encrypt: ', by TLS without a look at its certificate',
  off: ', without TLS',
};

/** Of a connection that doesn't leave this machine nobody wants to know. */
const securedOf = ({ tls, address }: Server): string => (tls === 'off' && isLoopback(address) ? '' : words[tls]);
