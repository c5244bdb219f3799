/** What is said while a command works and has nothing to show yet. */
import { expect, it } from 'vitest';
import { during } from '../../src/cli/progress.ts';

function told(live: boolean) {
  const lines: string[] = [];
  let drawn = '';
  let nowMs = 0;
  const frame = { live, columns: 30, err: (text: string) => void lines.push(text) };
  const means = { write: (text: string) => void (drawn += text), now: () => nowMs, everyMs: 1 };
  const at = (ms: number) => void (nowMs = ms);
  return { frame, means, at, lines, drawn: () => drawn };
}

function pending() {
  let settle!: { resolve: (value: string) => void; reject: (error: Error) => void };
  const work = new Promise<string>((resolve, reject) => (settle = { resolve, reject }));
  return { work, ...settle };
}

it('without a terminal a line stands at the beginning, now and then, and at the end', async () => {
  const { frame, means, at, lines, drawn } = told(false);
  const { work, resolve } = pending();
  const done = during(frame, { doing: 'starting the lab', done: 'the lab is up' }, work, means);
  expect(lines).toEqual(['starting the lab ...']);
  at(10_400);
  await expect.poll(() => lines.length).toBeGreaterThan(1);
  expect(lines[1]).toBe('still starting the lab after 10 s');
  resolve('lab');
  expect(await done).toBe('lab');
  expect(lines.at(-1)).toBe('the lab is up after 10.4 s');
  expect(drawn()).toBe('');
});

it('on a terminal one line counts the seconds, fits, and is gone in the end', async () => {
  const { frame, means, at, lines, drawn } = told(true);
  const { work, resolve } = pending();
  const done = during(frame, { doing: 'starting a lab with a long name' }, work, means);
  at(2_300);
  await expect.poll(drawn).toContain('\u001b[2Kstarting a lab with a long n…\r');
  resolve('');
  await done;
  expect(drawn()).toMatch(/\[2K$/);
  expect(lines).toEqual([]);
});

it('is silent, and clears its line, once the work has failed', async () => {
  const { frame, means, lines, drawn } = told(true);
  const failed = during(frame, { doing: 'planning', done: 'planned' }, Promise.reject(new Error('no')), means);
  await expect(failed).rejects.toThrow('no');
  expect(drawn()).toMatch(/\[2K$/);
  expect(lines).toEqual([]);
});
