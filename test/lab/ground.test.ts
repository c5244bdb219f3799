import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressTaken, takeDirectory, takeNetwork } from '../../src/lab/ground.ts';
import type { Answering } from '../../src/lab/machines/dns-server.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'firedrill-ground-'));
});
afterEach(() => rm(home, { recursive: true }));
const refuse: Answering = () => ({ rcode: 'REFUSED', answers: [], authority: [] });

describe("a lab's directory", () => {
  it('can be passed by other users, and not listed', async () => {
    const directory = await takeDirectory(home);
    expect((await stat(directory)).mode & 0o777).toBe(0o711);
  });

  it('goes when its lab is gone, and stays while that lives', async () => {
    const own = await takeDirectory(home);
    // This pid lives, but began at another time: the number was given out again.
    await mkdir(join(home, `lab-${process.pid}-1-abcdef`));
    await mkdir(join(home, `lab-${2 ** 22 + 1}-1-abcdef`));
    await mkdir(join(home, 'postgres-18'));
    const next = await takeDirectory(home);
    const expected = [own, next, join(home, 'postgres-18')].map((path) => path.slice(home.length + 1));
    expect((await readdir(home)).toSorted()).toEqual(expected.toSorted());
  });
});

describe("a lab's network", () => {
  it('is held by one lab at a time', async () => {
    const [one, two] = await Promise.all([takeNetwork(refuse), takeNetwork(refuse)]);
    expect(one.network).not.toBe(two.network);
    expect(one.dns.host).toBe(`127.${one.network}.0.2`);
    await Promise.all([one.dns.close(), two.dns.close()]);
  });

  it('is not one in which something still runs that a killed lab has left', async () => {
    const held = await takeNetwork(refuse);
    const left = createServer().listen(0, `127.${held.network}.7.9`);
    await once(left, 'listening');
    await held.dns.close();
    const next = await takeNetwork(refuse);
    expect(next.network).not.toBe(held.network);
    left.close();
    await Promise.all([once(left, 'close'), next.dns.close()]);
  });
});

describe('an address that is taken', () => {
  it('is named together with the way out; other errors are left alone', async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as { port: number };
    const second = createServer().listen(port, '127.0.0.1');
    const [error] = (await once(second, 'error')) as [Error];
    expect(addressTaken(error)).toMatchObject({
      code: 'lab-address-taken',
      message: `port ${port} of 127.0.0.1 is taken by another program`,
      remedy: expect.stringContaining(`:${port}`),
    });
    expect(addressTaken(new Error('else'))).toBeUndefined();
    first.close();
    await once(first, 'close');
  });
});
