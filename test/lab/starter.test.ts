import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { leftAlone, stay } from '../../src/lab/starter.ts';

/** Whether it is over once everything that was on its way has arrived. */
async function endsWith(hang: (input: PassThrough) => void): Promise<boolean> {
  const input = new PassThrough();
  let over = false;
  void leftAlone(input).then(() => (over = true));
  const closed = new Promise((resolve) => input.once('close', resolve));
  hang(input);
  await closed;
  await new Promise(setImmediate);
  return over;
}

it('a lab ends when its starter goes, however it does', async () => {
  expect(await endsWith((input) => input.end())).toBe(true);
  expect(await endsWith((input) => input.end('sta'))).toBe(true);
  expect(await endsWith((input) => input.destroy(new Error('ECONNRESET')))).toBe(true);
});

it('a lab lives on when its starter said so before, in however many pieces that comes', async () => {
  expect(await endsWith((input) => input.end(stay))).toBe(false);
  expect(
    await endsWith((input) => {
      for (const letter of stay) input.write(letter);
      input.end();
    }),
  ).toBe(false);
});

it('a starter that is there says nothing of the end', async () => {
  const input = new PassThrough();
  let over = false;
  void leftAlone(input).then(() => (over = true));
  input.write(stay);
  await new Promise(setImmediate);
  expect(over).toBe(false);
  input.destroy();
});
