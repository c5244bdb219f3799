import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDefinition } from '../../src/definition/files.ts';
import { edited, sample, validate } from './samples.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'firedrill-definition-'));
  await mkdir(join(root, 'project/drills/scripts'), { recursive: true });
  await writeFile(join(root, 'project/package.json'), '{}');
  await writeFile(join(root, 'project/drills/scripts/restore.sh'), '');
  await writeFile(join(root, 'project/drills/scripts/schema.json'), '{}');
});
afterEach(() => rm(root, { recursive: true }));

async function codesOf(text: string, file = 'project/drills/drill.yaml'): Promise<string[]> {
  const path = join(root, file);
  await writeFile(path, text);
  const loaded = await loadDefinition(path);
  return validate(loaded.text, loaded).diagnostics.map(({ code }) => code);
}

const restore = sample('restore');

describe('the files of a definition', () => {
  it('may be anywhere in the project', async () => {
    expect(await codesOf(restore)).toEqual([]);
    await writeFile(join(root, 'project/restore.sh'), '');
    expect(await codesOf(restore.replace('scripts/restore.sh', '../restore.sh'))).toEqual([]);
  });

  it('must be there', async () => {
    await rm(join(root, 'project/drills/scripts/restore.sh'));
    expect(await codesOf(restore)).toEqual(['no-such-file']);
  });

  it('are files, and no directories', async () => {
    expect(await codesOf(restore.replace('scripts/restore.sh', 'scripts'))).toEqual(['no-such-file']);
  });

  it('are refused where they can not be read, with the reason', () => {
    const read = (): never => {
      throw new Error('EACCES: permission denied');
    };
    const { diagnostics } = validate(edited('restore', [['schema: scripts/schema.json\n', 'schema: source\n']]), {
      project: { directory: '', read },
    });
    expect(diagnostics.filter(({ code }) => code === 'file-unreadable')).toMatchObject([
      { message: "can't read 'scripts/restore.sh': EACCES: permission denied" },
    ]);
  });

  it('may not lie above the project, also not over a link', async () => {
    await writeFile(join(root, 'outside.sh'), '');
    expect(await codesOf(restore.replace('scripts/restore.sh', '../../outside.sh'))).toEqual(['path-outside-project']);
    await symlink(join(root, 'outside.sh'), join(root, 'project/drills/linked.sh'));
    expect(await codesOf(restore.replace('scripts/restore.sh', 'linked.sh'))).toEqual(['no-such-file']);
  });

  it('may not be larger than what a plan can hold', async () => {
    await writeFile(join(root, 'project/drills/scripts/restore.sh'), '#'.repeat(64_001));
    expect(await codesOf(restore)).toEqual(['file-too-large']);
  });

  it('include the estate that the drill names', async () => {
    await writeFile(join(root, 'project/estate.yaml'), 'apiVersion: firedrill/v1\nkind: Estate\nlab: {}\n');
    const text = restore.replace('lab:', 'estate: ../estate.yaml\nlab:');
    expect(await codesOf(text)).toEqual(['unknown-key']);
    const loaded = await loadDefinition(join(root, 'project/drills/drill.yaml'));
    expect(loaded.estate!.file).toBe(join(root, 'project/estate.yaml'));
  });

  it('are refused with a remedy when the definition itself can not be read', async () => {
    const missing = join(root, 'none.yaml');
    await expect(loadDefinition(missing)).rejects.toMatchObject({
      code: 'definition-unreadable',
      message: `can't read ${missing}: no such file`,
      remedy: expect.any(String) as string,
    });
    await expect(loadDefinition(join(root, 'nowhere/none.yaml'))).rejects.toMatchObject({
      message: expect.stringContaining(`no directory ${join(root, 'nowhere')}`) as string,
    });
    await writeFile(join(root, 'huge.yaml'), '#'.repeat(1_000_001));
    await expect(loadDefinition(join(root, 'huge.yaml'))).rejects.toMatchObject({ code: 'definition-unreadable' });
  });

  it('are read no further than a definition goes, where they never end', async () => {
    await expect(loadDefinition('/dev/zero')).rejects.toMatchObject({
      code: 'definition-unreadable',
      message: '/dev/zero is larger than any drill',
    });
  });

  it('are looked for beside a name that is nearly right, and in a directory', async () => {
    const drills = join(root, 'project/drills');
    await expect(loadDefinition(drills)).rejects.toMatchObject({ remedy: 'It holds no .yaml file.' });
    await writeFile(join(drills, 'failover.yaml'), restore);
    await expect(loadDefinition(join(drills, 'failovr.yaml'))).rejects.toMatchObject({
      remedy: `Did you mean ${join(drills, 'failover.yaml')}?`,
    });
    await expect(loadDefinition(drills)).rejects.toMatchObject({
      code: 'definition-unreadable',
      message: `can't read ${drills}: it is a directory`,
      remedy: `Name the files in it: ${drills}/*.yaml`,
    });
  });
});
