/** Signals before a run has begun: everything that was begun to start is ended, and a second one doesn't wait for that. */
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { catchEarlyInterrupts, preparing, runUntouched } from '../../src/cli/early-interrupts.ts';
import { explain } from '../../src/cli/explain.ts';

function caught() {
  const on = new EventEmitter();
  const exits: number[] = [];
  let said = '';
  const say = (text: string): void => void (said += `${text}\n`);
  const leave = (why: unknown): void => void exits.push(explain(why).code);
  const early = catchEarlyInterrupts({ say, leave }, { on });
  return { early, on, send: (signal: NodeJS.Signals) => on.emit(signal, signal), exits, said: () => said };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops what is being prepared, and ends with 4',
  async (signal) => {
    const { early, send, exits, said } = caught();
    const preparing = early.unlessStopped(new Promise(() => undefined));
    send(signal);
    const error = await preparing.catch((reason: unknown) => reason);
    expect(explain(error)).toMatchObject({ code: 4, text: expect.stringContaining('nothing to undo') });
    expect({ aborted: early.signal.aborted, exits }).toEqual({ aborted: true, exits: [] });
    expect(said()).toContain('Once more leaves at once');
  },
);

it('a second Ctrl-C leaves at once; a terminal that closes says nothing more', () => {
  const { send, exits } = caught();
  send('SIGINT');
  send('SIGHUP');
  expect(exits).toEqual([]);
  send('SIGINT');
  expect(exits).toEqual([4]);
});

it('one that came while nobody waited is told when the run would begin', () => {
  const { early, send } = caught();
  send('SIGINT');
  expect(() => early.over()).toThrow(/stopped before anything was touched/);
});

it('is in nobody’s way once the run begins, and gives what was prepared', async () => {
  const { early, on } = caught();
  expect(await early.unlessStopped(Promise.resolve('plan'))).toBe('plan');
  early.over();
  expect(on.eventNames()).toEqual([]);
});

const leave = (why: Error): never => {
  throw why;
};

it('what a command loads can be stopped, too, and signals are let be in the end', async () => {
  const on = new EventEmitter();
  let said = '';
  const preparation = preparing(
    { err: (text) => void (said += text), leave },
    async (early) => {
      on.emit('SIGTERM', 'SIGTERM');
      await early.unlessStopped(new Promise(() => undefined));
    },
    { on },
  );
  await expect(preparation).rejects.toMatchObject({ code: 'stopped' });
  expect(said).toContain('nothing has been touched');
  expect(on.eventNames()).toEqual([]);
});

it('signals are let be also after a command that could not be prepared', async () => {
  const on = new EventEmitter();
  const broken = new Error('no such drill');
  await expect(preparing({ err: () => undefined, leave }, () => Promise.reject(broken), { on })).rejects.toBe(broken);
  expect(on.eventNames()).toEqual([]);
});

it('one that comes too late is told so and stops nothing; one more leaves', async () => {
  const { early, send, exits, said } = caught();
  early.tooLate();
  send('SIGINT');
  expect(said()).toContain('it is being done already, and ends in a moment. Once more leaves at once.');
  expect(await early.unlessStopped(Promise.resolve('done'))).toBe('done');
  send('SIGHUP');
  expect(exits).toEqual([]);
  send('SIGINT');
  expect(exits).toEqual([4]);
  early.over();
});

it('it is never too late for one that came in time', () => {
  const { early, send } = caught();
  send('SIGINT');
  expect(() => early.tooLate()).toThrow(/stopped before anything was touched/);
});

it('says of a command about a run that the run stays as it is', async () => {
  const on = new EventEmitter();
  let said = '';
  const stopped = preparing(
    { err: (text) => void (said += text), leave },
    (early) => {
      on.emit('SIGINT', 'SIGINT');
      return early.unlessStopped(new Promise(() => undefined));
    },
    { on, untouched: runUntouched('r1') },
  );
  await expect(stopped).rejects.toThrow('stopped before run r1 was touched; it is as it was');
  expect(said).toContain('stopping; run r1 stays as it is');
});
