/**
 * Rung 2: what is verified is a copy that this run made. A verification of the source always passes and proves nothing, and a
 * mixed-up name is enough to make one. A physical copy has its source's system identifier, so it takes more to tell them
 * apart: a server process that started after recovery began, at an address where no target of the drill is. A replica of the
 * source is such a process too, and shows what the source has instead of what the backup had.
 */
import { msBetween, markNow } from '../../domain/clock.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { canonical } from '../../domain/json.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import { durationText } from '../../domain/time-text.ts';
import { addressesOf } from '../dns.ts';
import { textOf } from '../places.ts';
import type { VerifyInput } from './database.ts';
import type { ServerIdentity } from './engine.ts';
import type { Rung } from './rung.ts';

export const notTheSourceRung: Rung = async ({ input, engine, restored, source }, attempt) => {
  const { host, port } = restored.endpoint;
  const twin = await targetAt(input, restored.target, host, port);
  if (twin !== undefined) throw verifiesSource(`${host}:${port} is the address of target ${twin}`);

  const { copy, replication } = await restored.use(attempt, async (session) => ({
    copy: await engine.identity(session),
    replication: await engine.replication(session),
  }));
  if (source) {
    const original = await source.use(attempt, (session) => engine.identity(session));
    if (isSameProcess(copy, original)) {
      throw verifiesSource(
        `it is the same server process as ${source.target.name}, running for ${durationText(copy.uptimeMs)}`,
      );
    }
  }
  if (replication === 'follows') throw verifiesSource('it replicates from another server, which goes on sending');
  if (replication === 'replays') {
    return { done: false, saw: `${host}:${port} has not come to the end of its log: what it holds is still older` };
  }
  const began = input.recoveryBeganAt();
  if (!began) return { done: true, check: { holds: true, said: `${host}:${port} is no target of this drill.` } };
  const { ms: recoveringMs } = msBetween(began, markNow(input.clock));
  if (copy.uptimeMs > recoveringMs + copy.toleranceMs) {
    throw verifiesSource(
      `the server has been running for ${durationText(copy.uptimeMs)}, longer than the ${durationText(recoveringMs)} since recovery began`,
    );
  }
  const apart = source ? `, and is another process than ${source.target.name}` : '';
  const said = `The server started ${durationText(copy.uptimeMs)} ago, after recovery began (${durationText(recoveringMs)} ago)${apart}.`;
  return { done: true, check: { holds: true, said } };
};

const isSameProcess = (a: ServerIdentity, b: ServerIdentity): boolean =>
  a.id === b.id && Math.abs(a.startedMs - b.startedMs) <= Math.max(a.toleranceMs, b.toleranceMs);

/** Name of a declared target that listens there; but for the one that the drill restores onto. */
async function targetAt(
  { targets, params, env }: VerifyInput,
  restored: ResolvedTarget,
  host: string,
  port: number,
): Promise<string | undefined> {
  const addressOf = async (name: string): Promise<string> => (await addressesOf(name, env))?.[0] ?? name;
  const address = await addressOf(host);
  for (const { name, select, items } of targets) {
    const isRestoredOnto = name === restored.name && canonical(select) === canonical(restored.select);
    if (name === params.database || isRestoredOnto) continue;
    for (const { facts } of items) {
      const endpoint = textOf(facts['endpoint']);
      if (endpoint === '' || textOf(facts['port']) !== String(port)) continue;
      if (endpoint === host || (await addressOf(endpoint)) === address) return name;
    }
  }
  return undefined;
}

const verifiesSource = (found: string): FiredrillError =>
  new FiredrillError('verifies-source', `what would be verified was there before this run: ${found}`, {
    expected: 'a server that this run started, apart from every target of the drill',
    found,
    remedy: 'Give the step the output of the step that restores, and nothing that was there before.',
    provesNothing: true,
  });
