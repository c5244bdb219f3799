/**
 * Where a replica stands in its source's log: how far it has received, or replayed where that is more. Sampled all through a
 * run, because loss was only tried when this stops with the fault. Once promoted, a server says how far it has written itself.
 */
import type { PositionWatch } from '../../domain/plan.ts';
import type { Resolver } from '../dns/resolver.ts';
import { whyOf } from '../failure.ts';
import type { LiveProbe } from '../probe.ts';
import { bad, good } from '../probe.ts';
import type { Session } from '../sql/session.ts';
import { connectTo, untilAborted } from '../sql/session.ts';
import { postgresDriver } from './driver.ts';

const sql = `select (case when pg_is_in_recovery()
  then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
  else pg_current_wal_lsn() end - '0/0'::pg_lsn)::text as position`;

export interface PositionContext {
  watch: PositionWatch;
  resolver: Resolver;
  env: NodeJS.ProcessEnv;
  tls: boolean;
}

/** One connection is kept: looking must cost the replica next to nothing. */
export function openPosition(context: PositionContext): LiveProbe {
  const { watch, tls } = context;
  const { host, port, login } = watch;
  let kept: Session | undefined;
  return {
    async ask(_n, signal) {
      const session = kept ?? (await connectTo(postgresDriver, { host, port, login, tls }, context, signal));
      kept = undefined;
      try {
        const [row] = await untilAborted(session.drop, signal, () => session.query(sql));
        // Two questions at once made two connections: one is enough.
        if (kept) session.drop();
        else kept = session;
        const position = row?.['position'];
        return typeof position === 'string' ? good(position) : bad('no position');
      } catch (error) {
        session.drop();
        return bad(whyOf(error, signal));
      }
    },
    close: () => kept?.drop(),
  };
}
