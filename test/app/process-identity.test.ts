/** Whether a process is gone, told from real ones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { identify, isGone } from '../../src/app/process-identity.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import type { ProcessIdentity } from '../../src/domain/event.ts';

const clock = systemClock();
let own: ProcessIdentity;
let dead: ProcessIdentity;

beforeAll(async () => {
  own = (await identify(clock, process.pid))!;
  const child = spawn('sleep', ['1000']);
  await once(child, 'spawn');
  dead = (await identify(clock, child.pid!))!;
  expect(await isGone(clock, dead)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'close');
});

describe('a process', () => {
  it('is not gone while it lives', async () => {
    expect(await isGone(clock, own)).toBe(false);
  });

  it('is gone when it was killed, and has no identity any more', async () => {
    expect(await isGone(clock, dead)).toBe(true);
    expect(await identify(clock, dead.pid)).not.toEqual(dead);
  });

  it('is gone when another has its pid', async () => {
    expect(await isGone(clock, { ...own, startTicks: '1' })).toBe(true);
  });

  it('is gone when its machine was booted since', async () => {
    expect(await isGone(clock, { ...dead, boot: 'boot-1', pidSpace: 'pid:[1]' })).toBe(true);
  });

  it.each<[string, Partial<ProcessIdentity>]>([
    ['on another machine', { host: 'elsewhere' }],
    ['on another machine that was booted since', { host: 'elsewhere', boot: 'boot-1' }],
    ['in another container', { pidSpace: 'pid:[1]' }],
  ])('may live where it can not be seen: %s', async (_, where) => {
    expect(await isGone(clock, { ...dead, ...where })).toBe(false);
  });
});
