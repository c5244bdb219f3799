/** A command at a terminal: its reader goes away, its width. */
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { frameOf } from '../../src/cli/terminal-frame.ts';
import type { Io } from '../../src/cli/terminal-frame.ts';

const leave = (why: Error): never => {
  throw why;
};

/** Takes nothing, for this reason. */
const broken = (code: string): Writable =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: told`), { code })) });

/** Takes everything, and remembers it. */
function paper(): { stream: Writable; text: () => string } {
  let text = '';
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    text += chunk.toString();
    done();
  };
  return { stream: new Writable({ write }), text: () => text };
}

function framed(stdout: Writable, stderr: Writable) {
  const exits: number[] = [];
  const io = { stdin: {}, stdout, stderr } as unknown as Io;
  const frame = frameOf(io, {}, { color: false, setExit: (code) => void exits.push(code), onPrint() {}, leave });
  return { frame, exits };
}

it.each(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'])('goes on quietly when nobody reads any more (%s)', async (code) => {
  const said = paper();
  const { frame, exits } = framed(broken(code), said.stream);
  frame.out('the result');
  frame.out('more of it');
  expect(await frame.written()).toBe(false);
  expect({ exits, said: said.text() }).toEqual({ exits: [], said: '' });
});

it('says once that its result is lost for another reason, and fails', async () => {
  const said = paper();
  const { frame, exits } = framed(broken('ENOSPC'), said.stream);
  frame.out('the result');
  frame.out('more of it');
  expect(await frame.written()).toBe(false);
  expect({ exits, said: said.text() }).toEqual({
    exits: [1],
    said: 'error: the result could not be written to stdout: ENOSPC: told\n',
  });
});

it('goes on with what has to be done when its progress can not be written', async () => {
  const printed = paper();
  const { frame, exits } = framed(printed.stream, broken('ENOSPC'));
  frame.err('still at it');
  frame.out('the result');
  expect(await frame.written()).toBe(true);
  expect({ exits, printed: printed.text() }).toEqual({ exits: [], printed: 'the result\n' });
});

it('is as wide as its terminal says, and one that says 0 doesn’t know', () => {
  const stream = (columns?: number) => Object.assign(new EventEmitter(), { columns });
  const columnsOf = (stdout?: number, stderr?: number): number => {
    const io = { stdin: {}, stdout: stream(stdout), stderr: stream(stderr) } as unknown as Io;
    return frameOf(io, {}, { color: false, setExit() {}, onPrint() {}, leave }).columns;
  };
  expect([columnsOf(60, 80), columnsOf(undefined, 80), columnsOf(0, 80), columnsOf(0, 0), columnsOf()]).toEqual([
    60, 80, 80, 100, 100,
  ]);
});
