/** A command whose reader goes away. */
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { frameOf } from '../../src/cli/terminal-frame.ts';
import type { Io } from '../../src/cli/terminal-frame.ts';

const failing = (code: string) => (): void => {
  const stream = (): EventEmitter => Object.assign(new EventEmitter(), { write: () => true });
  const stderr = stream();
  frameOf({ stdin: {}, stdout: stream(), stderr } as unknown as Io, {}, { color: false, setExit() {}, onPrint() {} });
  stderr.emit('error', Object.assign(new Error(code), { code }));
};

it.each(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'])('goes on when nobody reads any more (%s)', (code) => {
  expect(failing(code)).not.toThrow();
});

it('does not go on silently when what it says is lost for another reason', () => {
  expect(failing('ENOSPC')).toThrow('ENOSPC');
});
