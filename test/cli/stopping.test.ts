/** Commands about one run, stopped before they have touched it: it stays as it is, and their store's Postgres doesn't stay behind. */
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { carryOn } from '../../src/cli/carry-on.ts';
import { abort, approve } from '../../src/cli/decide.ts';
import { catchEarlyInterrupts } from '../../src/cli/early-interrupts.ts';
import type { EarlyInterrupts } from '../../src/cli/early-interrupts.ts';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { findServer } from '../../src/postgres/server.ts';
import { temporaryHome } from '../postgres/temporary.ts';
import { firedrill } from './support/firedrill.ts';
import type { Outcome } from './support/firedrill.ts';
import { testFrame } from './support/frame.ts';
import { listening } from './support/signals.ts';

let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  temporary = await temporaryHome();
  env = { FIREDRILL_HOME: temporary.home, FIREDRILL_LOG_LEVEL: 'silent' };
});
afterAll(() => temporary.remove());
afterEach(() => vi.restoreAllMocks());

/** The server of the store, if it runs. */
const server = async () => findServer(await locateBinaries(temporary.home), join(temporary.home, 'store'));

const frame = () => testFrame(env);
const commands: [name: string, run: (early: EarlyInterrupts) => Promise<void>][] = [
  ['approve', (early) => approve(frame(), 'r1', {}, early)],
  ['abort', (early) => abort(frame(), 'r1', {}, early)],
  ['resume', (early) => carryOn(frame(), 'r1', { json: false, undo: false }, early)],
  ['undo', (early) => carryOn(frame(), 'r1', { json: false, undo: true }, early)],
];

it.each(commands)('%s ends its store when it is stopped while that starts', async (_, run) => {
  const on = new EventEmitter();
  const early = catchEarlyInterrupts({ say: () => undefined, leave: () => undefined }, { on });
  const running = run(early);
  on.emit('SIGINT', 'SIGINT');
  await expect(running).rejects.toMatchObject({ code: 'stopped' });
  expect(await server()).toBeUndefined();
});

async function begin(
  ...args: string[]
): Promise<{ signal: (signal: NodeJS.Signals) => void; ended: Promise<Outcome> }> {
  let ended: Promise<Outcome> | undefined;
  const signal = await listening(() => void (ended = firedrill(args, { env })));
  return { signal, ended: ended! };
}

describe.each(['approve', 'abort', 'resume', 'undo'])('firedrill %s', (command) => {
  it.each(['SIGINT', 'SIGTERM'] as const)('is stopped by %s, and says that the run is as it was', async (name) => {
    const { signal, ended } = await begin(command, 'r1', '--json');
    signal(name);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('run r1 stays as it is') });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'stopped', message: expect.stringContaining('stopped before run r1 was touched') },
    });
  });
});

it('a second Ctrl-C leaves at once, and with --json that is the document, too', async () => {
  const exits: unknown[] = [];
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`left with ${exits.push(code)}`);
  });
  const { signal, ended } = await begin('undo', 'r1', '--json');
  signal('SIGINT');
  expect(() => signal('SIGINT')).toThrow('left with');
  expect(exits).toEqual([4]);
  const { stdout } = await ended;
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'stopped' } });
});
