/** Rung 1: the restored database lets the verification role in, read only. A server that is still starting is waited for. */
import type { Rung } from './rung.ts';

export const connectsRung: Rung = async ({ input, engine, restored }, attempt) => {
  const { host, port, database } = restored.endpoint;
  const mayWrite = await restored.use(attempt, (session) => engine.mayWrite(session));
  const as = input.params.user ?? 'the login of its target';
  const note = mayWrite === undefined ? '' : `; the role ${mayWrite}: one that may only read is enough`;
  return {
    done: true,
    check: { holds: true, said: `${database} at ${host}:${port} lets ${as} in, read only${note}.` },
  };
};
