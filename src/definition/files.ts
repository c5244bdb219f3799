/** Fetches a definition and what belongs to it from disk, for readDefinition. It only reads. */
import { createReadStream, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { estateNamedIn } from './definition.ts';
import type { ProjectFiles } from './project.ts';
import { checkPath } from './project.ts';
import { Report } from './diagnostic.ts';
import type { Source } from './source.ts';
import { suggest } from './suggest.ts';

export interface DefinitionFiles extends Source {
  estate?: Source;
  project: ProjectFiles;
}

/** Largest definition that is read, bytes. */
const largest = 1_000_000;

/**
 * @param file path as the user gave it; it appears so in messages
 * @throws UsageError `definition-unreadable` when the file can't be read
 */
export async function loadDefinition(file: string): Promise<DefinitionFiles> {
  const text = await readText(file);
  const directory = dirname(resolve(file));
  const root = projectRootOf(directory);
  const project: ProjectFiles = {
    directory: relative(root, directory).split(sep).join('/'),
    exists: (path) => isWithin(root, resolve(directory, path)),
    read(path, largestBytes) {
      const at = resolve(directory, path);
      const bytes = statSync(at).size;
      return bytes > largestBytes ? { bytes } : { bytes, content: readFileSync(at, 'utf8') };
    },
  };
  const named = estateNamedIn({ file, text });
  if (named === undefined || !isNameable(named, project)) return { file, text, project };
  // As the user would write it: beside the file that names it.
  const path = join(dirname(file), named);
  return { file, text, estate: { file: path, text: await readText(path) }, project };
}

async function readText(file: string): Promise<string> {
  const bytes = await bytesOf(file).catch(async (cause: NodeJS.ErrnoException) => {
    throw await unreadable(file, cause);
  });
  if (bytes.length > largest) {
    throw new UsageError('definition-unreadable', `${file} is larger than any drill`, {
      expected: `at most ${largest} bytes`,
      found: 'more',
      remedy: 'Name a file with a drill definition.',
    });
  }
  return bytes.toString('utf8');
}

/** A byte more than the largest, at most: a device or a pipe may never end. */
async function bytesOf(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { end: largest })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Why a file can't be read, and which one was probably meant. */
async function unreadable(file: string, cause: NodeJS.ErrnoException): Promise<UsageError> {
  const refused = (found: string, remedy: string): UsageError =>
    new UsageError('definition-unreadable', `can't read ${file}: ${found}`, { remedy, cause });
  if (cause.code === 'EISDIR') {
    const there = await definitionsIn(file);
    const remedy = there.length > 0 ? `Name the files in it: ${join(file, '*.yaml')}` : 'It holds no .yaml file.';
    return refused('it is a directory', remedy);
  }
  if (cause.code !== 'ENOENT') return refused(cause.message, 'Name a file with a drill definition.');
  const directory = dirname(file);
  const meant = suggest(basename(file), await definitionsIn(directory));
  const found = existsSync(directory) ? 'no such file' : `no directory ${directory}`;
  const remedy =
    meant === undefined ? 'Name a file with a drill definition.' : `Did you mean ${join(directory, meant)}?`;
  return refused(found, remedy);
}

/** None where they can't be listed: they are only a hint. */
async function definitionsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => /\.ya?ml$/.test(name));
}

/** The nearest directory above that is the root of something; else the definition's own. */
function projectRootOf(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git')) || existsSync(join(at, 'package.json'))) return at;
    if (at === dirname(at)) return directory;
  }
}

/** Whether there is such a file, no directory or device, and, links followed, it lies in the project. */
function isWithin(root: string, path: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false;
  const [realRoot, realPath] = [realpathSync(root), realpathSync(path)];
  return realPath.startsWith(realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`);
}

function isNameable(path: string, project: ProjectFiles): boolean {
  const nowhere = { source: { file: '', text: '' }, start: 0, end: 0 };
  return checkPath(project, { kind: 'text', text: path, at: nowhere }, new Report()) !== undefined;
}
