/** A command at a terminal: its reader goes away, its width. */
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { frameOf } from '../../src/cli/terminal-frame.ts';
import type { Io } from '../../src/cli/terminal-frame.ts';

const failing = (name: 'stdout' | 'stderr', code: string) => (): void => {
  const stream = (): EventEmitter => Object.assign(new EventEmitter(), { write: () => true });
  const io = { stdin: {}, stdout: stream(), stderr: stream() };
  frameOf(io as unknown as Io, {}, { color: false, setExit() {}, onPrint() {} });
  io[name].emit('error', Object.assign(new Error(code), { code }));
};

it.each(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'])('goes on when nobody reads any more (%s)', (code) => {
  expect(failing('stdout', code)).not.toThrow();
  expect(failing('stderr', code)).not.toThrow();
});

it('does not go on silently when its result is lost for another reason', () => {
  expect(failing('stdout', 'ENOSPC')).toThrow('ENOSPC');
});

it('goes on with what has to be done when its progress can not be written', () => {
  expect(failing('stderr', 'ENOSPC')).not.toThrow();
});

it('is as wide as its terminal says, and one that says 0 doesn’t know', () => {
  const stream = (columns?: number) => Object.assign(new EventEmitter(), { columns });
  const columnsOf = (stdout?: number, stderr?: number): number => {
    const io = { stdin: {}, stdout: stream(stdout), stderr: stream(stderr) } as unknown as Io;
    return frameOf(io, {}, { color: false, setExit() {}, onPrint() {} }).columns;
  };
  expect([columnsOf(60, 80), columnsOf(undefined, 80), columnsOf(0, 80), columnsOf(0, 0), columnsOf()]).toEqual([
    60, 80, 80, 100, 100,
  ]);
});
