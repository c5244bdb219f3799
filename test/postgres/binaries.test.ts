import { execFileSync } from 'node:child_process';
import { chmod, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Program } from './program.ts';
import { installProgram } from './program.ts';
import type { Temporary } from './temporary.ts';
import { temporaryHome } from './temporary.ts';

let program: Program;
let temporary: Temporary;

beforeAll(async () => {
  [program, temporary] = await Promise.all([installProgram(), temporaryHome()]);
});
afterAll(async () => {
  await Promise.all([program.remove(), temporary.remove()]);
});

const script = `
  import { locateBinaries } from './postgres/binaries.js';
  const all = await Promise.all([1, 2, 3].map(() => locateBinaries(process.env.FIREDRILL_HOME)));
  console.log(JSON.stringify(all));
`;

interface Located {
  bin: string;
  lib: string;
  spawnAs?: { uid: number; gid: number };
}

async function locate(home: string): Promise<Located[]> {
  const command = await program.start(script, { env: { FIREDRILL_HOME: home } });
  const line = await command.line();
  expect(await command.ended, command.errors()).toBe(0);
  return JSON.parse(line!) as Located[];
}

it('stages one whole copy when the installation is closed or its links were never made', async () => {
  const links = JSON.parse(await readFile(join(program.postgres, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string;
  }[];
  for (const { target } of links) await rm(join(program.postgres, target), { force: true });
  await chmod(join(program.dir, 'node_modules'), 0o700);

  const found = (await Promise.all([locate(temporary.home), locate(temporary.home)])).flat();
  expect(new Set(found.map(({ bin }) => bin)).size).toBe(1);
  const [{ bin, spawnAs }] = found as [Located];
  expect(bin).toMatch(new RegExp(`^${temporary.home}/postgres-`));
  expect(await readdir(temporary.home)).toHaveLength(1);
  expect(execFileSync(join(bin, 'initdb'), ['--version'], { ...spawnAs, env: {}, cwd: '/' }).toString()).toMatch(
    /^initdb/,
  );
});

it('says what is missing when there is no package for the machine', async () => {
  const command = await program.start(
    `Object.defineProperty(process, 'arch', { value: 'sparc' });
     import { locateBinaries } from './postgres/binaries.js';
     await locateBinaries(process.env.FIREDRILL_HOME).catch((error) => console.log(JSON.stringify(error)));`,
    { env: { FIREDRILL_HOME: temporary.home } },
  );
  const error = JSON.parse((await command.line())!) as { code: string; remedy: string };
  expect(error).toMatchObject({ code: 'postgres-missing', found: 'linux on sparc' });
  expect(error.remedy).toContain('FIREDRILL_DATABASE_URL');
});
