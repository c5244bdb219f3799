/**
 * Rung 10: how long users would wait. A volume that was made from a snapshot fetches its blocks when they are first read, so the
 * first answer takes longer than the ones after it. What the rungs before have read is fetched already.
 */
import type { Clock } from '../../domain/clock.ts';
import { durationText } from '../../domain/time-text.ts';
import type { ReadSession } from './engine.ts';
import { queryMs } from './queries.ts';
import type { Rung } from './rung.ts';
import { checkOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { shorten } from './wording.ts';

const warmLooks = 5;

export const performanceRung: Rung = async ({ input, restored }, attempt) => {
  const measured: { sql: string; firstMs: number; warmMs: number }[] = [];
  const verdicts: Verdict[] = [];
  for (const { sql, first, warm } of input.params.performance!) {
    const limitMs = Math.min(queryMs, input.timeoutMs);
    const { firstMs, warmMs } = await restored.use(attempt, (session) => time(session, sql, input.clock), limitMs);
    measured.push({ sql, firstMs: round(firstMs), warmMs: round(warmMs) });
    verdicts.push(judge(sql, 'first', firstMs, first), judge(sql, 'warm', warmMs, warm));
  }
  const isUnbounded = input.params.performance!.every(({ first, warm }) => first === undefined && warm === undefined);
  return {
    done: true,
    outputs: { performance: measured },
    check: { ...checkOf(verdicts), ...(isUnbounded && { notShown: true }) },
  };
};

function judge(sql: string, kind: 'first' | 'warm', ms: number, limitMs: number | undefined) {
  const took = `'${shorten(sql, 80)}' ${kind} ${durationText(ms, 'up')}`;
  if (limitMs === undefined) return { holds: true, said: took };
  if (ms <= limitMs) return { holds: true, said: `${took} (at most ${durationText(limitMs)})` };
  const over = durationText(ms - limitMs, 'up');
  return { holds: false, said: `${took}, expected at most ${durationText(limitMs)}: ${over} slower` };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

async function time(session: ReadSession, sql: string, clock: Clock): Promise<{ firstMs: number; warmMs: number }> {
  const once = async (): Promise<number> => {
    const since = clock.monoNs();
    await session.query(sql);
    return Number(clock.monoNs() - since) / 1e6;
  };
  const firstMs = await once();
  const warm: number[] = [];
  for (let look = 0; look < warmLooks; look += 1) warm.push(await once());
  return { firstMs, warmMs: warm.sort((a, b) => a - b)[Math.floor(warmLooks / 2)]! };
}
