/**
 * The verification ladder: from "it lets one log in" to "every value is there", one part for each rung that a drill asks for.
 * A rung says one sentence with figures. One that doesn't hold doesn't keep the ones above from looking, except where looking
 * further would be looking at something else: a refused login, a missing database, the source instead of the copy.
 */
import type { Portion } from '../../domain/catalogue.ts';
import type { Attempt, Part, Progress } from '../../domain/part.ts';
import { onlyItem } from '../places.ts';
import { checksumsRung } from './checksums.ts';
import { connectsRung } from './connects.ts';
import { Database, progressOf } from './database.ts';
import type { VerifyInput } from './database.ts';
import type { Engine } from './engine.ts';
import { freshnessRung } from './freshness.ts';
import type { Manifest } from './manifest.ts';
import { readManifest } from './manifest.ts';
import { negativeControlRung } from './negative-control.ts';
import { notTheSourceRung } from './not-the-source.ts';
import { asksForRows } from './params.ts';
import { performanceRung } from './performance.ts';
import { queriesRung } from './queries.ts';
import type { Looking, Rung } from './rung.ts';
import { rowsRung } from './rows.ts';
import { schemaRung } from './schema.ts';
import { sequencesRung } from './sequences.ts';
import { versionRung } from './version.ts';

type IsAskedFor = (params: VerifyInput['params'], engine: Engine) => boolean;

/** The rungs in their order, each with whether the drill asks for it. */
const rungs: readonly [name: string, look: Rung, isAskedFor: IsAskedFor][] = [
  ['connects', connectsRung, () => true],
  ['not-the-source', notTheSourceRung, () => true],
  ['version', versionRung, () => true],
  ['schema', schemaRung, ({ schema }) => schema !== undefined],
  [
    'rows',
    rowsRung,
    ({ tables = {}, manifest, source }) =>
      Object.values(tables).some(asksForRows) || manifest !== undefined || source !== undefined,
  ],
  [
    'checksums',
    checksumsRung,
    ({ tables = {} }) => Object.values(tables).some(({ checksum }) => checksum !== undefined),
  ],
  ['sequences', sequencesRung, (_, engine) => engine.sequences !== undefined],
  ['freshness', freshnessRung, ({ freshness }) => freshness !== undefined],
  ['queries', queriesRung, ({ queries = [] }) => queries.length > 0],
  ['performance', performanceRung, ({ performance = [] }) => performance.length > 0],
  ['negative-control', negativeControlRung, () => true],
];

/**
 * Rungs that wait for a server that isn't up yet, or replays its log: until it lets one in and has come to the end, the data isn't
 * back, whatever the step before said. What they ask it themselves takes a moment.
 */
const awaitsServer: ReadonlySet<string> = new Set(['connects', 'not-the-source']);

/** Which portion of a restore's time each rung is. */
export const portionsOfRungs = (engine: Engine): Readonly<Record<string, Portion>> =>
  Object.fromEntries(
    rungs
      .filter(([name]) => name !== 'sequences' || engine.sequences !== undefined)
      .map(([name]) => [name, awaitsServer.has(name) ? 'restore' : 'verify']),
  );

export function ladderOf(input: VerifyInput, engine: Engine): Part[] {
  const { params, pollMs } = input;
  const restored = new Database(input, engine, 'restored', input.target(params.database));
  const source = params.source === undefined ? undefined : input.target(params.source);
  let manifest: Promise<Manifest> | undefined;
  const looking: Looking = {
    input,
    engine,
    restored,
    ...(source && { source: new Database(input, engine, 'source', source) }),
    async manifest({ signal }) {
      if (params.manifest === undefined) return undefined;
      manifest ??= readManifest(input, input.target(params.manifest), signal);
      try {
        return await manifest;
      } catch (error) {
        manifest = undefined;
        throw error;
      }
    },
  };
  const touches = onlyItem(restored.target).id || restored.target.name;
  return rungs.flatMap(([name, look, isAskedFor]): Part[] => {
    if (!isAskedFor(params, engine)) return [];
    const poll = (attempt: Attempt): Promise<Progress> => look(looking, attempt).catch(progressOf);
    return [{ shape: 'observe', name, touches, pollMs, poll }];
  });
}
