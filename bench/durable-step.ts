/** A step of a run, as it stands in the log, against the bare commits that it needs: begun, applied, settled. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/app/system-clock.ts';
import { markNow } from '../src/domain/clock.ts';
import type { EventBody } from '../src/domain/event.ts';
import { createLog } from '../src/log/log.ts';
import { prepareLogTables } from '../src/log/schema.ts';
import { openStore } from '../src/postgres/store.ts';
import { advance, begin } from '../src/run/next.ts';
import { planOf } from '../test/run/estate.ts';
import type { Row } from './table.ts';
import { median, summary } from './table.ts';

const steps = 300;

export async function durableStep(): Promise<Row[]> {
  const home = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  const store = await openStore({ home });
  try {
    await prepareLogTables(store.pool);
    await store.pool.query('CREATE TABLE bare (n int PRIMARY KEY, body text)');
    const bare: number[] = [];
    const durable: number[] = [];
    const log = createLog(store.pool);
    const clock = systemClock();
    const sketch = Array.from({ length: steps }, (_, i) => ({ id: `s${i}`, uses: 'set' }));
    const mark = () => markNow(clock);
    const first = {
      type: 'run.started' as const,
      plan: planOf({ recover: sketch }),
      startedBy: 'b',
      toolVersion: '0',
      mark: mark(),
    };
    let state = begin(await log.append('bench', { seq: 0, hash: '0'.repeat(64) }, first));
    const append = async (body: EventBody): Promise<void> => {
      state = advance(state, await log.append('bench', state.head, { ...body, mark: mark() }));
    };
    for (let i = 0; i < steps; i += 1) {
      const [step, part] = [`s${i}`, 'value'];
      durable.push(
        await timed(async () => {
          await append({ type: 'step.begun', step, part, key: step, before: 'a', after: 'b', touches: step });
          await append({ type: 'step.applied', step, part });
          await append({ type: 'step.settled', step, part, awsCalls: 3 });
        }),
      );
      bare.push(
        await timed(async () => {
          for (let n = 0; n < 3; n += 1) {
            await store.pool.query({
              name: 'bare',
              text: 'INSERT INTO bare VALUES ($1, $2)',
              values: [i * 3 + n, 'x'.repeat(200)],
            });
          }
        }),
      );
    }
    return [
      { what: 'three bare commits', ...summary(bare, 'ms') },
      { what: 'a durable step (begun, applied, settled)', ...summary(durable, 'ms') },
      {
        what: 'durable step against bare commits',
        figure: `${(median(durable) / median(bare)).toFixed(2)} x`,
        aim: '< 2 x',
      },
    ];
  } finally {
    await store.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
